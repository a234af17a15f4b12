#include "models/aws/controllers/group_predictive_scaling.h"

#include <algorithm>
#include <utility>

#include "sim/core/assert.h"

namespace plimsoll::aws {

namespace {

constexpr std::int64_t kHourSeconds = 3600;
constexpr Duration kSample = minutes(1);

}  // namespace

GroupPredictiveScaling::GroupPredictiveScaling(NodeGroupId group, const std::vector<GroupPrediction>& policies,
                                               std::int64_t calendar)
    : group_(group), calendar_(calendar) {
  for (const GroupPrediction& p : policies) {
    PLIMSOLL_ASSERT(p.policy.target > 0 && p.policy.buffer <= hours(1));
    policies_.push_back({p, {}, 0, 0});
  }
}

std::int64_t GroupPredictiveScaling::floor_of(World& world, NodeGroupId group) {
  std::int64_t floor = 0;
  world.each_component<GroupPredictiveScaling>([&](const GroupPredictiveScaling& scaling) {
    if (scaling.group_ != group) return;
    for (const Policy& p : scaling.policies_) floor = std::max(floor, p.floor);
  });
  return floor;
}

void GroupPredictiveScaling::start(World& world) {
  before_.resize(world.workloads().size());
  now_.resize(world.workloads().size());
  for (std::size_t i = 0; i < before_.size(); ++i) before_[i] = read_workload(world, WorkloadId{i});
  const std::int64_t into = (calendar_ % kHourSeconds + kHourSeconds) % kHourSeconds;
  world.wake(handler, kTimeZero + kSample, Phase::metrics, kMinute);
  world.wake(handler, kTimeZero + seconds(kHourSeconds - into), Phase::metrics, kHour);
}

void GroupPredictiveScaling::handle(World& world, const Event& event) {
  const std::uint64_t what = event.payload & 0xffu;
  if (what == kApply) {
    apply(world, policies_[static_cast<std::size_t>(event.payload >> 8)]);
    return;
  }
  if (what == kMinute) {
    sample(world);
    if (world.now() + kSample <= world.end) world.wake(handler, world.now() + kSample, Phase::metrics, kMinute);
    return;
  }
  close_hour();
  for (std::size_t i = 0; i < policies_.size(); ++i) {
    const Time at = world.now() + hours(1) - policies_[i].what.policy.buffer;
    if (at <= world.end) world.wake(handler, at, Phase::controllers, kApply | (static_cast<std::uint64_t>(i) << 8));
  }
  if (world.now() + hours(1) <= world.end) world.wake(handler, world.now() + hours(1), Phase::metrics, kHour);
}

/// One look a minute: instances come and go within an hour.
void GroupPredictiveScaling::sample(World& world) {
  if (world.service() != nullptr) world.service()->settle(world);
  for (std::size_t i = 0; i < now_.size(); ++i) now_[i] = read_workload(world, WorkloadId{i});
  cpu_ += cpu_percent(world);
  for (std::size_t i = 0; i < now_.size(); ++i) {
    if (!world.workloads()[i].behind_balancer) continue;
    const double arrived = static_cast<double>(now_[i].usage.arrived - before_[i].usage.arrived) / 1e6;
    requests_ +=
        arrived * static_cast<double>(minutes(1).count()) / static_cast<double>((now_[i].at - before_[i].at).count());
  }
  ++samples_;
  std::swap(before_, now_);
}

/// Sum of the instances' CPU use, each in percent of itself.
double GroupPredictiveScaling::cpu_percent(const World& world) const {
  std::int64_t instances = 0, ticks = 0;
  for (const NodeId id : world.live_nodes()) {
    const Node& n = world.node(id);
    if (n.group != group_ || (n.state != NodeState::ready && n.state != NodeState::draining)) continue;
    ++instances;
    ticks += n.capacity.cpu().raw();
  }
  if (ticks <= 0) return 0;
  double cores = 0;
  for (std::size_t i = 0; i < now_.size(); ++i) {
    const Workload& w = world.workloads()[i];
    std::int64_t here = 0, all = 0;
    for (const PodId id : w.pods) {
      const Pod& p = world.pod(id);
      if (p.started == kTimeNever || p.node.is_none()) continue;
      ++all;
      here += world.node(p.node).group == group_ ? 1 : 0;
    }
    if (here == 0) continue;
    cores += measure(Measure::cpu, w, before_[i], now_[i]) * static_cast<double>(here) / static_cast<double>(all);
  }
  return 100.0 * cores * static_cast<double>(kCpuTicksPerVcpu) * static_cast<double>(instances) /
         static_cast<double>(ticks);
}

void GroupPredictiveScaling::close_hour() {
  const double samples = static_cast<double>(std::max<std::int64_t>(samples_, 1));
  for (Policy& p : policies_) {
    const double load = (p.what.load == GroupLoad::cpu ? cpu_ : requests_) / samples;
    p.forecast.add_hour(static_cast<std::int64_t>(load * 1e6 + 0.5));
    p.floor = std::exchange(p.next_floor, 0);
  }
  cpu_ = requests_ = 0;
  samples_ = 0;
}

void GroupPredictiveScaling::apply(World& world, Policy& p) {
  const bool before_the_hour = p.what.policy.buffer > Duration{};
  const auto load = p.forecast.ahead(before_the_hour ? 1 : 0);
  if (!load || p.what.policy.mode == PredictivePolicy::Mode::forecast_only) return;
  const NodeGroup& group = world.group(group_);
  const std::int64_t capacity = forecast_capacity(*load, p.what.policy.target);
  const std::int64_t most = effective_maximum(p.what.policy, capacity, group.maximum);
  if (most > group.maximum) world.set_group_maximum(group_, most);
  const std::int64_t floor = std::clamp(capacity, group.minimum, std::max(most, group.minimum));
  p.floor = std::max(p.floor, floor);
  if (before_the_hour) p.next_floor = floor;
  if (p.floor > group.desired) world.set_group_desired(group_, p.floor);
}

}  // namespace plimsoll::aws
