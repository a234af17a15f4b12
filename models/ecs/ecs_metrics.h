#pragma once

#include <cstdint>
#include <optional>

#include "sim/core/units.h"

namespace plimsoll::ecs {

/// 100 x amount / base in percent; nothing when the base is 0 (no datapoint: the alarm sees missing data).
///  - CPUReservation, MemoryReservation, GPUReservation of a cluster: reserved by running tasks over registered on
///  ACTIVE
///    and DRAINING instances (EC2 tasks only)
///  - CPUUtilization, MemoryUtilization of a cluster: used over registered (EC2 only)
/// Source: Amazon ECS Developer Guide, "Amazon ECS CloudWatch metrics"; documented.
std::optional<double> metric_percent(std::int64_t amount, std::int64_t base);

/// CPUUtilization or MemoryUtilization of a service: used by its tasks over what the task definition gives times the
/// running tasks. It passes 100 when CPU is given as container shares or memory as a reservation. Documented, as above.
std::optional<double> service_utilization(std::int64_t used, std::int64_t per_task, std::int64_t running_tasks);

/// What the console shows of a percentage: whole percents, cut off. Documented by its example (55.6 shown as 55).
std::int64_t displayed_percent(std::int64_t amount, std::int64_t base);

/// MEMORY that the agent registers: MemTotal of the operating system in whole MiB less ECS_RESERVED_MEMORY; nothing
/// when that is negative (registration fails). Source: aws/amazon-ecs-agent ecs-agent/api/ecs/client/ecs_client.go;
/// Amazon ECS Developer Guide, "Container instance memory management" (8,373,026,816 bytes are 7,985 MiB); documented.
std::optional<std::int64_t> registered_memory_mib(std::int64_t mem_total_bytes, std::int64_t reserved_mib = 0);

/// MemTotal of an instance of nominal size when no measured value is known: `share` of it, whole MiB. Our reading, from
/// documented samples between 0.975 and 0.982 (m4.large 7,985 of 8,192; c4.4xlarge 30,158 of 30,720; c4.large 3,768).
std::int64_t estimated_mem_total_mib(std::int64_t nominal_mib, Ppm share = Ppm{975'000});

}  // namespace plimsoll::ecs
