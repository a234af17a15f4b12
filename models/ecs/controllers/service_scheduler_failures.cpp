#include <algorithm>

#include "models/ecs/controllers/service_scheduler.h"

// Tasks of a service that fail: what the circuit breaker, the throttle and the grace period make of it.

namespace plimsoll::ecs {

/// Plans the check that makes the target of a task unhealthy. The task is given one more period of its own check: it
/// may answer for so long without being known to be ready.
void ServiceScheduler::watch_target(World& world, const Pod& task, const Service& s) const {
  constexpr std::uint64_t kFirstCheck = 2'000'000;  // beside the other draws of a registration
  const TargetChecks& checks = *s.configuration.target_checks;
  const Stream stream = world.stream(world.entity(task), Purpose::registration);
  const Duration first = Delay::uniform(Duration{}, checks.interval).sample(stream, kFirstCheck);
  const Time failed = task.started + first + checks.interval * (checks.unhealthy_threshold - 1);
  const auto& readiness = world.template_of(task).readiness;
  const HostKind host = world.node(task.node).host;
  const Duration seen =
      readiness ? readiness->period : world.host_profiles[static_cast<std::size_t>(host)].probe_period;
  world.wake(handler, std::max(failed, task.started + s.configuration.health_check_grace) + seen, Phase::controllers,
             kTargetCheck | task.id.value());
}

void ServiceScheduler::check_target(World& world, PodId id) {
  const Pod& task = world.pod(id);
  const bool starts = task.state == PodState::starting && !task.healthy_once && task.restarts == 0;
  if (starts && !task.unhealthy && !world.node(task.node).is_lost()) world.pod_unhealthy(id);
}

/// For the circuit breaker of the deployment that the task belongs to.
void ServiceScheduler::count_failure(World& world, const Pod& task, Service& s, BreakerEvent event) const {
  if (!s.deploying || s.rolling_back || task.revision != s.revision) return;
  breaker_observe(s.configuration.breaker, world.workload(task.workload).desired, event, s.breaker);
}

/// Whether a task's failed checks count: something checks it, and its grace period is over.
bool ServiceScheduler::is_unhealthy(const World& world, const Pod& task, const Service& s) {
  return task.unhealthy && s.configuration.has_checks &&
         world.now() >= task.started + s.configuration.health_check_grace;
}

/// Tasks that were found unhealthy in their grace period, which is over now, are replaced as if they were found so now.
void ServiceScheduler::end_grace(World& world, WorkloadId id, Service& s) {
  Time next = kTimeNever;
  std::erase_if(s.in_grace, [&](PodId pod) {
    const Pod& task = world.pod(pod);
    if (task.state == PodState::stopping || task.state == PodState::ended) return true;
    if (!is_unhealthy(world, task, s)) {
      next = std::min(next, task.started + s.configuration.health_check_grace);
      return false;
    }
    s.all_current = false;
    count_failure(world, task, s, BreakerEvent::health_check_failed);
    return true;
  });
  if (next != kTimeNever) wake_at(world, id, next);
}

/// Of the revision that a rolling update replaces, and sound.
bool ServiceScheduler::is_old(const World& world, const Pod& task, const Service& s) const {
  const bool draining = task.state != PodState::pending && world.node(task.node).state == NodeState::draining;
  return task.revision == s.completed && task.revision != s.revision && !draining && !is_unhealthy(world, task, s);
}

std::int64_t ServiceScheduler::count_old(const World& world, const Service& s, const std::vector<PodId>& tasks) const {
  return std::count_if(tasks.begin(), tasks.end(), [&](PodId task) { return is_old(world, world.pod(task), s); });
}

/// How many tasks of the old revision a rolling update starts again: of those that it has not stopped itself, while
/// fewer than the lower bound are healthy and as far as the new tasks leave room below the upper bound.
std::int64_t ServiceScheduler::missing_old(const World& world, WorkloadId id, Service& s, const RollingCounts& c) {
  const bool rolling = s.configuration.strategy == EcsRollout::Strategy::rolling;
  if (!parameters_.replaces_old || !rolling || !s.deploying || s.rolling_back || s.revision == s.completed) return 0;
  const std::int64_t desired = world.workload(id).desired;
  s.old_wanted = std::min(s.old_wanted + std::max<std::int64_t>(desired - s.old_desired, 0), desired);
  s.old_desired = desired;
  const std::int64_t starting = count_old(world, s, tasks_.old_unhealthy);
  const std::int64_t there = starting + count_old(world, s, tasks_.old_healthy);
  const std::int64_t room = c.upper - c.new_tasks - c.old_tasks - c.stopping;
  const std::int64_t short_of = c.lower - c.new_healthy - c.old_healthy - starting;
  return std::max<std::int64_t>(std::min({s.old_wanted - there, short_of, room}), 0);
}

void ServiceScheduler::note_failure(World& world, const FactRecord& f, Service& s) {
  const Pod& task = world.pod(f.pod);
  Attempts& attempts = task.revision == s.revision ? s.attempts : s.attempts_of_old;
  switch (f.fact) {
    case Fact::pod_started:
      if (s.configuration.never_ready) break;  // it has not been RUNNING: a container still waits
      attempts = {};
      count_failure(world, task, s, BreakerEvent::task_running);
      if (s.configuration.target_checks && task.restarts == 0) watch_target(world, task, s);
      break;
    case Fact::pod_serving:
      count_failure(world, task, s, BreakerEvent::task_healthy);
      break;
    case Fact::pod_unhealthy:
      if (is_unhealthy(world, task, s)) count_failure(world, task, s, BreakerEvent::health_check_failed);
      break;
    case Fact::pod_ended: {
      const bool failed = f.reason == Reason::container_exit || f.reason == Reason::out_of_memory;
      if (f.reason == Reason::image_pull || f.reason == Reason::start_timeout) {
        attempts.next = world.now() + throttle_delay(parameters_.throttle, ++attempts.failures);
        count_failure(world, task, s, BreakerEvent::task_failed_to_start);
      } else if (failed && s.configuration.has_checks && !task.healthy_once) {
        count_failure(world, task, s, BreakerEvent::health_check_failed);
      }
      break;
    }
    default:
      break;
  }
}

}  // namespace plimsoll::ecs
