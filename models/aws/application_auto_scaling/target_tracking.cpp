#include "models/aws/application_auto_scaling/target_tracking.h"

#include <algorithm>

#include "sim/core/assert.h"

namespace plimsoll::aws {

std::int64_t target_tracking_desired(std::int64_t current, std::int64_t metric, std::int64_t target,
                                     std::int64_t minimum, std::int64_t maximum) {
  PLIMSOLL_ASSERT(target > 0 && metric >= 0 && minimum <= maximum);
  const __int128 product = static_cast<__int128>(std::max<std::int64_t>(current, 1)) * metric;
  const __int128 wanted = (product + target - 1) / target;
  return static_cast<std::int64_t>(std::clamp<__int128>(wanted, minimum, maximum));
}

std::int64_t combine_wishes(std::int64_t current, std::span<const PolicyWish> wishes) {
  std::int64_t out = current;
  std::int64_t in = INT64_MIN;
  bool all_in = false, any_stays = false;
  for (const PolicyWish& w : wishes) {
    if (w.wants && *w.wants > current) out = std::max(out, *w.wants);
    if (w.scale_in_disabled) continue;
    if (w.wants && *w.wants < current) {
      all_in = true;
      in = std::max(in, *w.wants);
    } else {
      any_stays = true;
    }
  }
  if (out > current) return out;
  return all_in && !any_stays ? in : current;
}

TrackingAlarms ecs_service_alarms(std::int64_t target) {
  TrackingAlarms a;
  a.high = {AlarmComparison::greater, target, seconds(60), 3, std::nullopt, MissingData::missing};
  a.low = {AlarmComparison::less, target * 9 / 10, seconds(60), 15, std::nullopt, MissingData::missing};
  return a;
}

TrackingAlarms capacity_provider_alarms(std::int64_t target) {
  TrackingAlarms a;
  a.high = {AlarmComparison::greater, target, seconds(60), 1, std::nullopt, MissingData::missing};
  a.low = {AlarmComparison::less, target, seconds(60), 15, std::nullopt, MissingData::missing};
  return a;
}

std::int64_t TrackingCooldown::base(std::int64_t current, std::int64_t running, Time now) const {
  const bool without = reading_ == CooldownReading::without_added && cooling_out(now);
  return std::max<std::int64_t>(without ? std::min(running, current - added_) : running, 1);
}

std::int64_t TrackingCooldown::outwards(std::int64_t current, std::int64_t base, std::int64_t reckoned,
                                        Time now) const {
  const bool net = reading_ == CooldownReading::net_increase && cooling_out(now);
  return net ? current - added_ + reckoned - base : reckoned;
}

void TrackingCooldown::note(std::int64_t current, std::int64_t wanted, Time now) {
  PLIMSOLL_ASSERT(wanted != current);
  if (wanted > current) {
    added_ = (cooling_out(now) ? added_ : 0) + wanted - current;
    last_out_ = now;
    last_in_.reset();
  } else {
    last_out_.reset();  // what was added is given up again
    last_in_ = now;
  }
}

std::optional<std::int64_t> TrackingCooldown::decide(std::int64_t current, std::int64_t wanted, Time now) {
  if (wanted < current && !allows_in(now)) return std::nullopt;
  note(current, wanted, now);
  return wanted;
}

}  // namespace plimsoll::aws
