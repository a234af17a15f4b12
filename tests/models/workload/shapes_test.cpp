#include "models/workload/shapes.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::workload;

TEST_CASE("constant and stepped rates hold what they say") {
  const load::RateSeries flat = constant_rate(12.5, hours(2));
  CHECK(flat.rate_at(kTimeZero + minutes(90)) == 12'500'000);
  CHECK(flat.rate_at(kTimeZero + hours(2)) == 0);
  CHECK(flat.arrivals(kTimeZero, kTimeZero + hours(2)) == 90'000ll * 1'000'000);  // 12.5 * 7200
  const load::RateSeries steps = step_rates({{Duration::zero(), 1}, {minutes(1), 5}, {minutes(3), 0}}, minutes(4));
  CHECK(steps.rate_at(kTimeZero + seconds(59)) == 1'000'000);
  CHECK(steps.rate_at(kTimeZero + seconds(60)) == 5'000'000);
  CHECK(steps.next_change(kTimeZero + seconds(60)) == kTimeZero + seconds(180));
  CHECK(steps.arrivals(kTimeZero, kTimeZero + minutes(4)) == 660ll * 1'000'000);  // 60 + 600 + 0
}

TEST_CASE("a ramp carries the mean of its line in every piece") {
  const load::RateSeries ramp =
      ramp_rates({{Duration::zero(), 0}, {seconds(100), 100}, {seconds(150), 100}}, seconds(15));
  CHECK(ramp.rate_at(kTimeZero) == 7'500'000);
  CHECK(ramp.rate_at(kTimeZero + seconds(95)) == 95'000'000);  // last piece of the ramp: 90 s to 100 s
  CHECK(ramp.arrivals(kTimeZero, kTimeZero + seconds(150)) == 10'000ll * 1'000'000);  // 5000 + 5000
}

TEST_CASE("the default day has its trough at 40 % of its peak, and weekdays scale it") {
  DiurnalShape shape;
  shape.weekday[1] = 0.5;
  const load::RateSeries week = diurnal_rates(shape, hours(48), minutes(10));
  const auto rate = [&](std::int64_t hour) { return static_cast<double>(week.rate_at(kTimeZero + hours(hour))); };
  CHECK(rate(3) / rate(15) == doctest::Approx(0.4).epsilon(0.001));
  CHECK(rate(39) / rate(15) == doctest::Approx(0.5).epsilon(1e-6));
  CHECK(week.slice(kTimeZero, hours(24)).mean() == doctest::Approx(100).epsilon(1e-6));
}

TEST_CASE("a flash crowd ramps, holds and decays") {
  FlashCrowdShape shape;
  const load::RateSeries crowd = flash_crowd_rates(shape, hours(4), seconds(10));
  const auto rate = [&](std::int64_t s) { return static_cast<double>(crowd.rate_at(kTimeZero + seconds(s))) * 1e-6; };
  CHECK(rate(3'590) == 100);
  CHECK(rate(3'600 + 300) == doctest::Approx(550).epsilon(0.02));
  CHECK(rate(3'600 + 601) == 1'000);
  CHECK(rate(3'600 + 2'390) == 1'000);
  CHECK(rate(3'600 + 2'400 + 1'200) == doctest::Approx(100 + 900 * 0.36788).epsilon(0.01));
}
