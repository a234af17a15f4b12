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

}  // namespace plimsoll::eks
