#include "models/aws/controllers/service_auto_scaling.h"

#include <algorithm>
#include <utility>

#include "sim/core/assert.h"

namespace plimsoll::aws {

namespace {

constexpr std::int64_t kNoWish = INT64_MIN;
constexpr std::int64_t kHourSeconds = 3600;

std::uint64_t wake_of(std::uint64_t kind, std::size_t target, std::size_t index = 0) {
  return kind | (static_cast<std::uint64_t>(target) << 8) | (static_cast<std::uint64_t>(index) << 40);
}

}  // namespace

ServiceAutoScaling::Target& ServiceAutoScaling::target_of(WorkloadId workload) {
  for (Target& t : targets_) {
    if (t.workload == workload) return t;
  }
  Target t;
  t.workload = workload;
  targets_.push_back(std::move(t));
  return targets_.back();
}

void ServiceAutoScaling::add_target(WorkloadId service, SuspendedScaling suspended) {
  target_of(service).suspended = suspended;
}

void ServiceAutoScaling::track(CloudWatch& cw, WorkloadId service, const TrackingConfig& config) {
  Tracking t;
  t.config = config;
  const TrackingAlarms alarms = ecs_service_alarms(config.target);
  t.high = cw.add_alarm("TargetTracking-" + config.name + "-AlarmHigh", config.metric, alarms.high, config.statistic);
  t.low = cw.add_alarm("TargetTracking-" + config.name + "-AlarmLow", config.metric, alarms.low, config.statistic);
  t.cooldown = TrackingCooldown(config.scale_out_cooldown, config.scale_in_cooldown, config.cooldown_reading);
  target_of(service).tracking.push_back(std::move(t));
}

void ServiceAutoScaling::step(WorkloadId service, StepConfig config) {
  PLIMSOLL_ASSERT(step_policy_error(config.rule).empty());
  target_of(service).steps.push_back({std::move(config), {}, {}, 0});
}

void ServiceAutoScaling::schedule(WorkloadId service, ScheduledAction action) {
  target_of(service).actions.push_back(std::move(action));
}

void ServiceAutoScaling::predict(WorkloadId service, PredictiveLoad load, const PredictivePolicy& policy) {
  PLIMSOLL_ASSERT(policy.target > 0 && policy.buffer <= hours(1));
  Predictive p;
  p.load = load;
  p.policy = policy;
  target_of(service).predictive.push_back(std::move(p));
}

void ServiceAutoScaling::predict(CloudWatch& cw, WorkloadId service, const PredictiveMetrics& metrics,
                                 const PredictivePolicy& policy) {
  PLIMSOLL_ASSERT(policy.target > 0 && policy.buffer <= hours(1));
  cw.keep_for(metrics.load, hours(1));
  cw.keep_for(metrics.scaling, hours(1));
  if (metrics.capacity) cw.keep_for(*metrics.capacity, hours(1));
  Predictive p;
  p.load = PredictiveLoad::customized;
  p.policy = policy;
  p.metrics = metrics;
  target_of(service).predictive.push_back(std::move(p));
}

std::optional<EpochSeconds> ScheduledAction::next(EpochSeconds created, EpochSeconds after) const {
  if (begins) {
    created = *begins;
    // A rate runs at StartTime itself.
    if (after < *begins && std::holds_alternative<RateSchedule>(schedule))
      return !ends || *begins <= *ends ? begins : std::nullopt;
    after = std::max(after, *begins - 1);
  }
  const auto at = next_occurrence(schedule, created, after, zone);
  return at && (!ends || *at <= *ends) ? at : std::nullopt;
}

void ServiceAutoScaling::start(World& world) {
  if (targets_.empty()) return;
  auto& cw = dynamic_cast<CloudWatch&>(world.component(cloudwatch_));
  bool forecasts = false, customized = false;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    Target& t = targets_[i];
    for (const Tracking& p : t.tracking) {
      cw.notify(p.high, AlarmState::alarm, handler, wake_of(kAlarm, i), true);
      cw.notify(p.low, AlarmState::alarm, handler, wake_of(kAlarm, i), true);
    }
    for (const Step& p : t.steps) cw.notify(p.config.alarm, p.config.on, handler, wake_of(kAlarm, i), true);
    for (std::size_t k = 0; k < t.actions.size(); ++k) schedule_action(world, i, k);
    for (Predictive& p : t.predictive) {
      p.at_hour = read_workload(world, t.workload);
      forecasts = true;
      customized = customized || p.load == PredictiveLoad::customized;
    }
  }
  if (!forecasts) return;
  if (customized) cw.measure_always(world);
  // Hours are those of the calendar.
  const std::int64_t into = (calendar_ % kHourSeconds + kHourSeconds) % kHourSeconds;
  world.wake(handler, kTimeZero + seconds(kHourSeconds - into), Phase::metrics, kHour);
}

void ServiceAutoScaling::handle(World& world, const Event& event) {
  const std::size_t target = (event.payload >> 8) & 0xffffffffu, index = event.payload >> 40;
  switch (event.payload & 0xffu) {
    case kAlarm: {
      Target& t = targets_[target];
      const bool again = t.evaluated == world.now();
      const std::int64_t before = world.workload(t.workload).desired;
      evaluate(world, t);
      if (!again) tell(world, t, ServiceScalingDetail::Cause::alarm, "", before);
      break;
    }
    case kAction: {
      Target& t = targets_[target];
      const std::int64_t before = world.workload(t.workload).desired;
      run_action(world, t, index);
      tell(world, t, ServiceScalingDetail::Cause::scheduled_action, t.actions[index].name, before);
      schedule_action(world, target, index);
      break;
    }
    case kHour:
      if (world.service() != nullptr) world.service()->settle(world);
      for (std::size_t i = 0; i < targets_.size(); ++i) {
        close_hour(world, targets_[i]);
        for (std::size_t k = 0; k < targets_[i].predictive.size(); ++k) {
          const Time at = world.now() + hours(1) - targets_[i].predictive[k].policy.buffer;
          if (at <= world.end) world.wake(handler, at, Phase::controllers, wake_of(kForecast, i));
        }
      }
      if (world.now() + hours(1) <= world.end) world.wake(handler, world.now() + hours(1), Phase::metrics, kHour);
      break;
    default: {
      const std::int64_t before = world.workload(targets_[target].workload).desired;
      apply_forecast(world, targets_[target]);
      tell(world, targets_[target], ServiceScalingDetail::Cause::forecast, "", before);
      break;
    }
  }
}

std::vector<AlarmPolicy> ServiceAutoScaling::policies_of(WorkloadId service) const {
  std::vector<AlarmPolicy> out;
  for (const Target& t : targets_) {
    if (t.workload != service) continue;
    for (const Tracking& p : t.tracking) out.push_back({p.config.name, true, p.config.target, p.high, p.low});
    for (const Step& p : t.steps) out.push_back({p.config.name, false, 0, p.config.alarm, {}});
  }
  return out;
}

void ServiceAutoScaling::tell(World& world, const Target& t, ServiceScalingDetail::Cause cause, const std::string& name,
                              std::int64_t before) const {
  if (!world.is_explained()) return;
  ServiceScalingDetail detail;
  detail.service = t.workload;
  detail.cause = cause;
  detail.name = name;
  detail.running = world.workload(t.workload).started;
  detail.before = before;
  detail.after = world.workload(t.workload).desired;
  detail.policies = policies_of(t.workload);
  if (cause == ServiceScalingDetail::Cause::alarm && detail.before != detail.after) {
    detail.decider = t.decider;
    detail.decided_by = t.decided_by;
  }
  detail.cloudwatch = &cloudwatch(world);
  world.explain(detail);
}

std::optional<std::int64_t> ServiceAutoScaling::step_wish(const World& world, const CloudWatch& cw,
                                                          const Target& target, const Step& step) const {
  if (cw.state(step.config.alarm) != step.config.on) return std::nullopt;
  const auto value = cw.aggregate(step.config.alarm, step.config.aggregation);
  if (!value) return std::nullopt;
  const AlarmDefinition& alarm = cw.definition(step.config.alarm);
  const bool above =
      alarm.comparison == AlarmComparison::greater || alarm.comparison == AlarmComparison::greater_or_equal;
  const StepAdjustment* adjustment =
      step_for(step.config.rule, above ? BreachSide::above : BreachSide::below, *value, alarm.threshold);
  if (adjustment == nullptr) return std::nullopt;
  const Workload& w = world.workload(target.workload);
  const std::int64_t current = w.desired, least = std::max(w.minimum, target.floor);
  const std::int64_t most = std::max({w.maximum, target.raised_maximum, least});
  const Time now = world.now();
  const bool cooling_out = step.last_out && now < *step.last_out + step.config.cooldown;
  const std::int64_t base = cooling_out ? std::max<std::int64_t>(current - step.added, 0) : current;
  const std::int64_t from_base = adjusted_capacity(step.config.rule, *adjustment, base);
  std::int64_t wanted = from_base;
  if (cooling_out && from_base > base) {
    wanted = scale_out_during_cooldown(current, step.added, from_base - base);
  } else if (from_base < base) {
    // In: not while either cooldown runs.
    if (cooling_out || (step.last_in && now < *step.last_in + step.config.cooldown)) return std::nullopt;
  }
  return std::clamp(wanted, least, most);
}

void ServiceAutoScaling::evaluate(World& world, Target& t) {
  if (t.evaluated == world.now()) return;
  t.evaluated = world.now();
  t.decider.reset();
  t.decided_by = {};
  const CloudWatch& cw = cloudwatch(world);
  const Workload& w = world.workload(t.workload);
  const std::int64_t current = w.desired, least = std::max(w.minimum, t.floor);
  const std::int64_t most = std::max({w.maximum, t.raised_maximum, least});
  const Time now = world.now();
  std::int64_t out = current, step_in = kNoWish;
  wishes_.clear();  // of target tracking, outwards
  for (const Tracking& p : t.tracking) {
    PolicyWish wish;
    const auto value = cw.state(p.high) == AlarmState::alarm ? cw.latest(p.high) : std::nullopt;
    if (value) {
      const std::int64_t base = p.cooldown.base(current, w.started, now);
      const std::int64_t reckoned =
          target_tracking_desired(base, std::max<std::int64_t>(*value, 0), p.config.target, least, most);
      const std::int64_t wanted = std::min(p.cooldown.outwards(current, base, reckoned, now), most);
      if (wanted > current) wish.wants = wanted;
    }
    wishes_.push_back(wish);
    if (wish.wants && *wish.wants > out) {
      out = *wish.wants;
      t.decide(wishes_.size() - 1, p.high);
    }
  }
  std::optional<std::size_t> in_by;  // the step policy whose wish step_in is
  for (std::size_t i = 0; i < t.steps.size(); ++i) {
    const auto wanted = step_wish(world, cw, t, t.steps[i]);
    if (!wanted || *wanted == current) continue;
    if (*wanted > out) {
      out = *wanted;
      t.decide(t.tracking.size() + i, t.steps[i].config.alarm);
    } else if (*wanted<current&& * wanted> step_in) {
      step_in = *wanted;
      in_by = i;
    }
  }
  if (out <= current) {
    if (in_by) t.decide(t.tracking.size() + *in_by, t.steps[*in_by].config.alarm);
    evaluate_in(world, t, step_in);
    return;
  }
  if (t.suspended.out) return;
  for (std::size_t i = 0; i < t.tracking.size(); ++i) {
    if (wishes_[i].wants) {
      t.tracking[i].cooldown.note(current, out, now);
    } else {
      t.tracking[i].cooldown.end_scale_in();
    }
  }
  for (Step& p : t.steps) {
    const auto wanted = step_wish(world, cw, t, p);
    p.last_in.reset();
    if (!wanted || *wanted <= current) continue;
    const bool cooling = p.last_out && now < *p.last_out + p.config.cooldown;
    p.added = (cooling ? p.added : 0) + out - current;
    p.last_out = now;
  }
  world.set_desired(t.workload, out);
}

void ServiceAutoScaling::evaluate_in(World& world, Target& t, std::int64_t step_in) {
  const CloudWatch& cw = cloudwatch(world);
  const Workload& w = world.workload(t.workload);
  const std::int64_t current = w.desired, least = std::max(w.minimum, t.floor);
  const std::int64_t most = std::max({w.maximum, t.raised_maximum, least});
  const Time now = world.now();
  wishes_.clear();
  for (const Tracking& p : t.tracking) {
    PolicyWish wish;
    wish.scale_in_disabled = p.config.disable_scale_in;
    const auto value = cw.state(p.low) == AlarmState::alarm ? cw.latest(p.low) : std::nullopt;
    if (value) {
      const std::int64_t wanted =
          target_tracking_desired(current, std::max<std::int64_t>(*value, 0), p.config.target, least, most);
      if (wanted < current && p.cooldown.allows_in(now)) wish.wants = wanted;
    }
    wishes_.push_back(wish);
  }
  const std::int64_t tracked = combine_wishes(current, wishes_);
  std::int64_t wanted = tracked < current ? tracked : kNoWish;
  wanted = std::max(wanted, step_in);
  if (wanted == kNoWish || wanted >= current || t.suspended.in || w.rolling_out()) return;
  // The larger result wins, and it is the wish of one of them.
  for (std::size_t i = 0; i < t.tracking.size() && tracked == wanted; ++i) {
    if (wishes_[i].wants != wanted || wishes_[i].scale_in_disabled) continue;
    t.decide(i, t.tracking[i].low);
    break;
  }
  if (tracked < current) {
    for (std::size_t i = 0; i < t.tracking.size(); ++i) {
      if (wishes_[i].wants && !wishes_[i].scale_in_disabled) t.tracking[i].cooldown.note(current, wanted, now);
    }
  }
  for (Step& p : t.steps) {
    const auto wish = step_wish(world, cw, t, p);
    if (wish && *wish < current) p.last_in = now;
  }
  world.set_desired(t.workload, wanted);
}

void ServiceAutoScaling::schedule_action(World& world, std::size_t target, std::size_t index) {
  const ScheduledAction& action = targets_[target].actions[index];
  const EpochSeconds now = calendar_ + to_microseconds(world.now()) / 1'000'000;
  // A run comes `precision` after its minute: what is due is what lies after the one that has just run.
  const EpochSeconds after = world.now() == kTimeZero ? now - 1 : now - to_microseconds(precision_) / 1'000'000;
  const auto next = action.next(calendar_, after);
  if (!next) return;
  const Time at = kTimeZero + seconds(*next - calendar_) + precision_;
  if (at <= world.end) world.wake(handler, at, Phase::controllers, wake_of(kAction, target, index));
}

void ServiceAutoScaling::run_action(World& world, Target& t, std::size_t index) {
  if (t.suspended.scheduled) return;
  const ScheduledAction& action = t.actions[index];
  const Workload& w = world.workload(t.workload);
  std::int64_t minimum = action.minimum.value_or(w.minimum), maximum = action.maximum.value_or(w.maximum);
  // The bound that the action does not give gives way.
  if (action.minimum) {
    maximum = std::max(maximum, minimum);
  } else {
    minimum = std::min(minimum, maximum);
  }
  world.set_bounds(t.workload, minimum, maximum);
}

void ServiceAutoScaling::close_hour(World& world, Target& t) {
  for (Predictive& p : t.predictive) {
    const WorkloadReading now = read_workload(world, t.workload);
    const Workload& w = world.workload(t.workload);
    const auto span = static_cast<double>((now.at - p.at_hour.at).count());
    double load = 0;
    switch (p.load) {
      case PredictiveLoad::cpu:
        load = 100e6 * measure(Measure::cpu, w, p.at_hour, now) / to_cores(w.requests.cpu());
        break;
      case PredictiveLoad::memory:
        load = 100e6 * mean_memory(w, p.at_hour, now) / static_cast<double>(w.requests.memory().raw());
        break;
      case PredictiveLoad::requests:  // a minute
        load = 60e6 * static_cast<double>(now.usage.arrived - p.at_hour.usage.arrived) / span;
        break;
      case PredictiveLoad::customized: {
        // Of the last published hour. Without data nothing is known of it: it counts as an hour without load.
        const CloudWatch& cw = cloudwatch(world);
        const auto total = cw.value_over(p.metrics.load, p.metrics.load_statistic, hours(1));
        const auto mean = cw.value_over(p.metrics.scaling, p.metrics.scaling_statistic, hours(1));
        auto capacity = static_cast<double>(now.usage.started_time - p.at_hour.usage.started_time) / span;
        if (p.metrics.capacity) {
          const auto said = cw.value_over(*p.metrics.capacity, p.metrics.capacity_statistic, hours(1));
          capacity = static_cast<double>(said.value_or(0)) / 1e6;
        }
        load = static_cast<double>(total.value_or(0));
        if (total && mean && *total > 0 && capacity > 0) {
          p.loads += load;
          p.demands += static_cast<double>(*mean) * capacity;
        }
        break;
      }
    }
    p.forecast.add_hour(static_cast<std::int64_t>(load + 0.5));
    p.at_hour = now;
  }
  t.floor = std::exchange(t.next_floor, 0);
}

void ServiceAutoScaling::apply_forecast(World& world, Target& t) {
  const Workload& w = world.workload(t.workload);
  for (const Predictive& p : t.predictive) {
    auto load = p.forecast.ahead(p.policy.buffer > Duration{} ? 1 : 0);
    if (load && p.load == PredictiveLoad::customized) {
      const double demand = p.loads > 0 ? static_cast<double>(*load) * p.demands / p.loads : 0;
      load = static_cast<std::int64_t>(demand + 0.5);
    }
    if (!load || p.policy.mode == PredictivePolicy::Mode::forecast_only) continue;
    const std::int64_t capacity = forecast_capacity(*load, p.policy.target);
    const std::int64_t most = effective_maximum(p.policy, capacity, w.maximum);
    t.raised_maximum = std::max(most, w.maximum);
    const std::int64_t floor = std::clamp(capacity, w.minimum, most);
    t.floor = std::max(t.floor, floor);
    if (p.policy.buffer > Duration{}) t.next_floor = std::max(t.next_floor, floor);
  }
  if (t.floor > w.desired && !t.suspended.out) world.set_desired(t.workload, t.floor);
}

}  // namespace plimsoll::aws
