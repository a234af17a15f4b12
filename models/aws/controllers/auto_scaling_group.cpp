#include "models/aws/controllers/auto_scaling_group.h"

#include <algorithm>

namespace plimsoll::aws {

namespace {

std::uint64_t pack(std::uint32_t id, std::uint64_t step) { return (static_cast<std::uint64_t>(id) << 8) | step; }

bool is_live(const Node& n) { return n.state != NodeState::terminating && n.state != NodeState::terminated; }

}  // namespace

void AutoScalingGroups::start(World& world) {
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    groups_[i].launches.assign(world.zones().size(), 0);
    converge(world, groups_[i]);
  }
}

AutoScalingGroups::Group* AutoScalingGroups::group_of(NodeGroupId id) {
  const auto at = std::find_if(groups_.begin(), groups_.end(), [&](const Group& g) { return g.config.group == id; });
  return at == groups_.end() ? nullptr : &*at;
}

std::uint64_t AutoScalingGroups::entity(const World& world, const Node& node) const {
  // "pool/<type>/<zone>/launch#<n>": no policy can change which draws the n-th launch of a pool gets.
  std::string path = "pool/";
  path += world.names.text(node.instance_type);
  path += '/';
  path += world.names.text(world.zones()[node.zone.index()]);
  return mix64(hash_text(path) + node.tag);
}

void AutoScalingGroups::on_fact(World& world, const FactRecord& f) {
  if (f.group.is_none() && f.fact != Fact::pod_ended) return;
  switch (f.fact) {
    case Fact::group_resized: {
      Group* g = group_of(f.group);
      if (g == nullptr || g->wake_pending) break;
      g->wake_pending = true;
      const Stream stream = world.stream(hash_text(world.names.text(world.group(f.group).name)), Purpose::api_latency);
      world.wake(handler, world.now() + g->config.delays.api.sample(stream, world.group(f.group).launches),
                 Phase::controllers, pack(f.group.value(), kConverge));
      break;
    }
    case Fact::node_terminating: {
      Group* g = group_of(f.group);
      if (g == nullptr) break;
      const Node& node = world.node(f.node);
      const Stream stream = world.stream(entity(world, node), Purpose::boot_delay);
      world.wake(handler, world.now() + g->config.delays.shutdown.sample(stream, 2), Phase::facts,
                 pack(f.node.value(), kTerminated));
      if (!g->wake_pending) {
        g->wake_pending = true;
        world.wake(handler, world.now() + seconds(5), Phase::controllers, pack(f.group.value(), kConverge));
      }
      break;
    }
    case Fact::node_draining: {
      Group* g = group_of(f.group);
      if (g != nullptr && g->config.managed_draining)
        world.wake(handler, world.now() + seconds(5), Phase::controllers, pack(f.node.value(), kDrained));
      break;
    }
    case Fact::pod_ended: {
      if (f.node.is_none()) break;
      const Node& node = world.node(f.node);
      if (node.state != NodeState::draining || node.app_pod_count > 0) break;
      const Group* g = group_of(node.group);
      if (g != nullptr && g->config.managed_draining)
        world.wake(handler, world.now() + seconds(5), Phase::controllers, pack(f.node.value(), kDrained));
      break;
    }
    default:
      break;
  }
}

void AutoScalingGroups::handle(World& world, const Event& event) {
  const auto id = static_cast<std::uint32_t>(event.payload >> 8);
  const NodeId node{id};
  switch (event.payload & 0xffu) {
    case kConverge:
      if (Group* g = group_of(NodeGroupId{id})) {
        g->wake_pending = false;
        converge(world, *g);
      }
      break;
    case kRunning:
      if (world.node(node).state == NodeState::requested) {
        world.node_running(node);
        const Group* g = group_of(world.node(node).group);
        const Stream stream = world.stream(entity(world, world.node(node)), Purpose::boot_delay);
        world.wake(handler, world.now() + g->config.delays.join.sample(stream, 1), Phase::facts, pack(id, kReady));
      }
      break;
    case kReady:
      if (world.node(node).state == NodeState::running) world.node_ready(node);
      break;
    case kTerminated:
      world.node_terminated(node);
      break;
    default:
      if (world.node(node).state == NodeState::draining && world.node(node).app_pod_count == 0) {
        world.terminate_node(node, world.node(node).end_reason);
      }
      break;
  }
}

void AutoScalingGroups::launch(World& world, Group& group) {
  std::vector<std::int64_t> per_zone(world.zones().size(), 0);
  for (const NodeId id : world.live_nodes()) {
    const Node& n = world.node(id);
    if (n.group == group.config.group && is_live(n)) ++per_zone[n.zone.index()];
  }
  ZoneId best = group.config.zones.front();
  for (const ZoneId z : group.config.zones) {
    if (per_zone[z.index()] < per_zone[best.index()]) best = z;
  }
  NodeSpec spec = group.config.node;
  spec.zone = best;
  spec.group = group.config.group;
  spec.tag = group.launches[best.index()]++;
  spec.labels.set(world.names.intern("topology.kubernetes.io/zone"), world.zones()[best.index()]);
  const NodeId node = world.request_node(spec);
  Node& n = world.edit_node(node);
  n.labels.set(world.names.intern("kubernetes.io/hostname"), n.name);
  const Stream stream = world.stream(entity(world, n), Purpose::boot_delay);
  world.wake(handler, world.now() + group.config.delays.pending.sample(stream, 0), Phase::facts,
             pack(node.value(), kRunning));
}

void AutoScalingGroups::converge(World& world, Group& group) {
  const NodeGroup& g = world.group(group.config.group);
  std::vector<NodeId> members;  // draining ones have been taken off already
  for (const NodeId id : world.live_nodes()) {
    const Node& n = world.node(id);
    if (n.group == g.id && is_live(n) && n.state != NodeState::draining) members.push_back(id);
  }
  const std::int64_t desired = std::clamp(g.desired, g.minimum, g.maximum);
  for (auto have = static_cast<std::int64_t>(members.size()); have < desired; ++have) launch(world, group);
  while (static_cast<std::int64_t>(members.size()) > desired) {
    std::vector<std::int64_t> per_zone(world.zones().size(), 0);
    for (const NodeId id : members) ++per_zone[world.node(id).zone.index()];
    // The zone with most instances of which one may go; in it the oldest, not yet running ones first.
    NodeId victim;
    std::int64_t most = -1;
    for (const NodeId id : members) {
      const Node& n = world.node(id);
      if (group.config.protect_busy && n.app_pod_count > 0) continue;
      if (per_zone[n.zone.index()] > most) {
        most = per_zone[n.zone.index()];
        victim = id;
      }
    }
    if (victim.is_none()) return;
    members.erase(std::find(members.begin(), members.end(), victim));
    if (group.config.managed_draining && world.node(victim).state == NodeState::ready &&
        world.node(victim).app_pod_count > 0) {
      world.drain_node(victim, Reason::scale_down);
    } else {
      world.terminate_node(victim, Reason::scale_down);
    }
  }
}

}  // namespace plimsoll::aws
