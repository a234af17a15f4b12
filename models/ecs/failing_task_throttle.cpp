#include "models/ecs/failing_task_throttle.h"

#include <algorithm>

namespace plimsoll::ecs {

Duration throttle_delay(const FailingTaskThrottle& throttle, std::int64_t failures) {
  if (failures <= 0) return Duration{0};
  if (throttle.curve == ThrottleCurve::linear) {
    const bool at_longest = failures >= throttle.longest / std::max(throttle.first, Duration{1});
    return at_longest ? throttle.longest : throttle.first * failures;
  }
  Duration delay = std::min(throttle.first, throttle.longest);
  for (std::int64_t i = 1; i < failures && delay < throttle.longest; ++i) {
    delay = delay > throttle.longest / 2 ? throttle.longest : delay * 2;
  }
  return delay;
}

}  // namespace plimsoll::ecs
