#include "models/kubernetes/controllers/node_updates.h"

#include "models/kubernetes/controllers/kube_scheduler.h"

namespace plimsoll::kubernetes {

void UpdatesNodes::node_updated(World& world, NodeId node) const {
  if (!scheduler_.is_none()) world.wake(scheduler_, world.now(), Phase::scheduler, KubeScheduler::node_updated(node));
}

}  // namespace plimsoll::kubernetes
