#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "models/aws/catalogue.h"
#include "models/ecs/cluster_query_language.h"
#include "sim/cluster/resources.h"
#include "sim/core/units.h"
#include "sim/document/fields.h"

namespace plimsoll::ecs {

/// instanceRequirements of a Managed Instances provider: which types AWS may choose. SOURCE: ECS API reference,
/// InstanceRequirementsRequest.
struct InstanceRequirements {
  std::int64_t vcpu_minimum = 1, vcpu_maximum = INT64_MAX;
  Bytes memory_minimum{0}, memory_maximum{INT64_MAX};
  std::vector<std::string> allowed;                            ///< patterns; empty: all
  std::vector<std::string> excluded;                           ///< patterns
  bool burstable = false;                                      ///< burstablePerformance: included
  bool previous_generations = false;                           ///< instanceGenerations: previous
  aws::Architecture architecture = aws::Architecture::x86_64;  ///< of the tasks

  static InstanceRequirements read(document::Fields& fields);
  /// Types without GPU, accelerator and bare metal, of the architecture, that the requirements admit.
  bool admits(const aws::InstanceType& type) const;
};

/// A type that may be launched, and what an instance of it registers.
struct ManagedType {
  const aws::InstanceType* type = nullptr;
  Rate price;  ///< of the purchase option
  ResourceVector registered;
};

/// Whether a new instance of the type in the zone would meet all of the expressions: it has the built-in attributes
/// ecs.instance-type, ecs.availability-zone, ecs.os-type, ecs.os-family and ecs.cpu-architecture, and no tasks.
/// `registered`: when it would register, for queries by_calendar of the run.
bool managed_type_meets(const ManagedType& type, std::string_view zone, std::span<const ClusterQuery> expressions,
                        Time registered = kTimeZero);

struct ManagedLaunch {
  std::size_t type = 0;  ///< in the span of types
  std::int64_t count = 0;
};

/// Whether an instance of the type in the zone can meet each of them at some time: task:group, runningTasksCount,
/// registeredAt and the like may come true.
bool managed_type_could_meet(const ManagedType& type, std::string_view zone, std::span<const ClusterQuery> expressions);

/// Which instances are launched for tasks that wait: one type, as many as hold all of them when they are packed
/// first-fit from the largest down; the cheapest in all, then the fewest instances, then the first type. Tasks that no
/// type holds are left out; none when none is left. AWS says that it chooses "cost-optimized" types and places several
/// tasks on each; how is not published: our reading.
/// SOURCE: ECS developer guide, "Amazon ECS Managed Instances".
std::optional<ManagedLaunch> plan_managed_launch(std::span<const ManagedType> types, std::vector<ResourceVector> tasks);

/// Whether tasks can be packed, first-fit from the largest down, into the free room of instances; takes it up.
bool pack_into(std::vector<ResourceVector>& free, std::vector<ResourceVector> tasks);

}  // namespace plimsoll::ecs
