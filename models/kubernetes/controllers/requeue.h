#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/core/time.h"

namespace plimsoll::kubernetes {

/// When a controller tries again what it has failed at `failures` times in a row: first x 2^(failures - 1), at most
/// `longest`. Defaults: those of the controllers' work queues. SOURCE: k8s.io/client-go util/workqueue
/// default_rate_limiters.go (ItemExponentialFailureRateLimiter; 5 ms to 1000 s).
constexpr Duration requeue_delay(std::int64_t failures, Duration first = milliseconds(5),
                                 Duration longest = seconds(1000)) {
  Duration delay = first;
  for (std::int64_t i = 1; i < failures && delay < longest; ++i) delay *= 2;
  return std::min(delay, longest);
}

}  // namespace plimsoll::kubernetes
