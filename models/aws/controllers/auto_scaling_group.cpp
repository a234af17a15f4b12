#include "models/aws/controllers/auto_scaling_group.h"

#include <algorithm>

#include "models/aws/autoscaling/mixed_instances.h"
#include "models/aws/cloudwatch/cloudwatch.h"

namespace plimsoll::aws {

namespace {

/// An instance that has left is missed after so long.
constexpr Duration kReaction = seconds(5);
/// While zones stay uneven they are looked at again so often. Not documented.
constexpr Duration kBalancePeriod = minutes(5);

const LifecycleHook* hook_of(const AutoScalingGroupConfig& config, bool launching) {
  for (const LifecycleHook& h : config.hooks) {
    if (h.launching == launching) return &h;
  }
  return nullptr;
}

}  // namespace

void AutoScalingGroups::add(AutoScalingGroupConfig config) {
  if (config.options.empty()) config.options.push_back({config.node, Rate{}, Rate{}});
  Group& g = groups_.emplace_back();
  g.config = std::move(config);
}

void AutoScalingGroups::start(World& world) {
  if (const auto* cloudwatch = world.find_component<CloudWatch>()) cloudwatch_ = cloudwatch->handler;
  for (Group& g : groups_) {
    g.launches.assign(world.zones().size() * g.config.options.size(), 0);
    // A refresh can be undone only where the group names the version of its launch template: until a refresh brings
    // another, its launches have the one that it began with.
    const bool numbered = std::any_of(g.config.refreshes.begin(), g.config.refreshes.end(),
                                      [](const PlannedRefresh& p) { return p.refresh.auto_rollback; });
    if (numbered) g.image = world.image();
    for (std::size_t i = 0; i < g.config.schedule.size(); ++i) {
      const GroupAction& a = g.config.schedule[i];
      if (a.on_calendar) {
        plan_action(world, g, i);
      } else if (kTimeZero + a.at <= world.end) {
        world.wake(handler, kTimeZero + a.at, Phase::controllers, pack(g.config.group.value(), i, kSchedule));
      }
    }
    for (std::size_t i = 0; i < g.config.refreshes.size(); ++i) {
      const Time at = kTimeZero + g.config.refreshes[i].at;
      if (at <= world.end) world.wake(handler, at, Phase::controllers, pack(g.config.group.value(), i, kRefresh));
    }
    watch_alarms(world, g);
    converge(world, g);
  }
}

void AutoScalingGroups::plan_action(World& world, const Group& group, std::size_t index) {
  const GroupAction& a = group.config.schedule[index];
  const EpochSeconds now = group.config.calendar + to_microseconds(world.now()) / 1'000'000;
  const auto next = a.next(world.now() == kTimeZero ? now - 1 : now);
  if (!next) return;
  const Time at = kTimeZero + seconds(*next - group.config.calendar);
  if (at <= world.end) world.wake(handler, at, Phase::controllers, pack(group.config.group.value(), index, kSchedule));
}

AutoScalingGroups::Group* AutoScalingGroups::group_of(NodeGroupId id) {
  const auto at = std::find_if(groups_.begin(), groups_.end(), [&](const Group& g) { return g.config.group == id; });
  return at == groups_.end() ? nullptr : &*at;
}

AutoScalingGroups::Instance* AutoScalingGroups::instance_of(Group& group, NodeId node) {
  auto& all = group.instances;
  // They stand in the order of their launches, but for those that came from a warm pool.
  const auto guess =
      std::lower_bound(all.begin(), all.end(), node, [](const Instance& i, NodeId n) { return i.node < n; });
  if (guess != all.end() && guess->node == node) return &*guess;
  const auto at = std::find_if(all.begin(), all.end(), [&](const Instance& i) { return i.node == node; });
  return at == all.end() ? nullptr : &*at;
}

std::uint64_t AutoScalingGroups::entity(const World& world, const Node& node) const {
  // "pool/<type>/<zone>/launch#<n>": no policy can change which draws the n-th launch of a pool gets.
  std::string path = "pool/";
  path += world.names.text(node.instance_type);
  path += '/';
  path += world.names.text(world.zones()[node.zone.index()]);
  return mix64(hash_text(path) + node.tag);
}

void AutoScalingGroups::wake_converge(World& world, Group& group, Duration after) {
  if (group.wake_pending) return;
  group.wake_pending = true;
  world.wake(handler, world.now() + after, Phase::controllers, pack(group.config.group.value(), kConverge));
}

std::int64_t AutoScalingGroups::members(const Group& group) const {
  std::int64_t units = 0;
  for (const Instance& i : group.instances) units += i.stage != Stage::terminating ? weight(group, i) : 0;
  return units;
}

std::vector<std::int64_t> AutoScalingGroups::per_zone(const World& world, const Group& group) const {
  std::vector<std::int64_t> out(world.zones().size(), 0);
  for (const Instance& i : group.instances) {
    if (i.stage != Stage::terminating) ++out[i.zone.index()];
  }
  return out;
}

void AutoScalingGroups::on_fact(World& world, const FactRecord& f) {
  if (f.fact == Fact::group_resized) {
    Group* g = group_of(f.group);
    if (g == nullptr) return;
    const Stream stream = world.stream(hash_text(world.names.text(world.group(f.group).name)), Purpose::api_latency);
    wake_converge(world, *g, g->config.delays.api.sample(stream, world.group(f.group).launches));
    return;
  }
  switch (f.fact) {
    case Fact::node_terminating:
    case Fact::node_lost:
    case Fact::rebalance_recommended:
    case Fact::spot_notice:
      break;
    case Fact::pod_ended:
      if (!f.node.is_none() && world.node(f.node).state == NodeState::draining) break;
      return;
    default:
      return;
  }
  const NodeId id = f.node;
  Group* g = group_of(world.node(id).group);
  if (g == nullptr) {
    g = pool_of(id);
    if (g == nullptr) return;
    const Stream stream = world.stream(entity(world, world.node(id)), Purpose::boot_delay);
    if (f.fact == Fact::node_terminating) {
      world.wake(handler, world.now() + g->config.delays.shutdown.sample(stream, 2), Phase::facts,
                 pack(id.value(), kTerminated));
      std::erase_if(g->warm, [&](const Warm& w) { return w.node == id; });
      wake_converge(world, *g, kReaction);
    } else if (f.fact == Fact::node_lost) {
      world.wake(handler, world.now() + g->config.health_check.sample(stream, 1), Phase::controllers,
                 pack(id.value(), kUnhealthy));
    }
    return;
  }
  Instance* instance = instance_of(*g, id);
  switch (f.fact) {
    case Fact::node_terminating: {
      const Stream stream = world.stream(entity(world, world.node(id)), Purpose::boot_delay);
      world.wake(handler, world.now() + g->config.delays.shutdown.sample(stream, 2), Phase::facts,
                 pack(id.value(), kTerminated));
      const auto& pool = g->config.warm_pool;
      const bool scaled_in = f.reason == g->config.scale_in_reason || f.reason == Reason::scale_down;
      if (pool && pool->reuse_on_scale_in && scaled_in && !world.node(id).is_lost()) {
        ++g->returning;
        world.wake(handler, world.now(), Phase::controllers, pack(id.value(), kReuse));
      }
      gone(world, *g, id);
      break;
    }
    case Fact::pod_ended:
      if (instance != nullptr && instance->stage == Stage::terminating && world.node(id).app_pod_count == 0)
        world.wake(handler, world.now() + kReaction, Phase::controllers, pack(id.value(), kDrained));
      break;
    case Fact::node_lost: {
      if (instance == nullptr) break;
      const Stream stream = world.stream(entity(world, world.node(id)), Purpose::host_failure);
      Time at = world.now() + g->config.health_check.sample(stream, 1);
      if (instance->stage == Stage::in_service) at = std::max(at, instance->in_service + g->config.health_check_grace);
      world.wake(handler, at, Phase::controllers, pack(id.value(), kUnhealthy));
      break;
    }
    case Fact::rebalance_recommended:
    case Fact::spot_notice:
      if (g->config.capacity_rebalance && instance != nullptr && instance->stage == Stage::in_service)
        start_swap(world, *g, id, ZoneId{}, Reason::rebalance);
      break;
    default:
      break;
  }
}

void AutoScalingGroups::handle(World& world, const Event& event) {
  const auto id = static_cast<std::uint32_t>((event.payload >> 8) & 0xffffffffu);
  const std::uint64_t step = event.payload & 0xffu;
  const bool of_group = step == kConverge || step == kRetry || step == kBalance || step == kSchedule ||
                        step == kRefresh || step == kAlarm || step == kBaked;
  if (of_group) {
    Group* g = group_of(NodeGroupId{id});
    if (step == kConverge) g->wake_pending = false;
    if (step == kRetry) g->retry_pending = false;
    if (step == kBalance) g->balance_pending = false;
    if (step == kRefresh) {
      start_refresh(world, g->config.group, g->config.refreshes[static_cast<std::size_t>(event.payload >> 40)].refresh);
      return;
    }
    if (step == kAlarm) {
      refresh_alarm(world, *g);
      return;
    }
    if (step == kBaked) {
      if (g->bakes) end_refresh(world, *g);
      return;
    }
    if (step == kSchedule) {
      const auto index = static_cast<std::size_t>(event.payload >> 40);
      const GroupAction& a = g->config.schedule[index];
      world.set_group_sizes(g->config.group, a.minimum, a.maximum, a.desired);
      if (a.on_calendar) plan_action(world, *g, index);
      if (a.every > Duration{} && world.now() + a.every <= world.end)
        world.wake(handler, world.now() + a.every, Phase::controllers, event.payload);
      return;
    }
    converge(world, *g);
    return;
  }
  const NodeId node{id};
  if (step == kTerminated) {
    world.node_terminated(node);
    return;
  }
  if (step == kReuse) {
    return_to_pool(world, node);
    return;
  }
  Group* g = group_of(world.node(node).group);
  if (g == nullptr) {
    if (Group* owner = pool_of(node)) handle_warm(world, *owner, node, step);
    return;
  }
  Instance* instance = instance_of(*g, node);
  if (instance == nullptr) return;  // gone meanwhile
  const bool waits = instance->stage == Stage::terminating;
  switch (step) {
    case kRunning: {
      if (world.node(node).state != NodeState::requested) break;
      if (!world.zone_available(world.node(node).zone)) {  // it went away while the instance was on its way
        world.terminate_node(node, Reason::launch_failed);
        break;
      }
      world.node_running(node);
      const Stream stream = world.stream(entity(world, world.node(node)), Purpose::boot_delay);
      Duration wait =
          instance->prepared ? g->config.warm_pool->join.sample(stream, 6) : g->config.delays.join.sample(stream, 1);
      if (const LifecycleHook* hook = instance->prepared ? nullptr : hook_of(g->config, true)) {
        // The action is part of the instance's preparation: it joins its cluster when both are done.
        const Duration work = hook->work.sample(stream, 3);
        wait = std::max(wait, std::min(work, hook->heartbeat));
        if (work > hook->heartbeat && !hook->default_continue) {
          world.wake(handler, world.now() + hook->heartbeat, Phase::facts, pack(id, kAbandon));
          break;
        }
      }
      world.wake(handler, world.now() + wait, Phase::facts, pack(id, kReady));
      if (g->config.max_lifetime > Duration{})
        world.wake(handler, world.now() + g->config.max_lifetime, Phase::controllers, pack(id, kExpired));
      break;
    }
    case kReady:
      if (world.node(node).state != NodeState::running || world.node(node).is_lost()) break;
      world.node_ready(node);
      if (!waits) in_service(world, *g, node);
      break;
    case kAbandon:
      world.terminate_node(node, Reason::launch_failed);
      break;
    case kUnhealthy:
      world.terminate_node(node, Reason::node_lost);
      break;
    case kExpired:
      if (!waits && std::find(g->replace.begin(), g->replace.end(), node) == g->replace.end()) {
        g->replace.push_back(node);
        continue_refresh(world, *g);
      }
      break;
    case kEndWait:
      if (waits) world.terminate_node(node, world.node(node).end_reason);
      break;
    default:
      if (!waits || world.node(node).state != NodeState::draining || world.node(node).app_pod_count > 0) break;
      if (instance->hook_ends > world.now()) {
        world.wake(handler, instance->hook_ends, Phase::controllers, pack(id, kDrained));
      } else {
        world.terminate_node(node, world.node(node).end_reason);
      }
      break;
  }
}

void AutoScalingGroups::gone(World& world, Group& group, NodeId node) {
  std::erase_if(group.instances, [&](const Instance& i) { return i.node == node; });
  std::erase_if(group.swaps, [&](const Swap& s) { return s.fresh == node || s.old == node; });
  std::erase(group.replace, node);
  wake_converge(world, group, kReaction);
}

void AutoScalingGroups::in_service(World& world, Group& group, NodeId node) {
  Instance* instance = instance_of(group, node);
  instance->stage = Stage::in_service;
  instance->in_service = world.now();
  const auto swap =
      std::find_if(group.swaps.begin(), group.swaps.end(), [&](const Swap& s) { return s.fresh == node; });
  if (swap != group.swaps.end()) {
    const Swap done = *swap;
    group.swaps.erase(swap);
    if (!done.old.is_none()) begin_termination(world, group, done.old, done.reason);
  }
  converge(world, group);
}

NodeId AutoScalingGroups::launch_in(World& world, Group& group, ZoneId zone, PurchaseOption purchase) {
  const std::vector<PoolOffer> offers = offers_in(world, group, zone, purchase);
  const PoolOffer& best = offers[ranked(group, offers, purchase).front()];
  if (best.depth <= 0) return NodeId{};
  const CapacityPools* pools = pools_of(world, group.config.pools);
  PoolId pool;
  if (pools != nullptr) pool = pools->find(group.config.options[best.option].node.instance_type, zone);
  return request(world, group, best.option, zone, purchase, pool, true);
}

NodeId AutoScalingGroups::request(World& world, Group& group, std::size_t option, ZoneId zone, PurchaseOption purchase,
                                  PoolId pool, bool in_group) {
  const AutoScalingGroupConfig& config = group.config;
  NodeSpec spec = config.options[option].node;
  spec.zone = zone;
  if (in_group) spec.group = config.group;
  spec.purchase = purchase;
  spec.pool = pool;
  spec.tag = group.launches[option * world.zones().size() + zone.index()]++;
  spec.labels.set(world.names.intern("topology.kubernetes.io/zone"), world.zones()[zone.index()]);
  for (const auto& [key, values] : config.zone_labels) spec.labels.set(key, values[zone.index()]);
  const NodeId node = world.request_node(spec);
  Node& n = world.edit_node(node);
  n.labels.set(world.names.intern("kubernetes.io/hostname"), n.name);
  if (group.image > 0) n.image = group.image;
  if (in_group) {
    Instance instance;
    instance.node = node;
    instance.option = static_cast<std::uint32_t>(option);
    instance.zone = zone;
    instance.purchase = purchase;
    group.instances.push_back(instance);
  } else {
    group.warm.push_back({node, static_cast<std::uint32_t>(option), false});
  }
  const Stream stream = world.stream(entity(world, n), Purpose::boot_delay);
  world.wake(handler, world.now() + config.delays.pending.sample(stream, 0), Phase::facts,
             pack(node.value(), kRunning));
  return node;
}

PurchaseOption AutoScalingGroups::next_purchase(const World& world, const Group& group, std::int64_t capacity) const {
  const InstancesDistribution& d = group.config.distribution;
  const PurchaseSplit split = split_purchase_options(capacity, d.on_demand_base, d.on_demand_percent);
  if (split.spot == 0 && members(group) < capacity) return PurchaseOption::on_demand;
  std::int64_t on_demand = 0;
  for (const Instance& i : group.instances) {
    if (i.stage != Stage::terminating && world.node(i.node).purchase == PurchaseOption::on_demand)
      on_demand += weight(group, i);
  }
  return on_demand < split.on_demand ? PurchaseOption::on_demand : PurchaseOption::spot;
}

bool AutoScalingGroups::held_by_quota(World& world, const Group& group, PurchaseOption purchase) const {
  const CapacityPools* pools = pools_of(world, group.config.pools);
  if (pools == nullptr) return false;
  for (const LaunchOption& option : group.config.options) {
    for (const ZoneId zone : group.config.zones) {
      const PoolId pool = pools->find(option.node.instance_type, zone);
      if (!pool.is_none() && pools->held_by_quota(world, pool, purchase)) return true;
    }
  }
  return false;
}

NodeId AutoScalingGroups::launch(World& world, Group& group, ZoneId zone, std::int64_t capacity) {
  const PurchaseOption purchase = next_purchase(world, group, capacity);
  if (!zone.is_none()) return launch_in(world, group, zone, purchase);
  // The zone with fewest instances; where it has no capacity, the next.
  const std::vector<std::int64_t> counts = per_zone(world, group);
  std::vector<ZoneId> zones = group.config.zones;
  std::stable_sort(zones.begin(), zones.end(),
                   [&](ZoneId a, ZoneId b) { return counts[a.index()] < counts[b.index()]; });
  for (const ZoneId z : zones) {
    const NodeId node = launch_in(world, group, z, purchase);
    if (!node.is_none()) return node;
  }
  return NodeId{};
}

void AutoScalingGroups::begin_termination(World& world, Group& group, NodeId node, Reason reason) {
  Instance* instance = instance_of(group, node);
  if (instance == nullptr || instance->stage == Stage::terminating) return;
  instance->stage = Stage::terminating;
  const Node& n = world.node(node);
  const bool busy = n.app_pod_count > 0 && !n.is_lost();
  const LifecycleHook* hook = hook_of(group.config, false);
  if (hook != nullptr && n.state == NodeState::ready && !n.is_lost()) {
    const Stream stream = world.stream(entity(world, n), Purpose::boot_delay);
    instance->hook_ends = world.now() + std::min(hook->work.sample(stream, 4), hook->heartbeat);
  }
  if (group.config.managed_draining && busy && (n.state == NodeState::ready || n.state == NodeState::draining)) {
    if (n.state == NodeState::ready) world.drain_node(node, reason);
    world.wake(handler, world.now() + group.config.draining_limit, Phase::controllers, pack(node.value(), kEndWait));
    return;
  }
  if (hook != nullptr && n.state == NodeState::ready && !n.is_lost()) {
    world.edit_node(node).end_reason = reason;
    world.wake(handler, instance->hook_ends, Phase::controllers, pack(node.value(), kEndWait));
    return;
  }
  world.terminate_node(node, reason);
}

void AutoScalingGroups::converge(World& world, Group& group) {
  const NodeGroup& g = world.group(group.config.group);
  const std::int64_t desired = std::clamp(g.desired, g.minimum, g.maximum);
  // What is launched ahead of a termination stands beside the desired capacity until it is in service.
  const std::int64_t wanted =
      std::min(desired + static_cast<std::int64_t>(group.swaps.size()), rebalance_maximum(g.maximum));
  if (members(group) > wanted) shrink(world, group, members(group) - wanted);
  bool held[2] = {false, false};  // by a quota: on demand, Spot
  group.launch_failed = false;
  for (std::int64_t have = members(group); have < wanted; have = members(group)) {
    if (!take_warm(world, group).is_none()) continue;
    if (!launch(world, group, ZoneId{}, wanted).is_none()) continue;
    const PurchaseOption purchase = next_purchase(world, group, wanted);
    const bool quota = held_by_quota(world, group, purchase);
    held[purchase == PurchaseOption::spot ? 1 : 0] = quota;
    group.launch_failed = true;
    world.record({.at = world.now(),
                  .fact = Fact::launch_refused,
                  .reason = quota ? Reason::vcpu_limit : Reason::launch_failed,
                  .group = group.config.group,
                  .value = wanted - have});
    if (!group.retry_pending) {
      group.retry_pending = true;
      world.wake(handler, world.now() + group.config.launch_retry, Phase::controllers,
                 pack(group.config.group.value(), kRetry));
    }
    break;
  }
  if (CapacityPools* pools = pools_of(world, group.config.pools)) {
    pools->note_quota(world, group.config.group, PurchaseOption::on_demand, held[0]);
    pools->note_quota(world, group.config.group, PurchaseOption::spot, held[1]);
  }
  if (group.config.warm_pool) refill(world, group);
  if (!group.replace.empty()) continue_refresh(world, group);
  note_launches(world, group);
  balance_zones(world, group);
}

void AutoScalingGroups::start_swap(World& world, Group& group, NodeId old, ZoneId zone, Reason reason) {
  const auto known = std::find_if(group.swaps.begin(), group.swaps.end(),
                                  [&](const Swap& s) { return !old.is_none() && s.old == old; });
  if (known != group.swaps.end()) return;
  const std::int64_t have = members(group);
  if (have + 1 > rebalance_maximum(world.group(group.config.group).maximum)) return;
  const NodeId fresh = launch(world, group, zone, have + 1);
  if (!fresh.is_none()) group.swaps.push_back({fresh, old, reason});
  group.launch_failed = group.launch_failed || fresh.is_none();
}

void AutoScalingGroups::balance_zones(World& world, Group& group) {
  if (!group.config.zone_rebalance || group.config.zones.size() < 2 || !group.swaps.empty()) return;
  const bool weighted = std::any_of(group.config.options.begin(), group.config.options.end(),
                                    [](const LaunchOption& o) { return o.weight != 1; });
  if (weighted) return;
  // A refresh empties zones by itself for a while; a group below its capacity has other worries.
  if (!group.replace.empty() || members(group) < world.group(group.config.group).desired) return;
  const std::vector<std::int64_t> counts = per_zone(world, group);
  ZoneId least = group.config.zones.front(), most = least;
  for (const ZoneId z : group.config.zones) {
    if (counts[z.index()] < counts[least.index()]) least = z;
    if (counts[z.index()] > counts[most.index()]) most = z;
  }
  if (counts[most.index()] - counts[least.index()] < 2) return;
  // Only a settled group is rebalanced: what is on its way may even it out. A group that cannot launch in the zone
  // looks again later.
  const bool settled = std::all_of(group.instances.begin(), group.instances.end(),
                                   [](const Instance& i) { return i.stage == Stage::in_service; });
  if (settled) start_swap(world, group, NodeId{}, least, Reason::rebalance);
  if (!group.balance_pending) {
    group.balance_pending = true;
    world.wake(handler, world.now() + kBalancePeriod, Phase::controllers, pack(group.config.group.value(), kBalance));
  }
}

}  // namespace plimsoll::aws
