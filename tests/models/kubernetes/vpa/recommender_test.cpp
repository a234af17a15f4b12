#include "models/kubernetes/vpa/recommender.h"

#include <doctest/doctest.h>

namespace plimsoll::kubernetes {
namespace {

/// A day of minutes in which one pod uses this.
Recommender after(std::int64_t days, double cores, double bytes) {
  Recommender r({});
  for (std::int64_t m = 0; m <= days * 24 * 60; ++m) {
    r.add_cpu(cores, 0.5, 1, kTimeZero + minutes(m));
    r.add_memory(bytes, 1, kTimeZero + minutes(m));
  }
  return r;
}

TEST_CASE("nothing is recommended before both have samples") {
  Recommender r({});
  CHECK_FALSE(r.recommend({}, kTimeZero).has_value());
  r.add_cpu(1, 1, 1, kTimeZero);
  CHECK_FALSE(r.recommend({}, kTimeZero).has_value());
}

TEST_CASE("percentile, margin and whole milliCPU") {
  const Time now = kTimeZero + hours(24);
  const auto r = after(1, 0.3, 600e6).recommend({}, now);
  REQUIRE(r.has_value());
  // Bucket end of 0.3 cores, 15 % more: 0.3 lies in [0.2857, 0.3100).
  const HistogramScale s = cpu_scale();
  const double end = s.start_of(s.bucket_of(0.3) + 1);
  CHECK(to_millis_ceil(r->target.cpu) == static_cast<std::int64_t>(end * 1.15 * 1000) + 1);
  const HistogramScale ms = memory_scale();
  CHECK(r->target.memory.raw() == static_cast<std::int64_t>(ms.start_of(ms.bucket_of(600e6) + 1) * 1.15));
  // After a day: twice as high above, a little below (0.999^2).
  CHECK(static_cast<double>(r->upper.memory.raw()) ==
        doctest::Approx(2 * static_cast<double>(r->target.memory.raw())).epsilon(0.001));
  CHECK(static_cast<double>(r->lower.memory.raw()) ==
        doctest::Approx(static_cast<double>(r->target.memory.raw()) / 1.001 / 1.001).epsilon(0.0001));
}

TEST_CASE("bounds close in with the days") {
  const auto share = [](std::int64_t days) {
    const auto r = after(days, 0.3, 600e6).recommend({}, kTimeZero + hours(24 * days));
    return static_cast<double>(r->upper.memory.raw()) / static_cast<double>(r->target.memory.raw());
  };
  CHECK(share(2) == doctest::Approx(1.5).epsilon(0.001));
  CHECK(share(10) == doctest::Approx(1.1).epsilon(0.001));
}

TEST_CASE("minimum and the policy's bounds") {
  const Time now = kTimeZero + hours(24);
  const Recommender r = after(1, 0.001, 1e6);
  CHECK(r.recommend({}, now)->target.cpu == cpu_millis(25));
  CHECK(r.recommend({}, now)->target.memory == mebibytes(250));
  ResourcePolicy p;
  p.least_cpu = cpu_millis(100);
  p.most_memory = mebibytes(64);
  CHECK(r.recommend(p, now)->target.cpu == cpu_millis(100));
  CHECK(r.recommend(p, now)->target.memory == mebibytes(64));
}

TEST_CASE("of memory only the day's peak counts") {
  Recommender r({});
  r.add_cpu(0.1, 0.1, 1, kTimeZero);
  r.add_memory(900e6, 1, kTimeZero);
  for (int m = 1; m < 1000; ++m) r.add_memory(100e6, 1, kTimeZero + minutes(m));
  CHECK(r.recommend({}, kTimeZero + hours(17))->target.memory.raw() > 900'000'000);
  // A kill counts as a fifth more.
  r.add_out_of_memory(1e9, kTimeZero + hours(18));
  CHECK(r.recommend({}, kTimeZero + hours(18))->target.memory.raw() > 1'200'000'000);
}

}  // namespace
}  // namespace plimsoll::kubernetes
