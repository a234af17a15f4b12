#pragma once

#include <optional>
#include <vector>

#include "models/kubernetes/workloads/disruption_budget.h"
#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// PodDisruptionBudgets by workload, by the rules of models/kubernetes/workloads/disruption_budget.h.
class DisruptionBudgets {
 public:
  void set(WorkloadId workload, const DisruptionBudgetSpec& budget);
  /// maxUnavailable as a share of the wanted replicas, rounded up.
  void set(WorkloadId workload, Ppm max_unavailable);
  bool has(WorkloadId workload) const {
    return workload.index() < budgets_.size() && budgets_[workload.index()].has_value();
  }
  /// How many pods of the workload may be evicted now; none when it has no budget.
  std::optional<std::int64_t> allowed(const World& world, WorkloadId workload) const;

  /// The eviction API: `rejected` (HTTP 429) when the budget is used up; pods that do not run yet ignore budgets, and
  /// unready ones go while enough others are healthy.
  Applied evict(World& world, PodId pod, plimsoll::Reason reason) const;

 private:
  struct Budget {
    DisruptionBudgetSpec spec;
    std::optional<Ppm> share;  ///< instead of the spec
  };
  Budget& entry(WorkloadId workload);
  DisruptionBudgetSpec spec_of(const Workload& workload) const;
  static DisruptionBudgetStatus status_of(const DisruptionBudgetSpec& spec, const Workload& workload);

  std::vector<std::optional<Budget>> budgets_;
};

}  // namespace plimsoll::kubernetes
