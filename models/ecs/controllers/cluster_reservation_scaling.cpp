#include "models/ecs/controllers/cluster_reservation_scaling.h"

#include <algorithm>

#include "models/aws/controllers/group_predictive_scaling.h"

namespace plimsoll::ecs {

namespace {

/// Whether the alarm goes off above its threshold: the policy scales out.
bool is_above(const ReservationPolicy& rule) {
  const aws::AlarmComparison c = rule.alarm.comparison;
  return c == aws::AlarmComparison::greater || c == aws::AlarmComparison::greater_or_equal;
}

}  // namespace

ClusterReservationScaling::ClusterReservationScaling(NodeGroupId group, std::vector<ReservationPolicy> policies,
                                                     Duration publication_delay)
    : group_(group), publication_delay_(publication_delay) {
  for (ReservationPolicy& p : policies) {
    aws::Alarm alarm(p.alarm);
    policies_.push_back({std::move(p), std::move(alarm), 0, {}});
  }
}

void ClusterReservationScaling::start(World& world) {
  world.wake(handler, kTimeZero + minutes(1), Phase::metrics, kMinute);
}

ClusterReservationScaling::Datapoint ClusterReservationScaling::measure(const World& world) const {
  std::int64_t cpu = 0, memory = 0, registered_cpu = 0, registered_memory = 0;
  for (const Workload& w : world.workloads()) {
    cpu += w.requests.cpu().raw() * w.started;
    memory += w.requests.memory().raw() * w.started;
  }
  for (const NodeId id : world.live_nodes()) {
    const Node& n = world.node(id);
    // Of the whole cluster: the instances of every group, as the tasks on them.
    if (n.host != HostKind::ec2 || (n.state != NodeState::ready && n.state != NodeState::draining)) continue;
    registered_cpu += n.allocatable.cpu().raw();
    registered_memory += n.allocatable.memory().raw();
  }
  Datapoint d;
  if (registered_cpu <= 0 || registered_memory <= 0) return d;
  d.present = true;
  d.cpu = static_cast<std::int64_t>(static_cast<__int128>(cpu) * 100 * aws::kMetricScale / registered_cpu);
  d.memory = static_cast<std::int64_t>(static_cast<__int128>(memory) * 100 * aws::kMetricScale / registered_memory);
  return d;
}

bool ClusterReservationScaling::settled(const World& world) const {
  return std::none_of(world.live_nodes().begin(), world.live_nodes().end(), [&](NodeId id) {
    const Node& n = world.node(id);
    return n.group == group_ && (n.state == NodeState::requested || n.state == NodeState::running);
  });
}

void ClusterReservationScaling::act(World& world, Policy& policy, std::int64_t value) {
  const NodeGroup& group = world.group(group_);
  const bool above = is_above(policy.rule);
  const Time now = world.now();
  if (policy.rule.simple) {
    // One simple activity at a time in the group: until its instances are in service, and a cooldown from then.
    for (const Policy& p : policies_) {
      if (p.rule.simple && now < p.quiet_until) return;
    }
    if (!settled(world)) return;
  }
  if (now >= policy.quiet_until) policy.added = 0;
  // What a forecast asks for is the least of its hour.
  const std::int64_t least = std::max(group.minimum, aws::GroupPredictiveScaling::floor_of(world, group_));
  std::int64_t wanted =
      aws::step_scaling_desired(policy.rule.steps, above ? aws::BreachSide::above : aws::BreachSide::below,
                                group.desired - (policy.rule.simple ? 0 : policy.added), value,
                                policy.rule.alarm.threshold, least, std::max(group.maximum, least));
  if (!policy.rule.simple) {
    if (wanted > group.desired - policy.added) {
      wanted = std::max(wanted, group.desired);  // what the last step added is part of this one
    } else {
      // No scale-in while an activity of any policy warms up.
      for (const Policy& p : policies_) {
        if (p.added > 0 && now < p.quiet_until) return;
      }
    }
  }
  if (wanted == group.desired) return;
  policy.added += std::max<std::int64_t>(wanted - group.desired, 0);
  policy.quiet_until = now + policy.rule.cooldown;
  world.set_group_desired(group_, wanted);
}

std::vector<BindingLimits::Limit> ClusterReservationScaling::binding_limits(const World& world) const {
  const double share = maximum_.share(world);
  if (share == 0) return {};
  return {{"the maximum of Auto Scaling group " + std::string(world.names.text(world.group(group_).name)), share}};
}

void ClusterReservationScaling::handle(World& world, const Event& event) {
  if (event.payload == kMinute) {
    unpublished_.push_back(measure(world));
    world.wake(handler, world.now() + publication_delay_, Phase::metrics, kPublish);
    if (world.now() + minutes(1) <= world.end) world.wake(handler, world.now() + minutes(1), Phase::metrics, kMinute);
    return;
  }
  const Datapoint d = unpublished_.front();
  unpublished_.erase(unpublished_.begin());
  bool asks_for_more = false;
  for (Policy& p : policies_) {
    const std::int64_t value = p.rule.metric == ReservationMetric::cpu ? d.cpu : d.memory;
    const aws::AlarmState state = p.alarm.add(d.present ? std::optional(value) : std::nullopt);
    if (state == aws::AlarmState::alarm && d.present) act(world, p, value);
    asks_for_more = asks_for_more || (state == aws::AlarmState::alarm && is_above(p.rule));
  }
  const NodeGroup& group = world.group(group_);
  maximum_.set(world, asks_for_more && group.desired >= group.maximum);
}

}  // namespace plimsoll::ecs
