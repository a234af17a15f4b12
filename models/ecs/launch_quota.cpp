#include "models/ecs/launch_quota.h"

#include <algorithm>

#include "sim/core/assert.h"

namespace plimsoll::ecs {

Time LaunchQuota::next(Time now, std::int64_t per_minute, LaunchWindow window) {
  PLIMSOLL_ASSERT(per_minute >= 1);
  const Duration minute = minutes(1);
  switch (window) {
    case LaunchWindow::sliding:
      for (; first_ < recent_.size() && recent_[first_].first + minute <= now; ++first_)
        launched_ -= recent_[first_].second;
      if (first_ == recent_.size()) {
        recent_.clear();
        first_ = 0;
      }
      return launched_ < per_minute ? now : recent_[first_].first + minute;
    case LaunchWindow::bucket: {
      const std::int64_t capacity = per_minute * kToken;
      const __int128 gained = static_cast<__int128>((now - since_).count()) * per_minute;
      tokens_ = tokens_ < 0 ? capacity : static_cast<std::int64_t>(std::min<__int128>(capacity, tokens_ + gained));
      since_ = now;
      if (tokens_ >= kToken) return now;
      return now + Duration{(kToken - tokens_ + per_minute - 1) / per_minute};
    }
    case LaunchWindow::minute:
      if (now >= since_ + minute) {
        since_ = now;
        launched_ = 0;
      }
      return launched_ < per_minute ? now : since_ + minute;
  }
  return now;
}

void LaunchQuota::take(Time now, LaunchWindow window) {
  if (window == LaunchWindow::bucket) {
    tokens_ -= kToken;
    return;
  }
  ++launched_;
  if (window == LaunchWindow::minute) return;
  if (!recent_.empty() && recent_.back().first == now) {
    ++recent_.back().second;
  } else {
    if (first_ > 64) {
      recent_.erase(recent_.begin(), recent_.begin() + static_cast<std::ptrdiff_t>(first_));
      first_ = 0;
    }
    recent_.emplace_back(now, 1);
  }
}

}  // namespace plimsoll::ecs
