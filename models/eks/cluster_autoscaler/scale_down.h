#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "models/eks/cluster_autoscaler/drainability.h"
#include "models/eks/cluster_autoscaler/node_group.h"
#include "models/eks/cluster_autoscaler/options.h"
#include "models/eks/cluster_autoscaler/unneeded.h"
#include "models/eks/cluster_autoscaler/utilization.h"
#include "models/eks/node/free_room.h"
#include "models/eks/node/pod_facts.h"
#include "models/eks/node/simulation.h"

namespace plimsoll::eks::ca {

/// Why a node stays.
enum class UnremovableReason : std::uint8_t {
  none,
  scale_down_disabled_annotation,
  not_underutilized,
  recently_unremovable,  ///< found unremovable in the last five minutes
  being_deleted,
  group_min_size_reached,  ///< target at or below the group's minimum: not even a candidate
  blocked_by_pod,
  no_place_to_move_pods,
  not_looked_at,     ///< enough unneeded nodes were found, or the time for the simulation was up
  unready_disabled,  ///< not ready, and scale-down-unready-enabled is off
};
/// As the autoscaler names it: "NotUnderutilized", "BlockedByPod", ...
std::string_view to_string(UnremovableReason reason);

/// A registered node of an autoscaled group. `group` is an index into the groups.
struct ScaleDownNode {
  NodeId id;
  Row row = kNoRow;
  std::size_t group = 0;
  bool ready = true;
  bool scale_down_disabled = false;  ///< annotation cluster-autoscaler.kubernetes.io/scale-down-disabled
  bool being_deleted = false;
};

/// Equal lists, equal hashes; the sum of those of the nodes, so that it can be kept up to date.
std::uint64_t hash_of(std::span<const ScaleDownNode> nodes);

struct ScaleDownInput {
  /// Nodes of autoscaled groups in node order. Other rows of the snapshot are destinations only.
  std::span<const ScaleDownNode> nodes;
  /// hash_of(nodes), where the caller has it from before; none: it is made.
  std::optional<std::uint64_t> nodes_hash;
  std::span<const NodeGroup> groups;
  const PodDirectory* pods = nullptr;
  std::span<const DisruptionBudget> budgets;
  std::uint64_t budgets_version = 0;  ///< another value whenever they are other budgets; 0: they are compared
  /// Grows when facts, budgets or annotations changed that the snapshot does not show.
  std::uint64_t facts_version = 0;
  Time now{};
  Time last_scale_up = kLongAgo, last_delete = kLongAgo, last_failure = kLongAgo;
  std::int64_t deletions_in_progress = 0;  ///< empty and drained
  std::int64_t drains_in_progress = 0;
  bool blocked = false;  ///< scaled up or saw fresh pods in this loop: no removal
  NameId kube_system;    ///< the interned "kube-system"
  const Options* options = nullptr;
  /// Modelled time of one removal simulation, set against scale-down-simulation-timeout.
  Duration simulation_cost{};
  /// Whether the answer names every node that stays, and why. Changes nothing else.
  bool verdicts = true;
};

struct NodeVerdict {
  NodeId node;
  UnremovableReason reason = UnremovableReason::none;
  BlockReason block = BlockReason::none;  ///< with blocked_by_pod
  PodId blocking_pod;
  double utilization = 0;
};

/// Outcome of one pass of eligibility and removal simulation.
struct RemovalPass {
  std::vector<UnneededNode> removable;   ///< in candidate order
  std::vector<NodeVerdict> unremovable;  ///< in candidate order
  bool truncated = false;                ///< stopped at the limit or by the timeout
  std::size_t simulated = 0;             ///< removals that were tried
};

enum class Cooldown : std::uint8_t { none, after_add, after_failure, after_delete, blocked, disabled };

struct Removal {
  NodeId node;
  Row row = kNoRow;
  std::size_t group = 0;
  bool drain = false;
  std::vector<PodId> evict;  ///< pods to move, then the DaemonSet pods that the flags say to evict
};

struct ScaleDownDecision {
  std::vector<Removal> remove;                         ///< empty nodes first
  Cooldown cooldown = Cooldown::none;                  ///< why nothing is removed although nodes may be unneeded
  std::vector<NodeVerdict> unremovable;                ///< with ScaleDownInput::verdicts
  std::vector<std::pair<NodeId, WaitReason>> waiting;  ///< unneeded, not yet removable
  bool reused = false;                                 ///< nothing changed: the last simulation stands
  std::size_t simulated = 0;                           ///< removals that were tried in this pass
};

/// What the autoscaler remembers between loops for scaling down. Copyable.
struct ScaleDownState {
  UnneededNodes unneeded;
  std::vector<std::pair<NodeId, Time>> unremovable_until;  ///< sorted by node
  struct Hint {
    NodeId node;
    Row row = kNoRow;
  };
  std::vector<Hint> hints;   ///< by pod: where it fitted last
  std::size_t next_row = 0;  ///< where the search for a destination goes on
  RemovalPass last;
  std::uint64_t seen = 0;
  bool seen_is_valid = false;
  Time recheck_at = kTimeNever;  ///< when a skipped node is due

  // Remembered answers that the state of a row decides, by its version in the snapshot.
  struct RowUtilization {
    std::uint64_t version = ~std::uint64_t{0};
    double value = 0;
    Resource resource = Resource::memory;
  };
  std::vector<RowUtilization> utilization;  ///< by row; those in which time has no part
  struct RowDaemons {
    std::uint64_t version = ~std::uint64_t{0};
    bool only = false;
  };
  std::vector<RowDaemons> only_daemons;  ///< by row: whether its pods are of DaemonSets only
  RowRefusals refusals;
  FreeRoom room;
  BudgetMatches matches;
};

/// Eligibility (annotation, recently unremovable, utilisation <= threshold) and removal simulation of the candidates in
/// the given order, stopping when `limit` removable nodes are found. A removable node stops being a destination, its
/// pods stay on their simulated targets for the candidates after it, and their disruptions are taken from the budgets.
/// The snapshot is left as it was; `state` keeps hints and the recheck times.
/// SOURCE: kubernetes/autoscaler 1.28 cluster-autoscaler/core/scaledown/{eligibility,planner}, simulator/cluster.go.
RemovalPass simulate_removals(const Simulation& sim, const ScaleDownInput& input,
                              std::span<const ScaleDownNode> candidates, std::size_t limit, ScaleDownState& state);

/// One scale-down pass: candidates (groups above their minimum; last loop's first, empty before occupied), simulation,
/// unneeded timers, cooldowns, minimum sizes, parallelism. When nothing changed since a complete pass the simulation is
/// not repeated and only the timers are read.
/// SOURCE: kubernetes/autoscaler 1.28 and 1.37 cluster-autoscaler/core/{static_autoscaler,scaledown}.
ScaleDownDecision plan_scale_down(const Simulation& sim, const ScaleDownInput& input, ScaleDownState& state);

}  // namespace plimsoll::eks::ca
