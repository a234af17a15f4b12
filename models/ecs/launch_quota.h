#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/core/time.h"

namespace plimsoll::ecs {

/// How the tasks that a service may launch a minute are counted. AWS publishes the number, not the way.
enum class LaunchWindow : std::uint8_t {
  sliding,  ///< no more than the quota in any 60 s
  bucket,   ///< a token bucket as large as the quota, refilled evenly in a minute
  minute,   ///< minutes that begin with the first launch after the last one ended
};

/// The launches of one service under its quota. Time must not go back between calls.
class LaunchQuota {
 public:
  /// The first instant, not before `now`, at which one more task may be launched. @pre per_minute >= 1
  Time next(Time now, std::int64_t per_minute, LaunchWindow window);
  /// One launch. @pre next(now, ...) == now
  void take(Time now, LaunchWindow window);

 private:
  /// Of the bucket, in a token's 60,000,000ths: so many microseconds a minute has.
  static constexpr std::int64_t kToken = 60'000'000;

  std::vector<std::pair<Time, std::int64_t>> recent_;  ///< instants of the last minute, launches at each
  std::size_t first_ = 0;                              ///< of them that still counts
  std::int64_t launched_ = 0;                          ///< in the window
  Time since_{};                                       ///< the minute's start, or the bucket's last look
  std::int64_t tokens_ = -1;                           ///< -1: nobody has looked yet, the bucket is full
};

}  // namespace plimsoll::ecs
