#include "models/ecs/controllers/cluster_reservation_scaling.h"

#include <algorithm>

#include "models/aws/controllers/group_predictive_scaling.h"
#include "sim/core/assert.h"

namespace plimsoll::ecs {

namespace {

/// Whether the alarm goes off above its threshold: the policy scales out.
bool is_above(const ReservationPolicy& rule) {
  const aws::AlarmComparison c = rule.alarm.comparison;
  return c == aws::AlarmComparison::greater || c == aws::AlarmComparison::greater_or_equal;
}

}  // namespace

ClusterReservationScaling::ClusterReservationScaling(NodeGroupId group, std::vector<ReservationPolicy> policies,
                                                     HandlerId cloudwatch)
    : group_(group), cloudwatch_(cloudwatch) {
  for (ReservationPolicy& p : policies) policies_.push_back({std::move(p), {}, 0, {}});
}

std::vector<aws::AlarmId> ClusterReservationScaling::alarms() const {
  std::vector<aws::AlarmId> out;
  for (const Policy& p : policies_) out.push_back(p.alarm);
  return out;
}

void ClusterReservationScaling::start(World& world) {
  auto& cw = dynamic_cast<aws::CloudWatch&>(world.component(cloudwatch_));
  for (std::size_t i = 0; i < policies_.size(); ++i) {
    Policy& p = policies_[i];
    p.alarm = cw.find_alarm(p.rule.alarm_name);
    PLIMSOLL_ASSERT(!p.alarm.is_none());
    cw.notify(p.alarm, aws::AlarmState::alarm, handler, kActs | (i << 8), true);
    cw.notify(p.alarm, aws::AlarmState::ok, handler, kEnds, false);
    cw.notify(p.alarm, aws::AlarmState::insufficient_data, handler, kEnds, false);
  }
}

bool ClusterReservationScaling::settled(const World& world) const {
  return std::none_of(world.live_nodes().begin(), world.live_nodes().end(), [&](NodeId id) {
    const Node& n = world.node(id);
    return n.group == group_ && (n.state == NodeState::requested || n.state == NodeState::running);
  });
}

void ClusterReservationScaling::act(World& world, Policy& policy) {
  // A simple policy has one adjustment, whatever the metric is.
  const auto value = cloudwatch(world).latest(policy.alarm);
  if (!policy.rule.simple && !value) return;
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
  const std::int64_t most = std::max(group.maximum, least);
  std::int64_t wanted = group.desired;
  if (policy.rule.simple) {
    wanted = adjusted_capacity(policy.rule.steps, policy.rule.steps.steps.front(), group.desired);
    wanted = std::clamp(wanted, least, most);
  } else {
    wanted = step_scaling_desired(policy.rule.steps, above ? aws::BreachSide::above : aws::BreachSide::below,
                                  group.desired - policy.added, *value, policy.rule.alarm.threshold, least, most);
  }
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
  if ((event.payload & 0xffu) == kActs) act(world, policies_[event.payload >> 8]);
  const aws::CloudWatch& cw = cloudwatch(world);
  const bool asks_for_more = std::any_of(policies_.begin(), policies_.end(), [&](const Policy& p) {
    return is_above(p.rule) && cw.state(p.alarm) == aws::AlarmState::alarm;
  });
  const NodeGroup& group = world.group(group_);
  maximum_.set(world, asks_for_more && group.desired >= group.maximum);
}

}  // namespace plimsoll::ecs
