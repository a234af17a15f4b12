#include "models/ecs/rolling_update.h"

#include <algorithm>

namespace plimsoll::ecs {

RollingStep rolling_step(const RollingCounts& c) {
  RollingStep step;
  const std::int64_t total = c.new_tasks + c.old_tasks + (c.count_stopping ? c.stopping : 0);
  const std::int64_t missing = std::max<std::int64_t>(c.desired - c.new_tasks, 0);
  const std::int64_t room = std::max<std::int64_t>(c.upper - total, 0);
  step.start_new = std::min(missing, room);

  const std::int64_t healthy = c.new_healthy + c.old_healthy;
  const std::int64_t old_unhealthy = c.old_tasks - c.old_healthy;
  const std::int64_t spare = std::max<std::int64_t>(healthy - c.lower, 0);
  if (healthy >= c.lower) {
    step.stop_old_unhealthy = old_unhealthy;
  } else if (missing > 0 && room == 0 && c.stopping == 0) {
    step.stop_old_unhealthy = std::min<std::int64_t>(old_unhealthy, 1);
  }
  step.stop_old_healthy = std::min(c.old_healthy, spare);

  // A smaller desired count also ends new tasks: those that serve nobody first, and never below `lower`.
  const std::int64_t excess = std::max<std::int64_t>(c.new_tasks - c.desired, 0);
  step.stop_new_unhealthy = std::min(c.new_tasks - c.new_healthy, excess);
  step.stop_new_healthy = std::min({excess - step.stop_new_unhealthy, c.new_healthy, spare - step.stop_old_healthy});

  step.steady = c.old_tasks == 0 && c.new_tasks == c.desired && c.new_healthy == c.desired;
  return step;
}

}  // namespace plimsoll::ecs
