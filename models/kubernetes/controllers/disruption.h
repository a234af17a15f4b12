#pragma once

#include <optional>
#include <vector>

#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// PodDisruptionBudgets by workload: maxUnavailable as a share of the wanted replicas, rounded up.
/// SOURCE: kubernetes/kubernetes pkg/controller/disruption/disruption.go: allowed = healthy - (expected -
/// maxUnavailable).
class DisruptionBudgets {
 public:
  void set(WorkloadId workload, Ppm max_unavailable);
  bool has(WorkloadId workload) const {
    return workload.index() < budgets_.size() && budgets_[workload.index()].has_value();
  }
  /// How many pods of the workload may be evicted now; none when it has no budget.
  std::optional<std::int64_t> allowed(const World& world, WorkloadId workload) const;

  /// The eviction API: `rejected` (HTTP 429) when the budget is used up; pending pods ignore budgets.
  Applied evict(World& world, PodId pod, plimsoll::Reason reason) const;

 private:
  std::vector<std::optional<Ppm>> budgets_;
};

}  // namespace plimsoll::kubernetes
