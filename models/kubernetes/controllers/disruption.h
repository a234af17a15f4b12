#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/workloads/disruption_budget.h"
#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// The PodDisruptionBudgets of a cluster, by the rules of models/kubernetes/workloads/disruption_budget.h. One budget
/// may cover several workloads, and a workload may be covered by several.
class DisruptionBudgets {
 public:
  /// A budget for this workload alone, in the place of all that it had.
  void set(WorkloadId workload, const DisruptionBudgetSpec& budget);
  /// maxUnavailable as a share of the wanted replicas, rounded up.
  void set(WorkloadId workload, Ppm max_unavailable);
  /// The budget of this name (namespace/name), which is made when there is none yet, covers the workload too.
  /// `has_scale`: its owner has a scale subresource. Of pods without one (a Job's, a DaemonSet's) the controller
  /// expects nothing: a budget other than a whole number of minAvailable then lets nothing go.
  /// SOURCE: pkg/controller/disruption/disruption.go getExpectedScale, failSafe (1.20 to 1.34).
  void cover(std::string_view name, const DisruptionBudgetSpec& budget, NameId namespace_name,
             const LabelSelector& selector, WorkloadId workload, bool has_scale = true);

  bool has(WorkloadId workload) const {
    return workload.index() < covering_.size() && !covering_[workload.index()].empty();
  }
  /// How many pods of the workload the eviction API lets go now: none (0) when several budgets cover it; no value when
  /// none does.
  std::optional<std::int64_t> allowed(const World& world, WorkloadId workload) const;
  /// Whether no eviction of such a pod will ever be let: maxUnavailable 0 or 0%, minAvailable 100%, or several budgets,
  /// of which the eviction API knows no way. An unready pod goes where unhealthyPodEvictionPolicy is AlwaysAllow.
  /// SOURCE: kubernetes-sigs/karpenter pkg/utils/pdb/pdb.go (isFullyBlocked), which calls a pod "fully blocked" so.
  bool fully_blocks(WorkloadId workload, bool ready) const;
  /// The budgets that cover the workload, as namespace/name; one that is the workload's alone goes by its name.
  std::vector<std::string> names_of(const World& world, WorkloadId workload) const;
  /// Why the pod may not be evicted now, when it may not: "its PodDisruptionBudget default/web allows no eviction".
  std::string refusal(const World& world, PodId pod) const;

  /// A budget as its controller reports it.
  struct Status {
    std::span<const WorkloadId> workloads;    ///< never empty
    const LabelSelector* selector = nullptr;  ///< null: of the labels of its only workload
    NameId namespace_name;                    ///< with a selector
    std::int64_t disruptions_allowed = 0;
  };
  /// How many budgets cover anything.
  std::size_t size() const { return order_.size(); }
  /// Calls `visit(status)` for each budget that covers anything, in the order of the first workloads that they cover.
  template <class Visit>
  void each(const World& world, Visit&& visit) const {
    each(
        world, [](WorkloadId) { return true; }, [&](std::size_t, const Status& status) { visit(status); });
  }
  /// Calls `visit(n, status)` for the n-th of them, where it covers a workload for which `asks(workload)`.
  template <class Asks, class Visit>
  void each(const World& world, Asks&& asks, Visit&& visit) const {
    for (std::size_t n = 0; n < order_.size(); ++n) {
      const Budget& b = budgets_[order_[n]];
      if (std::none_of(b.workloads.begin(), b.workloads.end(), asks)) continue;
      visit(n, Status{b.workloads, b.selected ? &b.selector : nullptr, b.namespace_name,
                      status_of(world, b).disruptions_allowed});
    }
  }

  /// The eviction API: `rejected` (HTTP 429) when the budget is used up, and as well (HTTP 500) when several budgets
  /// cover the pod; pods that do not run yet ignore budgets, and unready ones go while enough others are healthy.
  /// `at_most`: DeleteOptions.gracePeriodSeconds, where it is shorter than the pod's own.
  Applied evict(World& world, PodId pod, plimsoll::Reason reason, std::optional<Duration> at_most = {}) const;

 private:
  struct Budget {
    std::string name;  ///< empty: of one workload
    DisruptionBudgetSpec spec;
    std::optional<Ppm> share;  ///< instead of the spec
    bool selected = false;     ///< has the selector of a file
    bool fails = false;        ///< the controller finds no scale for some of its pods
    LabelSelector selector;
    NameId namespace_name;
    std::vector<WorkloadId> workloads;
  };
  Budget& own(WorkloadId workload);
  void attach(std::size_t budget, WorkloadId workload);
  void sort();
  static std::int64_t healthy_of(const World& world, const Budget& budget);
  static DisruptionBudgetSpec spec_of(const World& world, const Budget& budget);
  static DisruptionBudgetStatus status_of(const World& world, const Budget& budget);

  std::vector<Budget> budgets_;
  std::vector<std::vector<std::size_t>> covering_;  ///< by workload: indices of budgets
  std::vector<std::size_t> order_;                  ///< of those that cover anything
};

}  // namespace plimsoll::kubernetes
