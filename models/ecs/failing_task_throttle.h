#pragma once

#include <cstdint>

#include "sim/core/time.h"

namespace plimsoll::ecs {

enum class ThrottleCurve : std::uint8_t { doubling, linear };

/// How a service slows down when its tasks stop without ever having been RUNNING.
struct FailingTaskThrottle {
  Duration first = seconds(1);
  Duration longest = minutes(27);  ///< 15 min in the guide of 2023
  ThrottleCurve curve = ThrottleCurve::doubling;
};

/// Wait before the next attempt after `failures` attempts in a row that never reached RUNNING (0: no wait). It doubles
/// from `first` up to `longest`, or grows by `first` each time. Tasks that were RUNNING and then failed do not count;
/// any update of the service starts from 0 again. Source: Amazon ECS Developer Guide, "Service throttle logic"; the
/// limits and what counts: documented; the doubling: our reading, the curve is not published.
Duration throttle_delay(const FailingTaskThrottle& throttle, std::int64_t failures);

}  // namespace plimsoll::ecs
