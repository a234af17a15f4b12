#include "models/kubernetes/keda/keda_operator.h"

#include <algorithm>

namespace plimsoll::kubernetes {

void KedaOperator::start(World& world) {
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const KedaTarget& t = targets_[i].target;
    const std::string_view name = world.names.text(world.workload(t.workload).name);
    const Stream stream = world.stream(hash_text(name, hash_text("keda")), Purpose::loop_offset);
    const auto interval = static_cast<std::uint64_t>(t.polling_interval.count());
    world.wake(handler, world.now() + Duration{static_cast<std::int64_t>(stream.below(interval, 0)) + 1},
               Phase::controllers, i);
  }
}

void KedaOperator::handle(World& world, const Event& event) {
  Managed& managed = targets_[event.payload];
  poll(world, managed);
  if (managed.target.paused_replicas) return;  // the scale loop is stopped now
  world.wake(handler, world.now() + managed.target.polling_interval, Phase::controllers, event.payload);
}

KedaOperator::State KedaOperator::state_of(World& world, const KedaTarget& target) const {
  if (target.force_active) return State::active;
  const std::int64_t now = calendar_ + to_microseconds(world.now()) / 1'000'000;
  State out = State::idle;
  for (const ActivationTrigger& t : target.triggers) {
    if (t.cron) {
      if (t.cron->active(now)) return State::active;
      continue;
    }
    const auto& prometheus = dynamic_cast<const Prometheus&>(world.component(prometheus_));
    const auto value = prometheus.value(t.query, world.now());
    if (value && *value > t.threshold) return State::active;
    if (!value && (!prometheus.up() || t.null_is_error)) out = State::error;
  }
  return out;
}

void KedaOperator::set(World& world, WorkloadId workload, std::int64_t wanted, std::string_view why) {
  if (world.is_explained()) {
    KedaDetail detail;
    detail.workload = workload;
    detail.current = world.workload(workload).desired;
    detail.wanted = wanted;
    detail.why = why;
    world.explain(detail);
  }
  world.set_desired(workload, wanted);
}

void KedaOperator::poll(World& world, Managed& managed) {
  const KedaTarget& t = managed.target;
  const std::int64_t current = world.workload(t.workload).desired;
  if (t.paused_replicas) {
    if (current != *t.paused_replicas) set(world, t.workload, *t.paused_replicas, "paused-replicas");
    return;
  }
  const std::int64_t woken = std::max<std::int64_t>(t.minimum, 1);
  const State state = state_of(world, t);
  if (state == State::active) {
    // lastActiveTime is written when it wakes the target and at every active poll after that.
    const bool sleeps = current == 0 || (t.idle && current < t.minimum);
    if (sleeps && !t.scales_out) return;
    managed.last_active = world.now();
    if (sleeps) set(world, t.workload, woken, t.force_active ? "force-activation" : "a trigger is active");
    return;
  }
  if (state == State::error) {
    if (t.fallback_replicas > 0 && current != t.fallback_replicas)
      set(world, t.workload, t.fallback_replicas, "a trigger is in error, fallback.replicas");
    return;
  }
  const Time since = managed.last_active ? *managed.last_active + t.cooldown : kTimeZero + t.initial_cooldown;
  const bool cooled = since < world.now();
  if (t.idle && current > *t.idle) {
    if (cooled && t.scales_in) set(world, t.workload, *t.idle, "no trigger is active, idleReplicaCount");
  } else if (!t.idle && t.minimum == 0 && current > 0) {
    if (cooled && t.scales_in) set(world, t.workload, 0, "no trigger is active");
  } else if (!t.idle && current < t.minimum) {
    set(world, t.workload, t.minimum, "no trigger is active, minReplicaCount");
  }
}

}  // namespace plimsoll::kubernetes
