#include "models/aws/fargate/launch_rate.h"

#include <algorithm>

#include "sim/core/assert.h"

namespace plimsoll::aws {

LaunchRate::LaunchRate(std::int64_t burst, Ppm per_second, Time start)
    : capacity_(burst * kToken), per_second_(per_second.raw()), tokens_(capacity_), last_(start) {
  PLIMSOLL_ASSERT(burst >= 1 && burst <= 1'000'000 && per_second_ > 0);
}

void LaunchRate::refill(Time now) {
  PLIMSOLL_ASSERT(now >= last_);
  const __int128 gained = static_cast<__int128>(to_microseconds(now - last_)) * per_second_;
  tokens_ = static_cast<std::int64_t>(std::min<__int128>(capacity_, tokens_ + gained));
  last_ = now;
}

std::int64_t LaunchRate::available(Time now) {
  refill(now);
  return tokens_ / kToken;
}

std::int64_t LaunchRate::take(std::int64_t wanted, Time now) {
  const std::int64_t given = std::clamp<std::int64_t>(wanted, 0, available(now));
  tokens_ -= given * kToken;
  return given;
}

Time LaunchRate::when_available(std::int64_t count, Time now) {
  refill(now);
  const __int128 missing = static_cast<__int128>(count) * kToken - tokens_;
  if (missing <= 0) return now;
  return now + Duration{static_cast<std::int64_t>((missing + per_second_ - 1) / per_second_)};
}

Time LaunchRate::when_all_launched(std::int64_t count, Time now) {
  // Tokens are spent as they come, so the bucket never fills again and the last one is `count` tokens away.
  return when_available(count, now);
}

std::int64_t LaunchRate::launched_by(std::int64_t count, Time now, Time later) {
  PLIMSOLL_ASSERT(later >= now);
  refill(now);
  const __int128 tokens = tokens_ + static_cast<__int128>(to_microseconds(later - now)) * per_second_;
  return static_cast<std::int64_t>(std::min<__int128>(count, tokens / kToken));
}

}  // namespace plimsoll::aws
