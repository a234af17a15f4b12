#include "sim/load/rate_series.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::load;

namespace {
constexpr Time at(std::int64_t s) { return kTimeZero + seconds(s); }
}  // namespace

TEST_CASE("arrivals of adjoining segments add up exactly, however a span is cut") {
  const RateSeries series = RateSeries::regular(kTimeZero, seconds(7), {333'333, 1, 999'999'999, 0, 12'345'678});
  const std::int64_t whole = series.arrivals(kTimeZero, at(35));
  // 7 s * (333333 + 1 + 999999999 + 0 + 12345678) micro-requests/s
  CHECK(whole == 7 * 1'012'679'011ll);
  std::int64_t sum = 0;
  Time last = kTimeZero;
  for (std::int64_t us = 0; us < 35'000'000; us += 123'457) {
    const Time now = kTimeZero + microseconds(us);
    sum += series.arrivals(last, now);
    last = now;
  }
  sum += series.arrivals(last, at(40));
  CHECK(sum == whole);
}

TEST_CASE("irregular points and evenly spaced ones agree") {
  const RateSeries even = RateSeries::regular(at(5), seconds(10), {4'000'000, 6'000'000, 6'000'000});
  const RateSeries odd = RateSeries::irregular({at(5), at(15), at(35)}, {4'000'000, 6'000'000});
  for (std::int64_t s = 0; s < 40; ++s) {
    CHECK(even.rate_at(at(s)) == odd.rate_at(at(s)));
    CHECK(even.arrivals_until(at(s)) == odd.arrivals_until(at(s)));
  }
  CHECK(even.mean() == doctest::Approx(16.0 / 3));
  CHECK(even.peak() == 6);
  CHECK(odd.next_change(at(0)) == at(5));
  CHECK(odd.next_change(at(5)) == at(15));
  CHECK(odd.next_change(at(35)) == kTimeNever);
  CHECK(SeriesArrivals(odd).mean_rate(at(10), at(20)) == 5);
}

TEST_CASE("a slice starts the clock anew, on the grid or off it") {
  const RateSeries series = RateSeries::regular(kTimeZero, seconds(60), {1'000'000, 2'000'000, 3'000'000, 4'000'000});
  const RateSeries aligned = series.slice(at(60), seconds(120));
  CHECK(aligned.step() == seconds(60));
  CHECK(aligned.size() == 2);
  CHECK(aligned.rate_at(at(0)) == 2'000'000);
  const RateSeries odd = series.slice(at(90), seconds(60));
  CHECK(odd.span() == seconds(60));
  CHECK(odd.rate_at(at(29)) == 2'000'000);
  CHECK(odd.rate_at(at(30)) == 3'000'000);
  CHECK(odd.arrivals(at(0), at(60)) == series.arrivals(at(90), at(150)));
}

TEST_CASE("scaling multiplies rates, compression shortens time") {
  const RateSeries series = RateSeries::regular(kTimeZero, seconds(60), {1'000'000, 3});
  CHECK(series.scaled(2.5).rate_at(at(0)) == 2'500'000);
  CHECK(series.scaled(2.5).rate_at(at(60)) == 8);  // 7.5, halves up
  const RateSeries fast = series.compressed(4);
  CHECK(fast.step() == seconds(15));
  CHECK(fast.rate_at(at(14)) == 1'000'000);
  CHECK(fast.rate_at(at(15)) == 3);
}
