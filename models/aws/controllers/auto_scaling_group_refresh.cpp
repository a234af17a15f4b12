#include <algorithm>

#include "models/aws/autoscaling/mixed_instances.h"
#include "models/aws/cloudwatch/cloudwatch.h"
#include "models/aws/controllers/auto_scaling_group.h"

namespace plimsoll::aws {

namespace {

/// A refresh whose launches fail goes on trying for so long. SOURCE: EC2 Auto Scaling user guide, "Start an instance
/// refresh with auto rollback".
constexpr Duration kRefreshPatience = hours(1);

}  // namespace

void AutoScalingGroups::start_refresh(World& world, NodeGroupId id, const InstanceRefresh& refresh) {
  Group* group = group_of(id);
  if (group == nullptr) return;
  group->refresh = refresh;
  group->refresh_active = true;
  group->refresh_from = world.now();
  group->bakes = false;
  group->undoes = false;
  group->failing_since = kTimeNever;
  group->image_before = group->image;
  for (const Instance& i : group->instances) {
    if (i.stage == Stage::terminating) continue;
    if (group->image == 0) group->image_before = std::max(group->image_before, world.node(i.node).image);
    if (std::find(group->replace.begin(), group->replace.end(), i.node) == group->replace.end())
      group->replace.push_back(i.node);
  }
  group->refreshed_of = static_cast<std::int64_t>(group->replace.size());
  group->checkpoint = 0;
  group->paused_until = kTimeNever;
  if (group->image > 0 || refresh.auto_rollback) group->image = world.image();
  if (any_alarm(world, *group)) {
    group->image = group->image_before;  // nothing has been replaced yet
    fail_refresh(world, *group, Reason::alarm);
    return;
  }
  continue_refresh(world, *group);
}

void AutoScalingGroups::watch_alarms(World& world, const Group& group) {
  if (cloudwatch_.is_none()) return;
  auto& cw = dynamic_cast<CloudWatch&>(world.component(cloudwatch_));
  std::vector<AlarmId> watched;
  for (const PlannedRefresh& p : group.config.refreshes) {
    for (const std::string& name : p.refresh.alarms) {
      const AlarmId alarm = cw.find_alarm(name);
      if (alarm.is_none() || std::find(watched.begin(), watched.end(), alarm) != watched.end()) continue;
      watched.push_back(alarm);
      cw.notify(alarm, AlarmState::alarm, handler, pack(group.config.group.value(), kAlarm), false);
    }
  }
}

/// Whether one that the present refresh watches is in ALARM.
bool AutoScalingGroups::any_alarm(World& world, const Group& group) const {
  if (cloudwatch_.is_none()) return false;
  const auto& cw = dynamic_cast<const CloudWatch&>(world.component(cloudwatch_));
  return std::any_of(group.refresh.alarms.begin(), group.refresh.alarms.end(), [&](const std::string& name) {
    const AlarmId alarm = cw.find_alarm(name);
    return !alarm.is_none() && cw.state(alarm) == AlarmState::alarm;
  });
}

void AutoScalingGroups::refresh_alarm(World& world, Group& group) {
  if (group.refresh_active && any_alarm(world, group)) fail_refresh(world, group, Reason::alarm);
}

/// Stops a refresh and, if it is to be undone, begins to replace what it launched.
void AutoScalingGroups::fail_refresh(World& world, Group& group, Reason reason) {
  const auto launched = [&](const Instance& i) {
    return i.stage != Stage::terminating && world.node(i.node).image != group.image_before;
  };
  const bool undo = group.refresh.auto_rollback && group.image_before > 0 &&
                    std::any_of(group.instances.begin(), group.instances.end(), launched);
  world.record({.at = world.now(),
                .fact = Fact::refresh_failed,
                .reason = reason,
                .group = group.config.group,
                .value = undo ? 1 : 0});
  group.refresh_active = group.bakes = false;
  group.replace.clear();
  group.refresh.checkpoints.clear();
  group.failing_since = kTimeNever;
  // What was launched ahead of a termination is one too many from now on.
  std::vector<NodeId> surplus;
  for (const Swap& s : group.swaps) {
    if (s.reason == Reason::rollout) surplus.push_back(s.fresh);
  }
  std::erase_if(group.swaps, [](const Swap& s) { return s.reason == Reason::rollout; });
  for (const NodeId node : surplus) begin_termination(world, group, node, Reason::rollback);
  if (group.refresh.auto_rollback && group.image_before > 0) group.image = group.image_before;
  if (!undo) return;
  group.undoes = true;
  for (const Instance& i : group.instances) {
    if (launched(i)) group.replace.push_back(i.node);
  }
  group.refreshed_of = static_cast<std::int64_t>(group.replace.size());
  wake_converge(world, group, Duration{});
}

/// All are replaced: the refresh is over, or its bake time begins.
void AutoScalingGroups::end_refresh(World& world, Group& group) {
  if (!group.bakes && group.refresh.bake_time > Duration{}) {
    group.bakes = true;
    world.wake(handler, world.now() + group.refresh.bake_time, Phase::controllers,
               pack(group.config.group.value(), kBaked));
    return;
  }
  group.refresh_active = group.bakes = false;
}

/// After the group has tried to launch what it lacks.
void AutoScalingGroups::note_launches(World& world, Group& group) {
  if (!group.launch_failed) {
    group.failing_since = kTimeNever;
  } else if (group.failing_since == kTimeNever) {
    group.failing_since = world.now();
  }
  if (group.launch_failed && !group.retry_pending) {
    group.retry_pending = true;
    world.wake(handler, world.now() + group.config.launch_retry, Phase::controllers,
               pack(group.config.group.value(), kRetry));
  }
  if (!group.refresh_active) return;
  if (group.launch_failed && world.now() - group.failing_since >= kRefreshPatience) {
    fail_refresh(world, group, Reason::launch_failed);
    return;
  }
  const bool settled = std::all_of(group.instances.begin(), group.instances.end(),
                                   [](const Instance& i) { return i.stage == Stage::in_service; });
  const NodeGroup& g = world.group(group.config.group);
  if (!group.bakes && group.replace.empty() && settled && members(group) >= std::clamp(g.desired, g.minimum, g.maximum))
    end_refresh(world, group);
}

std::int64_t AutoScalingGroups::refresh_allowance(World& world, Group& group) {
  const std::vector<std::int64_t>& checkpoints = group.refresh.checkpoints;
  while (group.checkpoint < checkpoints.size()) {
    const std::int64_t limit = div_ceil(group.refreshed_of * checkpoints[group.checkpoint], 100);
    const std::int64_t done = group.refreshed_of - static_cast<std::int64_t>(group.replace.size());
    std::int64_t under_way = 0;
    for (const NodeId old : group.replace) {
      const Instance* instance = instance_of(group, old);
      const bool swapped =
          std::any_of(group.swaps.begin(), group.swaps.end(), [&](const Swap& s) { return s.old == old; });
      under_way += swapped || instance == nullptr || instance->stage == Stage::terminating ? 1 : 0;
    }
    if (done + under_way < limit) return limit - done - under_way;
    const bool settled = std::all_of(group.instances.begin(), group.instances.end(),
                                     [](const Instance& i) { return i.stage == Stage::in_service; });
    if (under_way > 0 || !settled || members(group) < world.group(group.config.group).desired) return 0;
    if (group.paused_until == kTimeNever) {
      group.paused_until = world.now() + group.refresh.checkpoint_delay;
      world.wake(handler, group.paused_until, Phase::controllers, pack(group.config.group.value(), kBalance));
    }
    if (world.now() < group.paused_until) return 0;
    group.paused_until = kTimeNever;
    // The last checkpoint ends the refresh, whatever is left.
    if (++group.checkpoint == checkpoints.size()) group.replace.clear();
  }
  return INT64_MAX;
}

std::vector<std::string> AutoScalingGroups::unfinished_refreshes(const World& world) const {
  std::vector<std::string> out;
  for (const Group& group : groups_) {
    if (!group.refresh_active || group.bakes || group.replace.empty()) continue;
    std::int64_t drains = 0;
    for (const NodeId old : group.replace) {
      const bool leaves = std::any_of(group.instances.begin(), group.instances.end(), [old](const Instance& i) {
        return i.node == old && i.stage == Stage::terminating;
      });
      drains += leaves ? 1 : 0;
    }
    const auto left = static_cast<std::int64_t>(group.replace.size());
    std::string text = "the instance refresh of group " +
                       std::string(world.names.text(world.group(group.config.group).name)) + " has not ended after " +
                       plimsoll::to_string(seconds((world.now() - group.refresh_from).count() / 1'000'000)) + ": " +
                       std::to_string(group.refreshed_of - left) + " of " + std::to_string(group.refreshed_of) +
                       " instances are replaced";
    if (drains > 0)
      text += ", " + std::to_string(drains) + (drains == 1 ? " drains" : " drain") + " until " +
              (drains == 1 ? "its" : "their") + " tasks and pods are gone, or for " +
              plimsoll::to_string(group.config.draining_limit) + " at most";
    out.push_back(std::move(text));
  }
  return out;
}

bool AutoScalingGroups::refreshing(NodeGroupId id) const {
  return std::any_of(groups_.begin(), groups_.end(),
                     [&](const Group& g) { return g.config.group == id && !g.replace.empty(); });
}

void AutoScalingGroups::continue_refresh(World& world, Group& group) {
  std::int64_t allowance = refresh_allowance(world, group);
  const Reason why = group.undoes ? Reason::rollback : Reason::rollout;
  const NodeGroup& g = world.group(group.config.group);
  const std::int64_t desired = std::clamp(g.desired, g.minimum, g.maximum);
  if (group.refresh.max_healthy_percent > 100) {
    const std::int64_t most = std::max(desired * group.refresh.max_healthy_percent / 100, desired + 1);
    for (const NodeId old : std::vector<NodeId>(group.replace)) {
      if (members(group) >= most || allowance <= 0) return;
      const bool swapped =
          std::any_of(group.swaps.begin(), group.swaps.end(), [&](const Swap& s) { return s.old == old; });
      const Instance* instance = instance_of(group, old);
      if (swapped || instance == nullptr || instance->stage == Stage::terminating) continue;
      --allowance;
      start_swap(world, group, old, world.node(old).zone, why);
    }
    return;
  }
  // Terminate first: as many may be out of service as the percentage leaves, one at least.
  const std::int64_t floor = div_ceil(desired * group.refresh.min_healthy_percent, 100);
  const std::int64_t may_be_out = std::max<std::int64_t>(desired - floor, 1);
  std::int64_t in_service = 0;
  for (const Instance& i : group.instances) {
    const bool warm = i.stage == Stage::in_service &&
                      (i.in_service + group.refresh.instance_warmup <= world.now() ||
                       std::find(group.replace.begin(), group.replace.end(), i.node) != group.replace.end());
    in_service += warm ? 1 : 0;
  }
  std::int64_t out = std::max<std::int64_t>(desired - in_service, 0);
  for (const NodeId old : std::vector<NodeId>(group.replace)) {
    if (out >= may_be_out || allowance <= 0) break;
    const Instance* instance = instance_of(group, old);
    if (instance == nullptr || instance->stage == Stage::terminating) continue;
    begin_termination(world, group, old, why);
    --allowance;
    ++out;
  }
  if (group.refresh.instance_warmup > Duration{} && !group.balance_pending) {
    group.balance_pending = true;
    world.wake(handler, world.now() + group.refresh.instance_warmup, Phase::controllers,
               pack(group.config.group.value(), kBalance));
  }
}

}  // namespace plimsoll::aws
