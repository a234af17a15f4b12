#include "models/kubernetes/controllers/disruption.h"

#include <algorithm>

namespace plimsoll::kubernetes {

void DisruptionBudgets::set(WorkloadId workload, Ppm max_unavailable) {
  if (budgets_.size() <= workload.index()) budgets_.resize(workload.index() + 1);
  budgets_[workload.index()] = max_unavailable;
}

std::optional<std::int64_t> DisruptionBudgets::allowed(const World& world, WorkloadId id) const {
  if (!has(id)) return std::nullopt;
  const Workload& w = world.workload(id);
  const std::int64_t healthy = w.ready;
  const std::int64_t expected = w.desired;
  if (expected == 0) return 0;
  const std::int64_t unavailable = div_ceil(expected * budgets_[id.index()]->raw(), 1'000'000);
  return std::max<std::int64_t>(0, healthy - std::max<std::int64_t>(0, expected - unavailable));
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
