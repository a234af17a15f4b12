#include "models/ecs/launch_quota.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

namespace plimsoll::ecs {
namespace {

/// When each of `count` tasks is launched that are all wanted from `from` on, after those at `before`.
std::vector<Time> launches_of(LaunchWindow window, std::int64_t per_minute, const std::vector<Time>& before, Time from,
                              std::int64_t count) {
  LaunchQuota quota;
  std::vector<Time> out;
  for (const Time at : before) {
    REQUIRE(quota.next(at, per_minute, window) == at);
    quota.take(at, window);
    out.push_back(at);
  }
  Time now = from;
  for (std::int64_t i = 0; i < count; ++i) {
    while (quota.next(now, per_minute, window) > now) now = quota.next(now, per_minute, window);
    quota.take(now, window);
    out.push_back(now);
  }
  return out;
}

/// The most launches in any 60 s.
std::size_t busiest_minute(const std::vector<Time>& launches) {
  std::size_t most = 0;
  for (std::size_t i = 0; i < launches.size(); ++i) {
    std::size_t n = 0;
    for (std::size_t k = i; k < launches.size() && launches[k] < launches[i] + minutes(1); ++k) ++n;
    most = std::max(most, n);
  }
  return most;
}

Time second(std::int64_t s) { return kTimeZero + seconds(s); }

TEST_CASE("a launch just before does not let twice the quota go in a minute") {
  // One task at 1760 s, then 999 wanted from 1801 s on.
  const auto sliding = launches_of(LaunchWindow::sliding, 500, {second(1760)}, second(1801), 999);
  CHECK(busiest_minute(sliding) == 500);
  CHECK(sliding[499] == second(1801));  // 499 beside the one before
  CHECK(sliding[500] == second(1820));  // whose minute is over
  CHECK(sliding[501] == second(1861));  // that of the 499
  CHECK(sliding.back() == second(1861));
  const auto fixed = launches_of(LaunchWindow::minute, 500, {second(1760)}, second(1801), 999);
  CHECK(busiest_minute(fixed) == 999);  // 499 at 1801 s, 500 at 1820 s
  CHECK(fixed.back() == second(1820));
}

TEST_CASE("a bucket is full at the start and refilled evenly") {
  const auto bucket = launches_of(LaunchWindow::bucket, 60, {}, second(10), 63);
  CHECK(bucket[59] == second(10));
  CHECK(bucket[60] == second(11));  // one a second
  CHECK(bucket[62] == second(13));
  // 500 a minute: one in 120 ms.
  CHECK(launches_of(LaunchWindow::bucket, 500, {}, second(0), 501).back() == kTimeZero + milliseconds(120));
}

TEST_CASE("law: no minute has more launches than the quota, and none is held back while it has fewer") {
  for (const std::int64_t quota : {1, 3, 7}) {
    for (std::int64_t gap = 1; gap < 40; gap += 3) {
      LaunchQuota q;
      std::vector<Time> out;
      for (Time now = kTimeZero; out.size() < 60; now += seconds(gap)) {
        const Time next = q.next(now, quota, LaunchWindow::sliding);
        const auto recent = std::count_if(out.begin(), out.end(), [&](Time t) { return t + minutes(1) > now; });
        CHECK((next == now) == (recent < quota));
        if (next != now) continue;
        q.take(now, LaunchWindow::sliding);
        out.push_back(now);
      }
      CHECK(busiest_minute(out) <= static_cast<std::size_t>(quota));
    }
  }
}

}  // namespace
}  // namespace plimsoll::ecs
