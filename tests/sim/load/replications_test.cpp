#include "sim/load/replications.h"

#include <doctest/doctest.h>

#include <cmath>

#include "sim/core/random.h"

using namespace plimsoll;
using namespace plimsoll::load;

TEST_CASE("replications go on until the mean is as precise as asked") {
  const Stream stream(1, "replications", Purpose::work);
  const auto run = [&](std::uint64_t i) { return std::vector{stream.uniform(i), 5.0}; };
  const Replications coarse = replicate(run, {{0.2, 0}, {0, 0}}, 8, 100'000);
  const Replications fine = replicate(run, {{0.01, 0}, {0, 0}}, 8, 100'000);
  CHECK(coarse.half_width(0, 0.99) <= 0.2 * coarse.mean(0));
  CHECK(fine.half_width(0, 0.99) <= 0.01 * fine.mean(0));
  CHECK(fine.count() > 20 * coarse.count());
  CHECK(fine.count() < 100'000);
  CHECK(std::fabs(fine.mean(0) - 0.5) < fine.half_width(0, 0.9999));
  CHECK(fine.half_width(1, 0.99) == 0);
  CHECK(replicate(run, {{1e-9, 0}}, 8, 50).count() == 50);
}

TEST_CASE("a half width is t times s over root n") {
  Replications r;
  for (const double x : {1.0, 2.0, 3.0, 4.0, 5.0}) r.add({x});
  // s^2 = 2.5, t(4, 0.975) = 2.776
  CHECK(r.half_width(0, 0.95) == doctest::Approx(2.776445 * std::sqrt(0.5)).epsilon(1e-5));
}

TEST_CASE("a control variate with a known mean takes its part of the noise away") {
  const Stream stream(2, "control", Purpose::work);
  Replications r;
  for (std::uint64_t i = 0; i < 40; ++i) {
    const double control = stream.uniform(i);
    r.add({3 + 10 * (control - 0.5) + 0.01 * stream.uniform(i, 1), control});
  }
  const auto plain = r.half_width(0, 0.99);
  const auto corrected = r.controlled(0, 1, 0.5, 0.99);
  CHECK(corrected.half_width < plain / 100);
  CHECK(corrected.mean == doctest::Approx(3.005).epsilon(0.001));
}

TEST_CASE("the histogram of values reads quantiles back to a thousandth") {
  ValueHistogram h;
  for (int i = 0; i < 1'000; ++i) h.add(0);
  for (int i = 1; i <= 9'000; ++i) h.add(i * 1e-3);
  CHECK(h.quantile(0.05) == 0);
  CHECK(h.quantile(0.55) == doctest::Approx(4.5).epsilon(0.001));
  CHECK(h.quantile(0.999) == doctest::Approx(8.99).epsilon(0.001));
  CHECK(h.count() == 10'000);
}

TEST_CASE("shares of levels give their mean and variance") {
  LevelShares shares;
  shares.add(0, 1);
  shares.add(2, 2);
  shares.add(7, 1);
  CHECK(shares.mean() == doctest::Approx(2.75));
  CHECK(shares.variance() == doctest::Approx((7.5625 + 2 * 0.5625 + 18.0625) / 4));
  CHECK(shares.at_most(2) == 0.75);
  CHECK(shares.share(1) == 0);
  CHECK(shares.share(99) == 0);
}
