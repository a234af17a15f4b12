#include "models/ecs/circuit_breaker.h"

#include <algorithm>

#include "sim/core/units.h"

namespace plimsoll::ecs {

std::int64_t breaker_threshold(const CircuitBreaker& breaker, std::int64_t desired) {
  switch (breaker.type) {
    case BreakerThreshold::bounded_percent:
      return std::clamp(div_ceil(desired * breaker.value, 100), breaker.minimum, breaker.maximum);
    case BreakerThreshold::unbounded_percent:
      return std::max<std::int64_t>(div_ceil(desired * breaker.value, 100), 1);
    case BreakerThreshold::count:
      return breaker.value;
  }
  return breaker.minimum;
}

bool breaker_observe(const CircuitBreaker& breaker, std::int64_t desired, BreakerEvent event, BreakerState& state) {
  if (!breaker.enable || state.tripped) return false;
  switch (event) {
    case BreakerEvent::task_running:
      state.any_running = true;
      return false;
    case BreakerEvent::task_healthy:
      if (breaker.reset_on_healthy_task) state.failures = 0;
      return false;
    case BreakerEvent::task_failed_to_start:
      if (state.any_running) return false;
      break;
    case BreakerEvent::health_check_failed:
      if (!state.any_running) return false;
      break;
  }
  ++state.failures;
  state.tripped = state.failures >= breaker_threshold(breaker, desired);
  return state.tripped;
}

}  // namespace plimsoll::ecs
