#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "models/eks/karpenter/budgets.h"
#include "models/eks/karpenter/provisioning.h"
#include "models/eks/karpenter/release.h"
#include "models/eks/karpenter/scheduling.h"
#include "models/eks/node/pod_facts.h"

namespace plimsoll::eks::karpenter {

/// The ways of disrupting nodes, in the order in which they are tried (drift before emptiness up to 0.37).
enum class Method : std::uint8_t { none, emptiness, drift, multi_node, single_node };
std::string_view to_string(Method method);

/// Why a node is not disrupted.
enum class KeepReason : std::uint8_t {
  none,
  not_managed,
  not_initialized,
  deleting,
  nominated,
  node_do_not_disrupt,
  pod_do_not_disrupt,
  pod_disruption_budget,   ///< a pod whose budget allows no eviction, or that stands under several budgets
  unknown_offering,        ///< type, zone or capacity type not known, so there is no price
  consolidation_disabled,  ///< consolidateAfter: Never, or WhenEmpty and the node is not empty
  not_consolidatable_yet,  ///< a pod came or went less than consolidateAfter ago
  node_budget,             ///< the pool's disruption budget
  pods_unschedulable,      ///< a pod would not find a place, or only on a node that is not initialised
  needs_several_nodes,     ///< more than one replacement
  no_cheaper_replacement,
  spot_to_spot_disabled,  ///< feature gate SpotToSpotConsolidation
  spot_flexibility,       ///< fewer than 15 cheaper types for a spot node
  min_values,
  same_type,  ///< several nodes into one of their own types that is not cheaper
  balanced_score,
  timed_out,
};
std::string_view to_string(KeepReason reason);

/// A node that may be disrupted.
struct Candidate {
  std::size_t node = 0;             ///< index into Cluster::nodes
  std::vector<SchedulingPod> pods;  ///< to be rescheduled
  double price = 0;                 ///< dollars per hour of its own offering
  double disruption_cost = 0;       ///< sum of eviction costs x lifetime remaining
  double eviction_cost = 0;         ///< sum of max(0, eviction cost)
};

struct DisruptionCommand {
  Method method = Method::none;
  std::vector<NodeId> nodes;               ///< in candidate order
  std::vector<PlannedClaim> replacements;  ///< types by price
  double price = 0;                        ///< of the nodes, dollars per hour
  bool is_delete() const { return replacements.empty(); }
};

struct DisruptionInput {
  const PodDirectory* pods = nullptr;
  std::span<const DisruptionBudget> pod_budgets;
  std::span<const SchedulingPod> pending;
  Time now{};
  std::int64_t unix_at_zero = 0;  ///< UTC seconds at Time zero, for budget schedules
  Release release;
  bool spot_to_spot_consolidation = false;  ///< feature gate
  const PoolTemplates* templates = nullptr;
  std::uint64_t facts_version = 0;  ///< grows when facts or budgets changed that the snapshot does not show
  /// Modelled time of one scheduling simulation, set against the timeouts of 1 min (multi) and 3 min (single).
  Duration simulation_cost{};
};

struct DisruptionDecision {
  std::optional<DisruptionCommand> command;
  std::vector<std::pair<NodeId, KeepReason>> kept;  ///< the last word on each managed node that was looked at
  std::size_t simulations = 0;
  bool reused = false;  ///< nothing changed since all was found consolidated
};

struct DisruptionState {
  std::uint64_t seen = 0;
  Time seen_at{};
  bool consolidated = false;
  /// The last pass that found nothing to do, and what it read: a pass that reads the same finds the same. To be dropped
  /// when the offers change.
  std::optional<DisruptionDecision> idle;
  std::uint64_t idle_key = 0;
};

/// Poll interval, and how long an unchanged cluster counts as consolidated.
inline constexpr Duration kDisruptionInterval = seconds(10);
inline constexpr Duration kConsolidatedFor = minutes(5);
/// Wait between a decision and its validation.
inline constexpr Duration kValidationDelay = seconds(15);
/// Types that must be cheaper before one spot node is replaced by another.
inline constexpr std::size_t kSpotToSpotTypes = 15;

/// One disruption pass: the first method that finds something to do. Emptiness: all empty nodes that budgets allow.
/// Drift: one node whose pods can all move. Multi-node: the longest prefix of the candidates, by binary search, that
/// can be deleted or replaced by one cheaper node. Single-node: the first candidate that can. Candidates are ordered by
/// disruption cost ascending up to 1.13, by price over (1 + eviction cost) descending from 1.14.
/// SOURCE: kubernetes-sigs/karpenter v0.36.2 and v1.14.1 pkg/controllers/disruption.
DisruptionDecision plan_disruption(const Cluster& cluster, const DisruptionInput& input, DisruptionState& state);

/// Whether a command still stands after the validation delay: its nodes are still candidates within budgets, a new
/// simulation needs no more nodes, and every type of the replacement is still among the types that would do.
bool is_still_valid(const Cluster& cluster, const DisruptionInput& input, const DisruptionCommand& command);

/// Disruptions that budgets leave a pool now: allowed less nodes that are disrupting or not ready, at least 0.
std::int64_t disruptions_left(const Cluster& cluster, std::size_t pool, std::int64_t unix_seconds,
                              DisruptionReason reason);

}  // namespace plimsoll::eks::karpenter
