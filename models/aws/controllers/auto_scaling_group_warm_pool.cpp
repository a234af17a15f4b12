#include <algorithm>

#include "models/aws/controllers/auto_scaling_group.h"

namespace plimsoll::aws {

AutoScalingGroups::Group* AutoScalingGroups::pool_of(NodeId node) {
  const auto at = std::find_if(groups_.begin(), groups_.end(), [&](const Group& g) {
    return std::any_of(g.warm.begin(), g.warm.end(), [&](const Warm& w) { return w.node == node; });
  });
  return at == groups_.end() ? nullptr : &*at;
}

/// The prepared instance in the zone where the group has fewest, the oldest of these; none when nothing is prepared.
NodeId AutoScalingGroups::take_warm(World& world, Group& group) {
  const std::vector<std::int64_t> counts = per_zone(world, group);
  const auto zone_count = [&](const Warm& w) { return counts[world.node(w.node).zone.index()]; };
  const CapacityPools* pools = pools_of(world, group.config.pools);
  auto best = group.warm.end();
  for (auto w = group.warm.begin(); w != group.warm.end(); ++w) {
    const Node& n = world.node(w->node);
    if (!w->prepared || n.is_lost()) continue;
    // StartInstances of a stopped one asks for its vCPUs.
    if (n.state == NodeState::requested && pools != nullptr && !n.pool.is_none() &&
        pools->held_by_quota(world, n.pool, n.purchase))
      continue;
    if (best == group.warm.end() || zone_count(*w) < zone_count(*best)) best = w;
  }
  if (best == group.warm.end()) return NodeId{};
  const NodeId node = best->node;
  Instance instance;
  instance.node = node;
  instance.option = best->option;
  instance.zone = world.node(node).zone;
  instance.purchase = world.node(node).purchase;
  instance.prepared = true;
  group.warm.erase(best);
  group.instances.push_back(instance);
  world.join_group(node, group.config.group);
  world.edit_node(node).requested = world.now();  // for whoever waits for the group's new instances to join
  const WarmPoolConfig& pool = *group.config.warm_pool;
  const Stream stream = world.stream(entity(world, world.node(node)), Purpose::boot_delay);
  const bool runs = world.node(node).state == NodeState::running;
  world.wake(handler, world.now() + (runs ? pool.join.sample(stream, 6) : pool.start.sample(stream, 5)), Phase::facts,
             pack(node.value(), runs ? kReady : kRunning));
  return node;
}

/// As many instances as the pool should hold: launched like the group's own, on demand, in the zone with fewest.
void AutoScalingGroups::refill(World& world, Group& group) {
  const NodeGroup& g = world.group(group.config.group);
  const std::int64_t wanted = warm_pool_size(*group.config.warm_pool, g.desired, g.maximum);
  while (static_cast<std::int64_t>(group.warm.size()) > wanted)
    world.terminate_node(group.warm.back().node, Reason::warm_pool);  // on_fact takes it off the list
  const CapacityPools* pools = pools_of(world, group.config.pools);
  while (static_cast<std::int64_t>(group.warm.size()) + group.returning < wanted) {
    std::vector<std::int64_t> counts = per_zone(world, group);
    for (const Warm& w : group.warm) ++counts[world.node(w.node).zone.index()];
    std::vector<ZoneId> zones = group.config.zones;
    std::stable_sort(zones.begin(), zones.end(),
                     [&](ZoneId a, ZoneId b) { return counts[a.index()] < counts[b.index()]; });
    NodeId launched;
    for (const ZoneId zone : zones) {
      PoolId pool;
      if (pools != nullptr) pool = pools->find(group.config.options.front().node.instance_type, zone);
      if (!pool.is_none() && pools->depth(world, pool, PurchaseOption::on_demand) <= 0) continue;
      launched = request(world, group, 0, zone, PurchaseOption::on_demand, pool, false);
      break;
    }
    if (launched.is_none()) return;  // the next change of the group tries again
  }
}

/// An instance of the pool: it runs, prepares itself as a new one would before it joins, and is then put away.
void AutoScalingGroups::handle_warm(World& world, Group& group, NodeId node, std::uint64_t step) {
  const Node& n = world.node(node);
  if (step == kUnhealthy) {
    world.terminate_node(node, Reason::node_lost);
  } else if (step == kAbandon) {
    world.terminate_node(node, Reason::launch_failed);
  } else if (step == kRunning && n.state == NodeState::requested) {
    if (!world.zone_available(n.zone)) {
      world.terminate_node(node, Reason::launch_failed);
      return;
    }
    world.node_running(node);
    const Stream stream = world.stream(entity(world, n), Purpose::boot_delay);
    Duration wait = group.config.delays.join.sample(stream, 1);
    for (const LifecycleHook& hook : group.config.hooks) {
      if (!hook.launching) continue;
      const Duration work = hook.work.sample(stream, 3);
      wait = std::max(wait, std::min(work, hook.heartbeat));
      if (work > hook.heartbeat && !hook.default_continue) {
        world.wake(handler, world.now() + hook.heartbeat, Phase::facts, pack(node.value(), kAbandon));
        return;
      }
    }
    world.wake(handler, world.now() + wait, Phase::facts, pack(node.value(), kReady));
  } else if (step == kReady && n.state == NodeState::running && !n.is_lost()) {
    if (group.config.warm_pool->state != WarmPoolState::running) world.stop_node(node, Reason::warm_pool);
    const auto warm = std::find_if(group.warm.begin(), group.warm.end(), [&](const Warm& w) { return w.node == node; });
    warm->prepared = true;
  }
}

/// A scale-in took the node out of service: its instance stands in the pool again, prepared, under a new name.
void AutoScalingGroups::return_to_pool(World& world, NodeId node) {
  Group* group = group_of(world.node(node).group);
  if (group == nullptr) return;
  --group->returning;
  const NodeGroup& g = world.group(group->config.group);
  const WarmPoolConfig& pool = *group->config.warm_pool;
  if (static_cast<std::int64_t>(group->warm.size()) >= warm_pool_size(pool, g.desired, g.maximum)) return;
  std::size_t option = 0;
  for (std::size_t o = 0; o < group->config.options.size(); ++o) {
    if (group->config.options[o].node.instance_type == world.node(node).instance_type) option = o;
  }
  NodeSpec spec = group->config.options[option].node;
  spec.zone = world.node(node).zone;
  spec.purchase = world.node(node).purchase;
  spec.pool = world.node(node).pool;
  spec.tag = group->launches[option * world.zones().size() + spec.zone.index()]++;
  spec.labels.set(world.names.intern("topology.kubernetes.io/zone"), world.zones()[spec.zone.index()]);
  for (const auto& [key, values] : group->config.zone_labels) spec.labels.set(key, values[spec.zone.index()]);
  const NodeId again = world.request_node(spec);
  Node& n = world.edit_node(again);
  n.labels.set(world.names.intern("kubernetes.io/hostname"), n.name);
  group->warm.push_back({again, static_cast<std::uint32_t>(option), true});
  world.node_running(again);
  if (pool.state != WarmPoolState::running) world.stop_node(again, Reason::warm_pool);
}

}  // namespace plimsoll::aws
