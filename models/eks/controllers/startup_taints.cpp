#include "models/eks/controllers/startup_taints.h"

#include <algorithm>

#include "models/kubernetes/controllers/daemon_set_controller.h"

namespace plimsoll::eks {

bool StartupTaints::is_tainted(const Node& node) const {
  return std::any_of(node.taints.begin(), node.taints.end(),
                     [&](const Taint& t) { return std::find(keys_.begin(), keys_.end(), t.key) != keys_.end(); });
}

void StartupTaints::on_fact(World& world, const FactRecord& fact) {
  if (fact.node.is_none()) return;
  const bool of_daemon = !fact.workload.is_none() && world.workload(fact.workload).daemon;
  const bool matters = fact.fact == Fact::node_ready || (fact.fact == Fact::pod_ready && of_daemon);
  // Whatever else happens at this instant comes first: DaemonSets make their pods when the node joins.
  if (matters && is_tainted(world.node(fact.node)))
    world.wake(handler, world.now(), Phase::scheduler, fact.node.value());
}

void StartupTaints::handle(World& world, const Event& event) {
  const NodeId id{static_cast<std::uint32_t>(event.payload)};
  const Node& node = world.node(id);
  if (node.row == kNoRow || node.state != NodeState::ready || !is_tainted(node)) return;
  const std::vector<PodId> here = world.pods_on(id);
  for (const Workload& w : world.workloads()) {
    if (!w.daemon) continue;
    if (!kubernetes::daemon_belongs_on(world.shapes[w.shape], world.placement.node(node.row), world.names)) continue;
    const bool ready = std::any_of(here.begin(), here.end(), [&](PodId p) {
      const Pod& pod = world.pod(p);
      return pod.workload == w.id && (pod.state == PodState::ready || pod.state == PodState::serving);
    });
    if (!ready) return;
  }
  for (const NameId key : keys_) world.untaint_node(id, key);
  node_updated(world, id);
  world.wake(daemons_, world.now(), Phase::controllers, kubernetes::DaemonSetController::node_updated(id));
}

}  // namespace plimsoll::eks
