#include "models/ecs/capacity_provider_reservation.h"

#include <algorithm>

#include "sim/core/units.h"

namespace plimsoll::ecs {

Reservation capacity_provider_reservation(std::int64_t running_instances, std::int64_t needed_instances) {
  if (running_instances > 0) return {needed_instances, running_instances};
  return {needed_instances > 0 ? 2 : 1, 1};
}

ManagedScalingDecision managed_scaling_decision(std::int64_t running_instances, std::int64_t needed_instances,
                                                std::int64_t target_capacity) {
  const Reservation r = capacity_provider_reservation(running_instances, needed_instances);
  const std::int64_t metric = 100 * r.numerator;  // both sides times the denominator
  const std::int64_t target = target_capacity * r.denominator;
  if (metric == target) return {ScalingDirection::none, running_instances};
  const std::int64_t desired = div_ceil(std::max<std::int64_t>(running_instances, 1) * metric, target);
  return {metric > target ? ScalingDirection::out : ScalingDirection::in, desired};
}

std::int64_t scale_in_floor(std::int64_t running_instances) {
  return std::max<std::int64_t>(running_instances - std::max<std::int64_t>(running_instances / 2, 1), 0);
}

}  // namespace plimsoll::ecs
