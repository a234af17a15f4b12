#include "models/kubernetes/controllers/daemon_set_controller.h"

namespace plimsoll::kubernetes {

void DaemonSetController::on_fact(World& world, const FactRecord& fact) {
  if (fact.fact != Fact::node_ready || workloads_.empty()) return;
  const Node& node = world.node(fact.node);
  if (node.host != HostKind::ec2 || node.pod_count > 0) return;  // a node that was only uncordoned has its daemons
  world.wake(handler, world.now(), Phase::controllers, fact.node.value());
}

void DaemonSetController::handle(World& world, const Event& event) {
  const NodeId node{static_cast<std::uint32_t>(event.payload)};
  if (world.node(node).state != NodeState::ready) return;
  for (const WorkloadId workload : workloads_) {
    world.bind_pod(world.create_pod(workload), node);
  }
}

}  // namespace plimsoll::kubernetes
