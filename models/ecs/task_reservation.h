#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/units.h"

namespace plimsoll::ecs {

/// Task-level cpu: CPU units ("1024") or vCPUs ("1 vCPU", ".5 vcpu"), in CPU units. Whole units only.
/// Source: API RegisterTaskDefinition; documented.
Parsed<std::int64_t> parse_task_cpu(std::string_view text);
/// Task-level memory: MiB ("512") or GB ("0.5 GB", "2GB"), in MiB; one GB is 1,024 MiB here. Documented, as above.
Parsed<std::int64_t> parse_task_memory(std::string_view text);

/// Sizes of one container as the task definition gives them; MiB and CPU units.
struct ContainerSize {
  std::string name;
  std::int64_t cpu = 0;                            ///< 0 and 1 mean the least share; 0 reserves nothing
  std::optional<std::int64_t> memory;              ///< hard limit
  std::optional<std::int64_t> memory_reservation;  ///< soft limit
  bool essential = true;
};

struct TaskSize {
  std::optional<std::int64_t> cpu;     ///< CPU units
  std::optional<std::int64_t> memory;  ///< MiB
  std::vector<ContainerSize> containers;
};

/// What a task takes from a container instance, and what CPUReservation and MemoryReservation count.
struct TaskReservation {
  std::int64_t cpu = 0;     ///< CPU units
  std::int64_t memory = 0;  ///< MiB
};

/// cpu = task level if set, else the sum over containers; memory = task level if set, else the sum of memoryReservation
/// (or memory where there is none).
/// Source: Amazon ECS Developer Guide, "Task definition parameters"; documented; that the task level has precedence for
/// placement: our reading. @pre size_errors is empty.
TaskReservation task_reservation(const TaskSize& size);

/// Why ECS refuses the sizes, one sentence each: no container, no essential container, no memory at either level,
/// memory not above memoryReservation, containers that together pass the task level, values out of range. Source: API
/// ContainerDefinition; getmoto/moto moto/ecs/models.py (memory at neither level); documented.
struct SizeError {
  std::optional<std::size_t> container;  ///< index, absent for the task itself
  std::string_view field;                ///< "memory", "cpu", "essential", ...
  std::string message;
};
std::vector<SizeError> size_errors(const TaskSize& size);

/// Hard memory limit of the whole task in MiB: the task level, else the sum of hard limits when every container has
/// one; nothing when a container may grow to the whole host. Documented, as above.
std::optional<std::int64_t> task_memory_limit(const TaskSize& size);

}  // namespace plimsoll::ecs
