#include "models/aws/controllers/service_auto_scaling.h"

#include <algorithm>

namespace plimsoll::aws {

std::int64_t tracked_capacity(std::int64_t capacity, std::int64_t metric, std::int64_t target) {
  return div_ceil(capacity * metric, target);
}

void ServiceAutoScaling::track(WorkloadId service, const TargetTrackingParameters& parameters) {
  Service& s = services_.emplace_back();
  s.workload = service;
  s.parameters = parameters;
}

void ServiceAutoScaling::start(World& world) {
  // CloudWatch's minutes are those of the wall clock: they begin at time zero for every service.
  if (!services_.empty()) world.wake(handler, kTimeZero + minutes(1), Phase::metrics, kMinute);
}

void ServiceAutoScaling::handle(World& world, const Event& event) {
  if (event.payload == kMinute) {
    if (world.service() != nullptr) world.service()->settle(world);
    for (std::size_t i = 0; i < services_.size(); ++i) {
      Service& s = services_[i];
      const Usage& u = world.usage[s.workload.index()];
      const __int128 used = u.cpu_serving + u.cpu_starting;
      const __int128 reserved = u.cpu_reserved - s.reserved;
      s.unpublished.push_back(reserved > 0 ? static_cast<std::int64_t>((used - s.used) * 1'000'000 / reserved) : -1);
      s.used = used;
      s.reserved = u.cpu_reserved;
      world.wake(handler, world.now() + s.parameters.publication_delay, Phase::metrics, kPublish | (i << 8));
    }
    if (world.now() + minutes(1) <= world.end) world.wake(handler, world.now() + minutes(1), Phase::metrics, kMinute);
    return;
  }
  Service& s = services_[event.payload >> 8];
  const std::int64_t utilization = s.unpublished.front();
  s.unpublished.erase(s.unpublished.begin());
  TrackingDetail detail;
  detail.before = world.workload(s.workload).desired;
  detail.action = evaluate(world, s, utilization, detail.wanted);
  if (!world.is_explained()) return;
  detail.service = s.workload;
  detail.value = utilization;
  detail.high_threshold = s.parameters.target.raw();
  detail.low_threshold = s.parameters.target.raw() * s.parameters.low_factor.raw() / 1'000'000;
  detail.above = s.above;
  detail.below = s.below;
  detail.high_periods = s.parameters.high_periods;
  detail.low_periods = s.parameters.low_periods;
  detail.running = world.workload(s.workload).started;
  detail.publication_delay = s.parameters.publication_delay;
  world.explain(detail);
}

TrackingAction ServiceAutoScaling::evaluate(World& world, Service& s, std::int64_t utilization, std::int64_t& wanted) {
  // Missing data ends a run of breaching minutes: neither alarm fires on it.
  const std::int64_t target = s.parameters.target.raw();
  const std::int64_t low = target * s.parameters.low_factor.raw() / 1'000'000;
  s.above = utilization >= 0 && utilization > target ? s.above + 1 : 0;
  s.below = utilization >= 0 && utilization < low ? s.below + 1 : 0;
  const Workload& w = world.workload(s.workload);
  const Time now = world.now();
  wanted = w.desired;
  if (s.above >= s.parameters.high_periods) {
    const std::int64_t running = std::max<std::int64_t>(w.started, 1);
    wanted = std::clamp(tracked_capacity(running, utilization, target), w.minimum, w.maximum);
    if (wanted <= w.desired) return TrackingAction::at_bound;
    world.set_desired(s.workload, wanted);
    s.out_until = now + s.parameters.scale_out_cooldown;
    return TrackingAction::scaled_out;
  }
  if (s.below < s.parameters.low_periods) return TrackingAction::none;
  wanted = std::clamp(tracked_capacity(w.desired, utilization, target), w.minimum, w.maximum);
  if (now < s.in_until || now < s.out_until) return TrackingAction::cooling_down;
  if (wanted >= w.desired) return TrackingAction::at_bound;
  world.set_desired(s.workload, wanted);
  s.in_until = now + s.parameters.scale_in_cooldown;
  return TrackingAction::scaled_in;
}

}  // namespace plimsoll::aws
