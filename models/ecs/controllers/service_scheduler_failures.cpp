#include <algorithm>

#include "models/ecs/controllers/service_scheduler.h"

// Tasks of a service that fail: what the circuit breaker, the throttle and the grace period make of it.

namespace plimsoll::ecs {

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

void ServiceScheduler::note_failure(World& world, const FactRecord& f, Service& s) {
  const Pod& task = world.pod(f.pod);
  switch (f.fact) {
    case Fact::pod_started:
      s.start_failures = 0;
      s.next_launch = Time{};
      count_failure(world, task, s, BreakerEvent::task_running);
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
        s.next_launch = world.now() + throttle_delay(parameters_.throttle, ++s.start_failures);
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
