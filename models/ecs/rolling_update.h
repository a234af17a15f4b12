#pragma once

#include <cstdint>

#include "sim/core/time.h"

namespace plimsoll::ecs {

/// A task of a service with neither load balancer nor container health checks counts as healthy this long after
/// RUNNING. Source: Amazon ECS Developer Guide, "Rolling update"; documented.
inline constexpr Duration kHealthyAfterRunning = seconds(40);

/// Tasks of a service during a deployment, by count. Tasks of the current deployment that must be replaced (failed
/// health checks, or on a draining instance) count as old. Healthy = RUNNING and its target healthy (if there is a load
/// balancer) and the checks of its essential containers pass (if there are any); else kHealthyAfterRunning.
struct RollingCounts {
  std::int64_t desired = 0;
  std::int64_t lower = 0, upper = 0;  ///< deployment_bounds
  std::int64_t new_tasks = 0;         ///< of the new deployment: PROVISIONING to RUNNING, stopping ones not
  std::int64_t new_healthy = 0;
  std::int64_t old_tasks = 0;  ///< of older deployments, stopping ones not
  std::int64_t old_healthy = 0;
  std::int64_t stopping = 0;   ///< of any deployment, not STOPPED yet
  bool count_stopping = true;  ///< whether they fill the upper bound (2023 guide)
};

/// What to do now.
struct RollingStep {
  std::int64_t start_new = 0;
  std::int64_t stop_old_unhealthy = 0;  ///< old tasks that are not healthy (pending ones too)
  std::int64_t stop_old_healthy = 0;
  std::int64_t stop_new_unhealthy = 0;  ///< beyond the desired count, after a scale-in
  std::int64_t stop_new_healthy = 0;
  bool steady = false;  ///< new healthy = new = desired and nothing old: COMPLETED
  bool nothing() const {
    return start_new + stop_old_unhealthy + stop_old_healthy + stop_new_unhealthy + stop_new_healthy == 0;
  }
};

/// One step of the rolling update of deployment controller ECS:
///  1. start new tasks while all tasks < upper and new < desired;
///  2. stop old tasks while as many healthy ones remain as `lower`, unhealthy ones first;
///  3. steady when the new deployment is complete, healthy and alone.
/// An unhealthy task costs no health, so it may go while at least `lower` are healthy; below that one at a time, and
/// only when upper leaves no room to start its replacement first. A service outside of deployments is the case
/// old_tasks = 0. Source: Amazon ECS Developer Guide, "Rolling update", "Amazon ECS services"; bounds and order:
/// documented; the loop: our reading.
RollingStep rolling_step(const RollingCounts& counts);

}  // namespace plimsoll::ecs
