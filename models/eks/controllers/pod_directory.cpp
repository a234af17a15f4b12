#include "models/eks/controllers/pod_directory.h"

#include <charconv>

namespace plimsoll::eks {

void AnnotationTable::set(WorkloadId workload, const PodAnnotations& annotations) {
  if (by_workload_.size() <= workload.index()) by_workload_.resize(workload.index() + 1);
  by_workload_[workload.index()] = annotations;
}

const PodAnnotations& AnnotationTable::of(WorkloadId workload) const {
  static const PodAnnotations kNone;
  return workload.index() < by_workload_.size() ? by_workload_[workload.index()] : kNone;
}

std::string read_annotations(const std::vector<std::pair<std::string, std::string>>& texts, PodAnnotations& out) {
  for (const auto& [key, value] : texts) {
    const bool yes = value == "true";
    const auto wrong = [&, k = key, v = value](const char* wanted) { return k + ": '" + v + "' is not " + wanted; };
    if (key == "karpenter.sh/do-not-disrupt") {
      if (!yes && value != "false") return wrong("true or false");
      out.do_not_disrupt = yes;
    } else if (key == "cluster-autoscaler.kubernetes.io/safe-to-evict") {
      if (!yes && value != "false" && value != "on-completion") return wrong("true, false or on-completion");
      out.safe_to_evict = yes                ? SafeToEvict::yes
                          : value == "false" ? SafeToEvict::no
                                             : SafeToEvict::on_completion;
    } else if (key == "controller.kubernetes.io/pod-deletion-cost") {
      const char* end = value.data() + value.size();
      const auto [stop, error] = std::from_chars(value.data(), end, out.deletion_cost);
      if (error != std::errc{} || stop != end) return wrong("a whole number");
    }
  }
  return {};
}

const PodFacts& WorldPods::facts(PodId id) const {
  const Pod& pod = world_.pod(id);
  const Workload& workload = world_.workload(pod.workload);
  facts_ = {};
  facts_.controller = pod.daemon ? ControllerKind::daemon_set : ControllerKind::replica_set;
  facts_.controller_id = pod.workload;
  facts_.controller_replicas = workload.desired;
  facts_.phase = pod.state >= PodState::starting ? PodPhase::running : PodPhase::pending;
  if (pod.state == PodState::stopping) facts_.deleted_at = pod.stopping;
  const PodAnnotations& said = annotations_.of(pod.workload);
  facts_.safe_to_evict = said.safe_to_evict;
  facts_.do_not_disrupt = said.do_not_disrupt;
  facts_.deletion_cost = said.deletion_cost;
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
