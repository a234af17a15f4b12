#include "models/eks/controllers/pod_directory.h"

namespace plimsoll::eks {

const PodFacts& WorldPods::facts(PodId id) const {
  const Pod& pod = world_.pod(id);
  const Workload& workload = world_.workload(pod.workload);
  facts_ = {};
  facts_.controller = pod.daemon ? ControllerKind::daemon_set : ControllerKind::replica_set;
  facts_.controller_id = pod.workload;
  facts_.controller_replicas = workload.desired;
  facts_.phase = pod.state >= PodState::starting ? PodPhase::running : PodPhase::pending;
  if (pod.state == PodState::stopping) facts_.deleted_at = pod.stopping;
  return facts_;
}

std::vector<DisruptionBudget> view_budgets(const World& world, const kubernetes::DisruptionBudgets& budgets) {
  std::vector<DisruptionBudget> out;
  for (const Workload& w : world.workloads()) {
    const auto allowed = budgets.allowed(world, w.id);
    if (!allowed) continue;
    DisruptionBudget b;
    b.namespace_name = world.shapes[w.shape].namespace_name;
    b.selector.present = true;
    for (const auto& [key, value] : world.shapes[w.shape].labels.pairs()) {
      Requirement r;
      r.key = key;
      r.values = {value};
      b.selector.requirements.push_back(std::move(r));
    }
    b.disruptions_allowed = *allowed;
    out.push_back(std::move(b));
  }
  return out;
}

}  // namespace plimsoll::eks
