#include "sim/core/statistics.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/core/random.h"

namespace plimsoll {

TEST_CASE("running mean and variance equal those of the whole sample, merged or not") {
  const Stream stream(1, "sample", Purpose::work);
  Welford all;
  Welford parts[3];
  std::vector<double> values;
  for (std::uint64_t i = 0; i < 3'000; ++i) {
    const double x = 1e6 + stream.uniform(i);
    values.push_back(x);
    all.add(x);
    parts[i % 3].add(x);
  }
  double sum = 0;
  for (const double x : values) sum += x - 1e6;
  const double mean = sum / 3'000;
  double squares = 0;
  for (const double x : values) squares += (x - 1e6 - mean) * (x - 1e6 - mean);
  CHECK(all.mean() - 1e6 == doctest::Approx(mean).epsilon(1e-7));
  CHECK(all.variance() == doctest::Approx(squares / 2'999).epsilon(1e-7));
  Welford merged;
  for (const Welford& part : parts) merged.merge(part);
  CHECK(merged.count() == 3'000);
  CHECK(merged.mean() == doctest::Approx(all.mean()).epsilon(1e-14));
  CHECK(merged.variance() == doctest::Approx(all.variance()).epsilon(1e-7));
  merged.merge(Welford{});
  CHECK(merged.count() == 3'000);
}

TEST_CASE("the confidence half width is t times the standard error") {
  Welford w;
  CHECK(std::isinf(half_width95(w)));
  for (const double x : {4.0, 6.0, 5.0, 7.0, 3.0}) w.add(x);
  // mean 5, variance (1+1+0+4+4)/4 = 2.5, t(4) = 2.776445, half width 2.776445 * sqrt(2.5/5) = 1.963243.
  CHECK(w.mean() == 5.0);
  CHECK(w.variance() == 2.5);
  CHECK(half_width95(w) == doctest::Approx(1.963243).epsilon(1e-6));
}

TEST_CASE("a time integral is exact, sees only what lasted, and remembers the largest value") {
  TimeIntegral signal(Time{seconds(10)}, 2);
  signal.set(Time{seconds(13)}, 5);
  signal.set(Time{seconds(13)}, 9);  // lasts no time
  signal.set(Time{seconds(13)}, 4);
  signal.add(Time{seconds(20)}, -4);
  // 3 s x 2 + 7 s x 4 + 10 s x 0 = 34 value-seconds over 20 s.
  CHECK(signal.integral_until(Time{seconds(30)}) == 34'000'000);
  CHECK(signal.mean_until(Time{seconds(30)}) == doctest::Approx(1.7));
  CHECK(signal.max() == 9);
  CHECK(signal.value() == 0);
  CHECK(TimeIntegral(kTimeZero, 3).mean_until(kTimeZero) == 3.0);
  const __int128 at_20 = signal.integral_until(Time{seconds(20)});
  CHECK(TimeIntegral::window_mean(at_20, Time{seconds(20)}, signal.integral_until(Time{seconds(30)}),
                                  Time{seconds(30)}) == 0.0);
}

TEST_CASE("a time integral of large values over years does not overflow") {
  TimeIntegral signal(kTimeZero, 9'000'000'000'000'000'000);
  const __int128 expected = static_cast<__int128>(9'000'000'000'000'000'000) * hours(24 * 365 * 10).count();
  CHECK((signal.integral_until(Time{hours(24 * 365 * 10)}) == expected));
}

TEST_CASE("histogram quantiles are within one percent of the sample's, at any scale") {
  const Stream stream(2, "histogram", Purpose::work);
  for (const std::int64_t scale : {100ll, 10'000ll, 50'000'000ll, 4'000'000'000'000'000'000ll}) {
    LogLinearHistogram histogram;
    std::vector<std::int64_t> values;
    __int128 sum = 0;
    for (std::uint64_t i = 0; i < 5'000; ++i) {
      const double u = stream.uniform(i);
      const auto v = static_cast<std::int64_t>(u * u * u * static_cast<double>(scale));
      values.push_back(v);
      histogram.add(v);
      sum += v;
    }
    CHECK(histogram.count() == 5'000);
    CHECK(histogram.mean() == doctest::Approx(static_cast<double>(sum) / 5'000).epsilon(1e-15));
    CHECK(histogram.min() == *std::min_element(values.begin(), values.end()));
    CHECK(histogram.max() == *std::max_element(values.begin(), values.end()));
    for (const double q : {0.0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
      const std::int64_t exact = sample_quantile(std::span<std::int64_t>(values), q);
      const std::int64_t estimate = histogram.quantile(q);
      CAPTURE(scale);
      CAPTURE(q);
      CHECK(std::abs(static_cast<double>(estimate - exact)) <= 0.005 * static_cast<double>(exact));
    }
    CHECK(histogram.quantile(1.0) == histogram.max());
  }
}

TEST_CASE("histograms merge exactly in any order, with weights") {
  LogLinearHistogram a;
  LogLinearHistogram b;
  LogLinearHistogram both;
  for (std::int64_t v = 0; v < 2'000; v += 7) {
    (v % 2 == 0 ? a : b).add(v * v, v % 5);
    both.add(v * v, v % 5);
  }
  LogLinearHistogram ab = a;
  ab.merge(b);
  LogLinearHistogram ba = b;
  ba.merge(a);
  ba.merge(LogLinearHistogram{});
  CHECK(ab == both);
  CHECK(ba == both);
  LogLinearHistogram empty;
  CHECK(empty.quantile(0.5) == 0);
  CHECK(empty.mean() == 0.0);
  empty.add(5, 0);
  CHECK(empty.empty());
}

TEST_CASE("values below 256 are kept exactly, and counts up to a value are right there") {
  LogLinearHistogram histogram;
  for (std::int64_t v = 0; v < 256; ++v) histogram.add(v);
  for (std::int64_t v = 0; v < 256; ++v) {
    CHECK(histogram.quantile(static_cast<double>(v + 1) / 256) == v);
    CHECK(histogram.count_at_most(v) == v + 1);
  }
  CHECK(histogram.count_at_most(1'000'000) == 256);
  CHECK(histogram.count_at_most(-1) == 0);
}

TEST_CASE("a sample quantile is the nearest rank") {
  std::vector<double> values{5, 1, 4, 2, 3};
  CHECK(sample_quantile(std::span<double>(values), 0.5) == 3);
  CHECK(sample_quantile(std::span<double>(values), 0.2) == 1);
  CHECK(sample_quantile(std::span<double>(values), 0.21) == 2);
  CHECK(sample_quantile(std::span<double>(values), 0.0) == 1);
  CHECK(sample_quantile(std::span<double>(values), 1.0) == 5);
  CHECK(sample_quantile(std::span<double>{}, 0.5) == 0);
}

}  // namespace plimsoll
