#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/ecs/api/placement_fields.h"
#include "models/ecs/placement.h"
#include "models/ecs/task_reservation.h"
#include "sim/core/time.h"
#include "sim/core/units.h"
#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::ecs::api {

enum class NetworkMode : std::uint8_t { bridge, host, awsvpc, none, windows_default };
/// "bridge", "host", "awsvpc", "none", "default".
std::string_view to_string(NetworkMode mode);

struct PortMapping {
  std::string name;
  std::int64_t container_port = 0;
  std::int64_t last_container_port = 0;   ///< of a containerPortRange; else container_port
  std::optional<std::int64_t> host_port;  ///< as written; 0 or absent: dynamic in bridge, the container port elsewhere
  PortProtocol protocol = PortProtocol::tcp;
};

/// SOURCE of ranges and defaults here and below: API HealthCheck, ContainerDefinition, RegisterTaskDefinition.
struct HealthCheck {
  Duration interval = seconds(30);
  Duration timeout = seconds(5);
  Duration start_period{0};  ///< failures in it do not count until a first success
  std::int64_t retries = 3;
};

enum class DependencyCondition : std::uint8_t { start, complete, success, healthy };

struct Dependency {
  std::string container;
  DependencyCondition condition = DependencyCondition::start;
};

struct RestartPolicy {
  bool enabled = false;
  std::vector<std::int64_t> ignored_exit_codes;
  Duration attempt_period = seconds(300);
};

struct ContainerDefinition {
  ContainerSize size;  ///< name, cpu, memory, memoryReservation, essential
  std::string image;
  std::vector<PortMapping> ports;
  std::optional<HealthCheck> health_check;
  std::vector<Dependency> depends_on;
  std::optional<Duration> start_timeout;  ///< of waiting for dependencies
  std::optional<Duration> stop_timeout;   ///< SIGTERM to SIGKILL; default 30 s
  std::optional<RestartPolicy> restart;
  std::int64_t gpus = 0;
  std::string log_driver;   ///< "" none, "awslogs" is billed by CloudWatch
  bool log_router = false;  ///< FireLens: a sidecar that routes logs
  bool links = false;
  document::Node node;  ///< as written, for positions
};

/// A registered task definition, as `aws ecs register-task-definition --cli-input-json` takes it and
/// `describe-task-definition` gives it.
struct TaskDefinition {
  std::string family;
  std::optional<std::int64_t> revision;
  std::optional<NetworkMode> network_mode;  ///< as written; see effective_network_mode
  std::vector<LaunchType> compatibilities;  ///< requiresCompatibilities
  std::optional<std::int64_t> cpu;          ///< CPU units
  std::optional<std::int64_t> memory;       ///< MiB
  std::vector<ContainerDefinition> containers;
  std::vector<ConstraintSpec> constraints;    ///< memberOf
  std::optional<std::int64_t> ephemeral_gib;  ///< Fargate: 21 to 200; none: 20
  bool arm64 = false;
  std::string operating_system = "LINUX";
  bool runtime_platform = false;  ///< whether it is written: then the instance must match
  document::Node node;            ///< as written, for positions

  bool requires_launch(LaunchType type) const;
  bool windows() const { return operating_system.rfind("WINDOWS", 0) == 0; }
  /// As written, else bridge on Linux and default on Windows.
  NetworkMode effective_network_mode() const;
  TaskSize size() const;
  /// cpu and memory that a task takes from an instance or, on Fargate, is billed for.
  TaskReservation reservation() const { return task_reservation(size()); }
  /// CPU units that a container or the task can never pass; none: bursts into what the instance has idle. The task
  /// level is a hard limit on Linux, container shares are not (they are on Windows).
  std::optional<std::int64_t> cpu_limit() const;
  std::optional<std::int64_t> memory_limit() const { return task_memory_limit(size()); }
  std::int64_t gpus() const;
  /// Network interfaces that a task takes: 1 for awsvpc.
  std::int64_t enis() const { return effective_network_mode() == NetworkMode::awsvpc ? 1 : 0; }
  /// Static host ports, sorted (bridge with hostPort, host mode); none for awsvpc.
  std::vector<PortKey> host_ports() const;
  /// The longest time from SIGTERM to SIGKILL over the containers.
  Duration stop_timeout() const;
  const ContainerDefinition* find(std::string_view container) const;
};

/// Values that a column puts in the place of a file's.
struct TaskDefinitionOverrides {
  std::optional<std::vector<LaunchType>> compatibilities;
  std::optional<NetworkMode> network_mode;
  std::optional<std::int64_t> cpu;     ///< CPU units
  std::optional<std::int64_t> memory;  ///< MiB
};

/// Reads the parameters; what is wrong with their form is reported. Nothing only when the node is no object. The rules
/// between parameters are check_task_definition's, so that overrides can come between.
std::optional<TaskDefinition> read_task_definition(const document::Node& node, document::Diagnostics& diagnostics);

/// Applies overrides; one sentence for each value that changed ("networkMode awsvpc -> bridge").
std::vector<std::string> apply_overrides(TaskDefinition& definition, const TaskDefinitionOverrides& overrides);

/// Reports what ECS would refuse at registration, with its rule. `launch`: the launch type that will be used, whose
/// rules then hold as if requiresCompatibilities named it. SOURCE: API RegisterTaskDefinition; Amazon ECS Developer
/// Guide, "Task definition parameters" and "Amazon ECS task definition differences for the Fargate launch type";
/// documented.
void check_task_definition(const TaskDefinition& definition, document::Diagnostics& diagnostics,
                           std::optional<LaunchType> launch = {});

}  // namespace plimsoll::ecs::api
