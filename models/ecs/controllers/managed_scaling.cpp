#include "models/ecs/controllers/managed_scaling.h"

#include <algorithm>

#include "models/aws/application_auto_scaling/step_scaling.h"
#include "models/ecs/capacity_provider_reservation.h"
#include "models/ecs/controllers/task_placer.h"

namespace plimsoll::ecs {

namespace {

/// Percent, in millionths.
std::int64_t metric_value(const Reservation& r) { return 100 * aws::kMetricScale * r.numerator / r.denominator; }

}  // namespace

void ManagedScaling::start(World& world) { world.wake(handler, kTimeZero + minutes(1), Phase::metrics, kMinute); }

void ManagedScaling::one_an_instance(WorkloadId workload, bool distinct_instance, bool static_ports) {
  one_.push_back({workload, distinct_instance, static_ports});
}

void ManagedScaling::handle(World& world, const Event& event) {
  if (event.payload == kMinute) {
    unpublished_.push_back(measure(world));
    if (!cloudwatch_.is_none()) {
      const Reservation r = capacity_provider_reservation(unpublished_.back().running, unpublished_.back().needed);
      dynamic_cast<aws::CloudWatch&>(world.component(cloudwatch_)).put(metric_, metric_value(r));
    }
    world.wake(handler, world.now() + parameters_.publication_delay, Phase::metrics, kPublish);
    if (world.now() + minutes(1) <= world.end) world.wake(handler, world.now() + minutes(1), Phase::metrics, kMinute);
    return;
  }
  const Sample sample = unpublished_.front();
  unpublished_.erase(unpublished_.begin());
  ++published_;
  ManagedScalingDetail detail;
  detail.before = world.group(group_).desired;
  detail.action = evaluate(world, sample, detail.wanted);
  if (!high_.is_none()) tell_states(world, sample);
  if (!world.is_explained()) return;
  detail.group = group_;
  detail.running = sample.running;
  detail.needed = sample.needed;
  detail.target = parameters_.target_capacity;
  detail.below = below_;
  detail.low_periods = parameters_.low_periods;
  world.explain(detail);
}

/// The states that the datapoints give the two alarms; without as many datapoints as it looks at, the low one has no
/// state unless one of them is not below.
void ManagedScaling::tell_states(World& world, const Sample& sample) const {
  auto& cloudwatch = dynamic_cast<aws::CloudWatch&>(world.component(cloudwatch_));
  const std::int64_t value = metric_value(capacity_provider_reservation(sample.running, sample.needed));
  const auto state = [](bool alarm) { return alarm ? aws::AlarmState::alarm : aws::AlarmState::ok; };
  const bool above = value > cloudwatch.definition(high_).threshold;
  cloudwatch.set_state(world, high_, value, above ? 1 : 0, state(above));
  const bool known = published_ > below_ || below_ >= parameters_.low_periods;
  cloudwatch.set_state(world, low_, value, std::min(below_, parameters_.low_periods),
                       known ? state(below_ >= parameters_.low_periods) : aws::AlarmState::insufficient_data);
}

std::vector<BindingLimits::Limit> ManagedScaling::binding_limits(const World& world) const {
  const double share = maximum_.share(world);
  if (share == 0) return {};
  return {{"the maximum of Auto Scaling group " + std::string(world.names.text(world.group(group_).name)), share}};
}

ManagedScaling::Sample ManagedScaling::measure(World& world) const {
  Sample s;
  std::int64_t busy = 0;
  for (const NodeId id : world.live_nodes()) {
    const Node& n = world.node(id);
    if (n.group != group_ || (n.state != NodeState::running && n.state != NodeState::ready)) continue;
    ++s.running;
    if (n.app_pod_count > 0) ++busy;
  }
  std::vector<UnplacedGroup> groups;
  std::vector<std::pair<ShapeId, WorkloadId>> keys;  // the workload: of those with one task an instance
  // The same tasks are PROVISIONING here as where they are placed: the cluster's oldest, up to its quota.
  const auto* placer = world.pending_pods().empty() ? nullptr : world.find_component<TaskPlacer>();
  std::int64_t provisioning = 0;
  for (const PodId id : world.pending_pods()) {
    const Pod& pod = world.pod(id);
    if (placer != nullptr && placer->provisions(pod) && ++provisioning > placer->provisioning_limit()) break;
    if (pod.lane != lane_) continue;
    const auto one =
        std::find_if(one_.begin(), one_.end(), [&](const OneAnInstance& o) { return o.workload == pod.workload; });
    const std::pair key(pod.shape, one != one_.end() ? pod.workload : WorkloadId{});
    const auto at = std::find(keys.begin(), keys.end(), key);
    if (at != keys.end()) {
      ++groups[static_cast<std::size_t>(at - keys.begin())].tasks;
      continue;
    }
    const PodShape& shape = world.shapes[pod.shape];
    UnplacedGroup g;
    g.cpu = shape.requests.cpu();
    g.memory = shape.requests.memory();
    g.enis = shape.requests[Resource::enis];
    g.gpus = shape.requests[Resource::gpus];
    g.distinct_instance = one != one_.end() && one->distinct_instance;
    g.static_ports = one != one_.end() && one->static_ports;
    g.tasks = 1;
    keys.push_back(key);
    groups.push_back(g);
  }
  // Instances asked for and not running yet are part of what the group already has under way.
  s.needed = cas_needed_instances(types_, groups, s.running, busy, parameters_.minimum_step, parameters_.maximum_step,
                                  parameters_.binpacks, parameters_.sums_groups)
                 .needed;
  return s;
}

ManagedScalingAction ManagedScaling::evaluate(World& world, const Sample& sample, std::int64_t& wanted) {
  const NodeGroup& group = world.group(group_);
  wanted = group.desired;
  const ManagedScalingDecision d = managed_scaling_decision(sample.running, sample.needed, parameters_.target_capacity);
  below_ = d.direction == ScalingDirection::in ? below_ + 1 : 0;
  maximum_.set(world, d.direction == ScalingDirection::out && d.desired > group.maximum);
  const Time now = world.now();
  if (d.direction == ScalingDirection::out) {
    // While instances are on their way or warming up, what they will hold is not known: wait for them.
    bool warming = false;
    for (const NodeId id : world.live_nodes()) {
      const Node& n = world.node(id);
      if (n.group != group_) continue;
      if (n.state == NodeState::requested || n.state == NodeState::running) warming = true;
      if (n.state == NodeState::ready && scaled_out_ && n.requested >= last_out_ &&
          n.running + parameters_.warmup > now)
        warming = true;
    }
    wanted = std::clamp(d.desired, group.minimum, group.maximum);
    if (warming) return ManagedScalingAction::warming_up;
    if (wanted <= group.desired) return ManagedScalingAction::at_bound;
    world.set_group_desired(group_, wanted);
    last_out_ = now;
    scaled_out_ = true;
    return ManagedScalingAction::scaled_out;
  }
  if (below_ < parameters_.low_periods) return ManagedScalingAction::none;
  const std::int64_t floor = scale_in_floor(sample.running);
  wanted = std::clamp(std::max(d.desired, floor), group.minimum, group.maximum);
  if (scaled_out_ && now < last_out_ + minutes(15)) return ManagedScalingAction::after_out;
  if (wanted >= group.desired) return ManagedScalingAction::at_bound;
  world.set_group_desired(group_, wanted);
  return ManagedScalingAction::scaled_in;
}

}  // namespace plimsoll::ecs
