#include "models/ecs/controllers/container_agent.h"

#include <algorithm>

namespace plimsoll::ecs {

namespace {

std::uint64_t pack(std::uint32_t id, std::uint64_t step) { return (static_cast<std::uint64_t>(id) << 8) | step; }

}  // namespace

void ContainerAgents::on_fact(World& world, const FactRecord& fact) {
  switch (fact.fact) {
    case Fact::spot_notice:
      if (std::find(draining_.begin(), draining_.end(), fact.group) != draining_.end())
        world.wake(handler, world.now() + parameters_.spot_poll, Phase::controllers, pack(fact.node.value(), kDrain));
      break;
    case Fact::node_lost: {
      const Node& node = world.node(fact.node);
      if (node.host != HostKind::ec2) break;
      const Stream stream = world.stream(hash_text(world.names.text(node.name)), Purpose::host_failure);
      world.wake(handler, world.now() + parameters_.disconnected.sample(stream, 2), Phase::controllers,
                 pack(fact.node.value(), kDisconnected));
      break;
    }
    case Fact::pod_unready: {
      const Pod& pod = world.pod(fact.pod);
      if (!world.workload(fact.workload).behind_balancer || !world.node(fact.node).is_lost()) break;
      const Stream stream = world.stream(world.entity(pod), Purpose::host_failure);
      world.wake(handler, world.now() + parameters_.replace_unhealthy.sample(stream, 0), Phase::controllers,
                 pack(fact.pod.value(), kUnhealthy));
      break;
    }
    default:
      break;
  }
}

void ContainerAgents::handle(World& world, const Event& event) {
  const auto id = static_cast<std::uint32_t>(event.payload >> 8);
  switch (event.payload & 0xffu) {
    case kDrain:
      world.drain_node(NodeId{id}, Reason::spot_interruption);
      break;
    case kDisconnected:
      world.mark_unreachable(NodeId{id});
      break;
    default:
      world.stop_pod(PodId{id}, Reason::unhealthy);
      break;
  }
}

}  // namespace plimsoll::ecs
