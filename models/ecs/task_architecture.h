#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/aws/catalogue.h"
#include "models/ecs/capacity_plan.h"
#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

/// For which CPU architecture the tasks of a column are built: as runtimePlatform.cpuArchitecture of the task
/// definition says. A definition that does not say it gets `cpuArchitecture` of the column, which is X86_64 unless it
/// is written, as on AWS. An application without a definition has an image for both architectures and follows the
/// column: ARM64 where every instance type of its groups is one of Graviton, else X86_64 (our reading). A task is
/// placed on instances of its architecture only (attribute ecs.cpu-architecture).
/// SOURCE: ECS developer guide, "Task definition parameters" (runtimePlatform), "Working with 64-bit ARM workloads on
/// Amazon ECS".
struct TaskArchitectures {
  std::vector<aws::Architecture> of;  ///< by app, then by job
  bool instances_differ = false;      ///< some instance of a group has another architecture than some task

  /// Tasks whose architecture no instance has are an error; where one of several groups lacks it, a warning: what the
  /// strategy gives to that group waits for ever.
  static TaskArchitectures read(document::Fields& column, const Setting& setting, const CapacityPlan& capacity);
};

/// The one architecture of which the Managed Instances of a provider are chosen: that of its tasks. The first one
/// counts where they differ, which TaskArchitectures::read refuses; those whose files name it come before others.
aws::Architecture managed_architecture(const document::Fields& column, const Setting& setting,
                                       std::string_view provider);

}  // namespace plimsoll::ecs
