#include "models/eks/bare_pods.h"

#include <algorithm>
#include <string>
#include <variant>

namespace plimsoll::eks {

namespace {

/// Whether an event brings another revision of this application.
bool revises(const TimelineEvent& event, const std::string& app) {
  const auto* deploy = std::get_if<DeployEvent>(&event.what);
  const auto* back = std::get_if<RollbackEvent>(&event.what);
  return (deploy != nullptr && deploy->workload == app) || (back != nullptr && back->workload == app);
}

}  // namespace

void count_bare_pods(document::Fields& column, const Setting& setting, EksPlan& plan) {
  for (const WorkloadSpec& w : setting.workloads) {
    const bool pod = w.kubernetes_rollout.kind == "Pod";
    if (!pod && w.kubernetes_rollout.kind != "ReplicaSet") continue;
    ++(pod ? plan.bare_pods : plan.bare_replica_sets);
    const bool revised = std::any_of(setting.events.begin(), setting.events.end(),
                                     [&](const TimelineEvent& e) { return revises(e, w.name); });
    if (revised)
      plan.remarks.push_back(w.name + (pod ? " is a Pod of its own: nothing makes it again, so that its deploy and "
                                             "rollback events change nothing"
                                           : " is a ReplicaSet of its own: deploy and rollback events reach only the "
                                             "pods that it makes later"));
    if (pod && (w.scaled() || !w.scaler.empty()))
      column.error("", w.name + " is a Pod of its own: there is nothing to scale",
                   "remove its scale block, or make it a Deployment");
  }
}

}  // namespace plimsoll::eks
