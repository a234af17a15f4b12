#include "models/aws/fargate/launch_rate.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace plimsoll;
using namespace plimsoll::aws;

TEST_CASE("a full bucket launches its burst at once and the rest at the refill rate") {
  LaunchRate r(100, Ppm{20'000'000});
  CHECK(r.when_all_launched(101, kTimeZero) == kTimeZero + milliseconds(50));
  CHECK(r.launched_by(3500, kTimeZero, kTimeZero + seconds(60)) == 1300);  // 100 + 60 x 20
  CHECK(r.take(150, kTimeZero) == 100);
  CHECK(r.available(kTimeZero) == 0);
  CHECK(r.take(5, kTimeZero + milliseconds(100)) == 2);
  CHECK(r.when_available(1, kTimeZero + milliseconds(100)) == kTimeZero + milliseconds(150));
  CHECK(r.available(kTimeZero + hours(1)) == 100);
}

TEST_CASE("taking at every microsecond step equals a naive bucket of fractions") {
  // 0.7 tokens a second, burst 3, taken in irregular steps.
  LaunchRate r(3, Ppm{700'000});
  double tokens = 3;
  Time now = kTimeZero;
  for (int i = 0; i < 2000; ++i) {
    const Duration step = microseconds((i * 7919) % 2'500'000);
    now += step;
    tokens = std::min(3.0, tokens + to_seconds(step) * 0.7);
    const auto naive = std::min<std::int64_t>(i % 4, static_cast<std::int64_t>(tokens + 1e-9));
    REQUIRE(r.take(i % 4, now) == naive);
    tokens -= static_cast<double>(naive);
  }
}
