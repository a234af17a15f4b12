#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sim/core/id.h"
#include "sim/core/units.h"
#include "sim/policy/custom_policy.h"

/// Task placement on container instances. The order of steps is documented: resources, then constraints, then
/// strategies, then a pick (Amazon ECS Developer Guide, "Amazon ECS task placement"); the rest of the chain (each
/// strategy narrows what the one before it left) is our reading. Not for Fargate, which places by itself.
namespace plimsoll::ecs {

inline constexpr std::uint32_t kNoValue = 0xffffffffu;

/// A host port that a task holds: TCP and UDP are apart.
enum class PortProtocol : std::uint8_t { tcp, udp };
using PortKey = std::uint32_t;
constexpr PortKey port_key(std::uint16_t port, PortProtocol protocol) {
  return (static_cast<std::uint32_t>(protocol) << 16) | port;
}

/// One attribute over all instances, its values as dense numbers in [0, value_count).
struct AttributeColumn {
  NameId name;
  std::span<const std::uint32_t> value;  ///< kNoValue: the instance lacks the attribute
  std::uint32_t value_count = 0;
};

/// Instances that one value of `block_free_cpu` stands for.
inline constexpr std::size_t kInstanceBlock = 16;

/// An instance of which placement does not think at all.
enum class NoCandidate : std::uint8_t {
  no,             ///< it does
  not_active,     ///< not registered yet, DRAINING or gone
  other_provider  ///< not of the capacity providers that the task may be given to
};

/// The container instances of a cluster, one value an instance, in cluster order (registration order). Spans of
/// resources that nobody asks for (ENIs, GPUs, ports) may be empty, which reads as none free and no port in use.
struct InstanceColumns {
  std::span<const std::int64_t> free_cpu;     ///< registered less reserved, Cpu ticks
  std::span<const std::int64_t> free_memory;  ///< registered less reserved, bytes
  std::span<const std::int64_t> free_enis;    ///< ENIs that awsvpc tasks may still take
  std::span<const std::int64_t> free_gpus;
  std::span<const std::uint8_t> usable;  ///< 1: ACTIVE and its agent connected
  /// Why one that is not usable is no container instance that the task could be given to; empty: they all are, and
  /// have lost their agents.
  std::span<const NoCandidate> no_candidate;
  std::span<const std::uint32_t> zone;  ///< in [0, zone_count)
  std::uint32_t zone_count = 0;
  std::span<const std::uint32_t> group_tasks;  ///< tasks of this service (or task group) on the instance
  std::span<const std::vector<PortKey>> used_ports;
  std::span<const AttributeColumn> attributes;
  /// What whoever keeps columns from call to call may know already; empty: not known.
  std::span<const std::int64_t> block_free_cpu;  ///< the most free CPU of a usable one in each kInstanceBlock instances
  std::span<const std::uint32_t> zone_tasks;     ///< sum of group_tasks by zone

  std::size_t size() const { return free_cpu.size(); }
};

/// What one task asks for.
struct TaskNeed {
  Cpu cpu;
  Bytes memory;
  std::int64_t enis = 0;  ///< 1 for awsvpc, else 0
  std::int64_t gpus = 0;
  std::span<const PortKey> host_ports;  ///< static host ports (bridge with hostPort, or host mode)
  bool distinct_instance = false;       ///< constraint distinctInstance
  /// 1 where the instance has what the task definition needs (operating system, architecture, capabilities); empty:
  /// all.
  std::span<const std::uint8_t> has_attributes;
  /// 1 where every memberOf expression holds (see member_of_mask); empty: all.
  std::span<const std::uint8_t> member_of;
};

/// Why an instance cannot take a task: the first of these that fails, in this order.
enum class PlacementReason : std::uint8_t {
  not_active,
  other_provider,
  agent,  ///< ACTIVE, and its agent has lost the connection
  attribute,
  cpu,
  memory,
  gpu,
  ports,
  eni,
  distinct_instance,
  member_of
};
inline constexpr std::size_t kPlacementReasonCount = 11;
/// As in RunTask failures: "RESOURCE:CPU", "RESOURCE:MEMORY", "RESOURCE:PORTS", "RESOURCE:ENI", "RESOURCE:GPU",
/// "AGENT" (the agent is disconnected), "ATTRIBUTE" (Amazon ECS Developer Guide, "API failure reasons"; documented).
/// The names for the two constraints, "DISTINCT_INSTANCE" and "MEMBER_OF", are ours: the real service writes a
/// sentence; so are "NOT_ACTIVE" and "OTHER_CAPACITY_PROVIDER", of instances that it does not speak of.
std::string_view to_string(PlacementReason reason);

/// How many instances fail for each reason; counted only when nothing fits.
struct PlacementFailures {
  std::array<std::uint32_t, kPlacementReasonCount> count{};
  bool no_active_instances = false;  ///< NO_ACTIVE_INSTANCES: the cluster has no usable instance at all
  std::uint32_t operator[](PlacementReason r) const { return count[static_cast<std::size_t>(r)]; }
  /// The reason of most instances, the first of equals; @pre nothing was placed and the cluster is not empty.
  PlacementReason most_frequent() const;
};

/// Buffers that a caller keeps from call to call, so that placement does not allocate.
struct PlacementScratch {
  std::vector<std::uint32_t> candidates;  ///< instance numbers, ascending
  std::vector<std::uint32_t> passing;     ///< as long as there are instances
  std::vector<std::uint32_t> counts;      ///< tasks of the group by value
};

enum class ChainStep : std::uint8_t { go_on, stop };

/// A placement strategy: narrows scratch.candidates (never empties it, keeps the order). Immutable and shared; a
/// strategy of one's own derives from this.
class PlacementStrategy {
 public:
  virtual ~PlacementStrategy() = default;
  /// As users write it: "random", "binpack", "spread".
  virtual std::string_view type() const = 0;
  /// Keeps the instances that are best for one more task.
  virtual ChainStep narrow_start(const InstanceColumns& instances, const TaskNeed& need,
                                 PlacementScratch& scratch) const = 0;
  /// Keeps the instances on which a task of the group is best stopped.
  virtual ChainStep narrow_stop(const InstanceColumns& instances, const TaskNeed& need,
                                PlacementScratch& scratch) const = 0;
};

using StrategyPtr = std::shared_ptr<const PlacementStrategy>;
using StrategyChain = std::vector<StrategyPtr>;

StrategyPtr random_strategy();  // placement_random.cpp
enum class BinpackField : std::uint8_t { cpu, memory };
StrategyPtr binpack_strategy(BinpackField field);     // placement_binpack.cpp
StrategyPtr spread_over_instances();                  // placement_spread.cpp; instanceId, host
StrategyPtr spread_over_zones();                      // attribute:ecs.availability-zone
StrategyPtr spread_over_attribute(NameId attribute);  // attribute:NAME
StrategyPtr custom_strategy(CustomPolicyPtr policy);  // placement_custom.cpp
/// Services without strategy: the zone with fewest tasks of the service, then the instance with fewest. Documented.
StrategyChain default_service_strategies();
/// RunTask without strategy: random; our reading, the guide does not say.
StrategyChain default_run_task_strategies();

/// Fills scratch.candidates with the instances that pass resources and constraints (placement_constraints.cpp).
void find_feasible(const InstanceColumns& instances, const TaskNeed& need, PlacementScratch& scratch);
/// The first failing check of one instance; none when it can take the task (placement_constraints.cpp).
std::optional<PlacementReason> first_failure(const InstanceColumns& instances, const TaskNeed& need, std::size_t i);
/// Counts the first failing check of every instance (placement_constraints.cpp).
PlacementFailures explain_failures(const InstanceColumns& instances, const TaskNeed& need);

struct PlacementAnswer {
  /// The best instances, all equal: the caller picks one by draw (or the first). Empty: nothing fits. Valid until the
  /// scratch is used again.
  std::span<const std::uint32_t> best;
  PlacementFailures failures;  ///< when best is empty
};

/// The best instances for one task, all equal; empty when nothing fits. Valid until the scratch is used again. Ties
/// after the last strategy go to the instances with fewest tasks of the group (documented for the default strategies,
/// our reading elsewhere), unless a random strategy ended the chain.
std::span<const std::uint32_t> find_best(const InstanceColumns& instances, const TaskNeed& need,
                                         std::span<const StrategyPtr> chain, PlacementScratch& scratch);
/// The same where the caller knows the instances that pass resources and constraints: scratch.candidates, ascending.
std::span<const std::uint32_t> choose_best(const InstanceColumns& instances, const TaskNeed& need,
                                           std::span<const StrategyPtr> chain, PlacementScratch& scratch);
/// As find_best, and when nothing fits the reasons, instance by instance.
PlacementAnswer place(const InstanceColumns& instances, const TaskNeed& need, std::span<const StrategyPtr> chain,
                      PlacementScratch& scratch);

/// On which instance a service stops a task when it scales in (scale_in.cpp). `stoppable` tells how many tasks of the
/// service may be chosen on each instance (not protected, not stopping already); empty: group_tasks. The best
/// instances, all equal; empty when nothing may be stopped. Source: Amazon ECS Developer Guide, "Amazon ECS task
/// placement strategies" and "Amazon ECS services"; documented: binpack leaves the most of the field free after the
/// stop, spread keeps groups balanced, none takes the zone with most tasks of the service, then the instance with most.
std::span<const std::uint32_t> choose_scale_in(const InstanceColumns& instances, const TaskNeed& need,
                                               std::span<const StrategyPtr> chain,
                                               std::span<const std::uint32_t> stoppable, PlacementScratch& scratch);
/// The same where the caller knows the instances with stoppable tasks: scratch.candidates, ascending.
std::span<const std::uint32_t> choose_scale_in(const InstanceColumns& instances, const TaskNeed& need,
                                               std::span<const StrategyPtr> chain, PlacementScratch& scratch);

}  // namespace plimsoll::ecs
