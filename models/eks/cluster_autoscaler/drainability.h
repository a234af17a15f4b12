#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "models/eks/node/pod_facts.h"
#include "sim/cluster/names.h"
#include "sim/cluster/pod_shape.h"

namespace plimsoll::eks::ca {

struct DrainParams {
  int minor = 33;                                      ///< of Cluster Autoscaler 1.x: order and extent of the rules
  bool skip_nodes_with_system_pods = true;             ///< --skip-nodes-with-system-pods
  bool skip_nodes_with_local_storage = true;           ///< --skip-nodes-with-local-storage
  bool skip_nodes_with_custom_controller_pods = true;  ///< --skip-nodes-with-custom-controller-pods
  std::int64_t min_replica_count = 0;                  ///< --min-replica-count
  /// --blocking-system-pod-distruption-timeout (1.33 and later): a kube-system pod blocks for this long only.
  Duration blocking_system_pod_timeout = hours(1);
  NameId kube_system;  ///< the interned "kube-system"
};

/// Why a pod keeps its node.
enum class BlockReason : std::uint8_t {
  none,
  controller_not_found,
  min_replicas_reached,
  not_replicated,
  local_storage_requested,
  not_safe_to_evict_annotation,
  unmovable_kube_system_pod,
  not_enough_pdb,
};
/// As the autoscaler names it: "NotReplicated", "LocalStorageRequested", ...
std::string_view to_string(BlockReason reason);

struct DrainPod {
  PodId id;
  const PodShape* shape = nullptr;
  const PodFacts* facts = nullptr;
  Time start{};
  ShapeId shape_id = {};  ///< of `shape`; none: not known
};

struct DrainVerdict {
  BlockReason reason = BlockReason::none;
  PodId blocking_pod;
  std::vector<PodId> move, daemonset;  ///< in pod order; empty when blocked
  bool blocked() const { return reason != BlockReason::none; }
};

/// Which budgets select the pods of a shape, remembered from one plan to the next.
class BudgetMatches {
 public:
  /// Forgets what it knows when the budgets are not the same ones (what they allow does not matter). `version`: another
  /// value whenever they are other ones; 0: they are compared.
  void update(std::span<const DisruptionBudget> budgets, std::uint64_t version = 0);
  /// Indices into the budgets of the last update, ascending. @pre `id` belongs to `shape`.
  const std::vector<std::uint32_t>& of(ShapeId id, const PodShape& shape, const Names& names);

 private:
  std::vector<DisruptionBudget> budgets_;
  std::uint64_t version_ = 0;
  std::vector<std::uint8_t> known_;  // by shape
  std::vector<std::vector<std::uint32_t>> selecting_;
};

/// Remaining disruptions of budgets while nodes are judged one after the other.
class PdbTracker {
 public:
  /// `budgets`, `names` and `matches` must outlive the tracker; `matches`, if any, is of these budgets.
  PdbTracker(std::span<const DisruptionBudget> budgets, const Names& names, BudgetMatches* matches = nullptr);

  struct Answer {
    bool allowed = true, at_once = true;  ///< at_once: no budget would have to be waited for
    PodId blocking_pod;
  };
  Answer can_remove(std::span<const DrainPod> pods) const;
  void remove(std::span<const DrainPod> pods);
  /// A budget of the pod's namespace that selects it, whatever it allows.
  bool covers(const DrainPod& pod) const;

 private:
  /// Calls `visit(index)` for each budget that selects the pod, ascending.
  template <class Visit>
  void each(const DrainPod& pod, Visit&& visit) const;

  std::span<const DisruptionBudget> budgets_;
  std::vector<std::int64_t> allowed_;
  const Names* names_;
  BudgetMatches* matches_;
};

/// Whether all pods of a node may be moved off it, and which. The first blocker in pod order is named; budgets are
/// looked at when all pods passed. In 1.28 local storage is judged before the safe-to-evict: "false" annotation, later
/// after it. A pod that is annotated safe-to-evict, failed or finished passes the rules of replication, system pods,
/// annotation and storage.
/// SOURCE: kubernetes/autoscaler 1.28 cluster-autoscaler/utils/drain/drain.go, 1.37 simulator/drainability/rules.
DrainVerdict pods_to_move(std::span<const DrainPod> pods, const PdbTracker& budgets, const DrainParams& params,
                          Time now);

}  // namespace plimsoll::eks::ca
