#include "sim/load/fast_random.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "sim/core/statistics.h"

using namespace plimsoll;
using namespace plimsoll::load;

namespace {

Welford sample(const SizeLaw& law, int count = 300'000) {
  const SizeSampler sampler(law);
  FastRandom random(Stream(1, "fast", Purpose::work), 0);
  Welford values;
  for (int i = 0; i < count; ++i) values.add(sampler(random));
  return values;
}

}  // namespace

TEST_CASE("the state comes from the stream: equal names, equal numbers; other items, others") {
  FastRandom a(Stream(1, "x", Purpose::work), 3);
  FastRandom b(Stream(1, "x", Purpose::work), 3);
  FastRandom c(Stream(1, "x", Purpose::work), 4);
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t value = a.bits();
    CHECK(value == b.bits());
    CHECK(value != c.bits());
  }
}

TEST_CASE("the ziggurat draws exponentials in every range") {
  FastRandom random(Stream(2, "ziggurat", Purpose::work), 0);
  constexpr int kDraws = 1'000'000;
  int above[12] = {};
  double least = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.exponential();
    least = std::min(least, x);
    for (int k = 0; k < 12 && x > k * 0.8; ++k) ++above[k];
  }
  CHECK(least == 0);
  for (int k = 0; k < 12; ++k) {
    const double p = std::exp(-0.8 * k);
    const double deviation = std::sqrt(p * (1 - p) / kDraws) + 1e-9;
    CHECK(std::fabs(above[k] / double(kDraws) - p) < 4 * deviation);
  }
}

TEST_CASE("size laws have their mean and their squared coefficient of variation") {
  using Kind = SizeLaw::Kind;
  for (const SizeLaw& law :
       {SizeLaw{Kind::exponential, 2, 1}, SizeLaw{Kind::deterministic, 2, 0}, SizeLaw{Kind::lognormal, 2, 2},
        SizeLaw{Kind::erlang, 2, 0.25}, SizeLaw{Kind::hyperexponential, 2, 9}}) {
    const Welford values = sample(law);
    CHECK(values.mean() == doctest::Approx(2).epsilon(0.03));
    CHECK(values.variance() == doctest::Approx(4 * law.scv).epsilon(0.1));
  }
}

TEST_CASE("whole numbers are uniform") {
  FastRandom random(Stream(3, "below", Purpose::work), 0);
  int counts[7] = {};
  for (int i = 0; i < 70'000; ++i) ++counts[random.below(7)];
  for (const int count : counts) CHECK(std::abs(count - 10'000) < 400);
}
