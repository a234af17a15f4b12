#pragma once

#include <cstdint>

namespace plimsoll::ecs {

enum class BreakerThreshold : std::uint8_t { bounded_percent, unbounded_percent, count };

/// Deployment circuit breaker of a service. Defaults are those of 2026; the guide of May 2023 has a minimum of 10.
struct CircuitBreaker {
  bool enable = false;
  bool rollback = false;
  BreakerThreshold type = BreakerThreshold::bounded_percent;
  std::int64_t value = 50;  ///< percent of the desired count, or tasks for BreakerThreshold::count
  std::int64_t minimum = 3;
  std::int64_t maximum = 200;
  bool reset_on_healthy_task = true;
};

/// Failures after which a deployment is FAILED: clamp(ceil(desired x value / 100), minimum, maximum).
/// Source: Amazon ECS Developer Guide, "How the Amazon ECS deployment circuit breaker detects failures" (2025);
/// documented; that BOUNDED_PERCENT means the clamp, and UNBOUNDED_PERCENT at least 1, is our reading.
std::int64_t breaker_threshold(const CircuitBreaker& breaker, std::int64_t desired);

/// The count of one deployment.
struct BreakerState {
  std::int64_t failures = 0;
  bool any_running = false;  ///< stage 2 began: from then on only failed health checks count
  bool tripped = false;
};

enum class BreakerEvent : std::uint8_t {
  task_running,          ///< a task of the deployment reached RUNNING
  task_healthy,          ///< a task passed its health checks
  task_failed_to_start,  ///< a task stopped without having been RUNNING (stage 1)
  health_check_failed,   ///< a task is replaced for failed load balancer, discovery or container checks (stage 2)
};

/// Counts one event; true when this one trips the breaker (once per deployment).
bool breaker_observe(const CircuitBreaker& breaker, std::int64_t desired, BreakerEvent event, BreakerState& state);

}  // namespace plimsoll::ecs
