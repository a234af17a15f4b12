#include "models/ecs/deployment_percent.h"

#include <algorithm>

#include "sim/core/units.h"

namespace plimsoll::ecs {

DeploymentBounds deployment_bounds(std::int64_t desired, std::int64_t minimum_healthy_percent,
                                   std::int64_t maximum_percent) {
  DeploymentBounds b;
  b.lower = div_ceil(desired * minimum_healthy_percent, 100);
  b.upper = div_floor(desired * maximum_percent, 100);
  b.can_stop_first = std::max<std::int64_t>(desired - b.lower, 0);
  b.can_start_first = std::max<std::int64_t>(b.upper - desired, 0);
  b.stuck = desired > 0 && b.can_stop_first == 0 && b.can_start_first == 0;
  return b;
}

}  // namespace plimsoll::ecs
