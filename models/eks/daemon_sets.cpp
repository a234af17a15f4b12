#include "models/eks/daemon_sets.h"

namespace plimsoll::eks {

void count_daemon_sets(document::Fields& column, const Setting& setting, bool fargate, EksPlan& plan) {
  for (const WorkloadSpec& w : setting.workloads) {
    if (w.kubernetes_rollout.kind != "DaemonSet") continue;
    if (fargate) {
      plan.remarks.push_back(w.name + " is a DaemonSet, which Fargate does not run: it runs as a Deployment here");
      continue;
    }
    ++plan.daemon_applications;
    if (w.scaled() || !w.scaler.empty())
      column.error("", w.name + " is a DaemonSet: it has one pod on each node and nothing to scale",
                   "remove its scale block, or make it a Deployment");
  }
  for (const WorkloadSpec& w : setting.daemon_sets) {
    if (fargate) {
      plan.remarks.push_back("the DaemonSet " + w.name + " is left out: Fargate runs none");
    } else {
      ++plan.daemon_sets;
    }
  }
}

}  // namespace plimsoll::eks
