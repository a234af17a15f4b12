#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/ecs/api/placement_fields.h"
#include "models/ecs/api/task_definition.h"
#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::ecs::api {

/// Sizes that RunTask puts in the place of the task definition's.
struct ContainerOverride {
  std::string name;
  std::optional<std::int64_t> cpu, memory, memory_reservation;  ///< CPU units, MiB
};

/// Stand-alone tasks, as `aws ecs run-task --cli-input-json` takes them. SOURCE: API RunTask.
struct RunTask {
  std::string task_definition;
  std::int64_t count = 1;  ///< 1 to 10
  std::optional<LaunchType> launch_type;
  std::vector<ProviderShare> capacity_providers;
  std::string group;  ///< empty: "family:<family>"
  std::vector<StrategySpec> placement;
  std::vector<ConstraintSpec> constraints;
  std::optional<NetworkConfiguration> network;
  std::optional<std::int64_t> cpu, memory;  ///< overrides of the task level
  std::optional<std::int64_t> ephemeral_gib;
  std::vector<ContainerOverride> containers;
  document::Node node;

  /// The family in task_definition: without ARN and revision.
  std::string family() const;
  bool on_fargate() const;
};

std::optional<RunTask> read_run_task(const document::Node& node, document::Diagnostics& diagnostics);

/// The task definition as the tasks will run it; a container that it does not have is an error.
TaskDefinition with_overrides(const TaskDefinition& definition, const RunTask& run, document::Diagnostics& diagnostics);

}  // namespace plimsoll::ecs::api
