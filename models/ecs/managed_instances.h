#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/aws/catalogue.h"
#include "models/ecs/cluster_query_language.h"
#include "sim/cluster/resources.h"
#include "sim/core/units.h"
#include "sim/document/fields.h"

namespace plimsoll::ecs {

/// A requirement of the form included, excluded, required.
enum class Inclusion : std::uint8_t { excluded, included, required };

/// A requirement of the form {min, max}; both ends belong to it.
template <class T>
struct Between {
  T minimum{}, maximum = std::numeric_limits<T>::max();
  bool holds(T value) const { return minimum <= value && value <= maximum; }
};

/// instanceRequirements of a Managed Instances provider: which types AWS may choose. SOURCE: ECS API reference,
/// InstanceRequirementsRequest, CreateCapacityProvider (managedInstancesProvider.instanceLaunchTemplate); what an
/// attribute counts: EC2 API reference of the same name. Types that are named in allowedInstanceTypes are admitted
/// whatever their generation and burstability unless those are written, too (EC2 would exclude T types by default; our
/// reading is that who names one wants it). Left out, with one warning: accelerators, hibernation, price protection.
struct InstanceRequirements {
  Between<std::int64_t> vcpu{1};
  Between<Bytes> memory{Bytes{0}, Bytes{INT64_MAX}};
  Between<double> memory_per_vcpu;  ///< GiB
  Between<std::int64_t> interfaces, ebs_mbps, local_gb;
  Between<double> network_gbps;            ///< baseline
  std::vector<std::string> allowed;        ///< patterns; empty: all
  std::vector<std::string> excluded;       ///< patterns
  std::vector<std::string> manufacturers;  ///< "intel", "amd", "amazon-web-services"; empty: any
  std::optional<Inclusion> burstable;
  Inclusion bare_metal = Inclusion::excluded, local_storage = Inclusion::included;
  std::optional<bool> current_generations, previous_generations;  ///< instanceGenerations, when written
  aws::Architecture architecture = aws::Architecture::x86_64;     ///< of the tasks

  static InstanceRequirements read(document::Fields& fields);
  /// Types without GPU and accelerator, of the architecture, that the requirements admit.
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
