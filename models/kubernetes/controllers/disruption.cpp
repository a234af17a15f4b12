#include "models/kubernetes/controllers/disruption.h"

namespace plimsoll::kubernetes {

DisruptionBudgets::Budget& DisruptionBudgets::entry(WorkloadId workload) {
  if (budgets_.size() <= workload.index()) budgets_.resize(workload.index() + 1);
  return budgets_[workload.index()].emplace();
}

void DisruptionBudgets::set(WorkloadId workload, const DisruptionBudgetSpec& budget) { entry(workload).spec = budget; }

void DisruptionBudgets::set(WorkloadId workload, Ppm max_unavailable) { entry(workload).share = max_unavailable; }

DisruptionBudgetSpec DisruptionBudgets::spec_of(const Workload& workload) const {
  const Budget& budget = *budgets_[workload.id.index()];
  DisruptionBudgetSpec spec = budget.spec;
  if (budget.share)
    spec.max_unavailable = IntOrPercent{div_ceil(workload.desired * budget.share->raw(), 1'000'000), false};
  return spec;
}

DisruptionBudgetStatus DisruptionBudgets::status_of(const DisruptionBudgetSpec& spec, const Workload& workload) {
  return budget_status(spec, workload.desired, static_cast<std::int64_t>(workload.pods.size()), workload.ready);
}

std::optional<std::int64_t> DisruptionBudgets::allowed(const World& world, WorkloadId id) const {
  if (!has(id)) return std::nullopt;
  const Workload& w = world.workload(id);
  return status_of(spec_of(w), w).disruptions_allowed;
}

Applied DisruptionBudgets::evict(World& world, PodId id, plimsoll::Reason reason) const {
  const Pod& pod = world.pod(id);
  const Workload& w = world.workload(pod.workload);
  // In the API's words: Pending until a container runs, and deleting or ended from `stopping` on.
  const bool exempt = pod.state < PodState::starting || pod.state >= PodState::stopping;
  std::int64_t budgets = 0;
  DisruptionBudgetStatus status;
  bool unready_goes = false;
  if (has(w.id)) {
    budgets = 1;
    const DisruptionBudgetSpec spec = spec_of(w);
    status = status_of(spec, w);
    unready_goes = pod.state < PodState::ready && unready_pod_goes(spec, status, w.ready);
  }
  switch (answer_eviction(exempt, unready_goes, budgets, status.disruptions_allowed)) {
    case EvictionAnswer::too_many_requests:
    case EvictionAnswer::server_error:
      return Applied::rejected;
    case EvictionAnswer::evict:
    case EvictionAnswer::evict_and_count:  // the pod is no longer ready, which counts it
      break;
  }
  return world.stop_pod(id, reason);
}

}  // namespace plimsoll::kubernetes
