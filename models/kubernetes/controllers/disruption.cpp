#include "models/kubernetes/controllers/disruption.h"

namespace plimsoll::kubernetes {

DisruptionBudgets::Budget& DisruptionBudgets::entry(WorkloadId workload) {
  if (budgets_.size() <= workload.index()) budgets_.resize(workload.index() + 1);
  return budgets_[workload.index()].emplace();
}

void DisruptionBudgets::set(WorkloadId workload, const DisruptionBudgetSpec& budget) { entry(workload).spec = budget; }

void DisruptionBudgets::set(WorkloadId workload, Ppm max_unavailable) { entry(workload).share = max_unavailable; }

std::optional<std::int64_t> DisruptionBudgets::allowed(const World& world, WorkloadId id) const {
  if (!has(id)) return std::nullopt;
  const Workload& w = world.workload(id);
  DisruptionBudgetSpec spec = budgets_[id.index()]->spec;
  if (const auto& share = budgets_[id.index()]->share)
    spec.max_unavailable = IntOrPercent{div_ceil(w.desired * share->raw(), 1'000'000), false};
  return disruptions_allowed(spec, w.desired, static_cast<std::int64_t>(w.pods.size()), w.ready);
}

Applied DisruptionBudgets::evict(World& world, PodId id, plimsoll::Reason reason) const {
  const Pod& pod = world.pod(id);
  if (pod.state != PodState::pending) {
    const auto room = allowed(world, pod.workload);
    if (room && *room < 1) return Applied::rejected;
  }
  return world.stop_pod(id, reason);
}

}  // namespace plimsoll::kubernetes
