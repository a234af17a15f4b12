#include "models/aws/billing/ratio.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::aws::charges;

TEST_CASE("rationals stay exact and reduced") {
  CHECK(Ratio{1, 3} + Ratio{1, 6} == Ratio{1, 2});
  CHECK(Ratio{1, 3} - Ratio{1, 3} == Ratio{0});
  CHECK(Ratio{2, 3} * Ratio{9, 4} == Ratio{3, 2});
  CHECK(Ratio{1} / Ratio{-2} == Ratio{-1, 2});
  CHECK(Ratio{1, 3} < Ratio{34, 100});
  CHECK(Ratio{-1, 2} < Ratio{0});
  CHECK(Ratio{10, 4}.numerator() == 5);
  CHECK(Ratio{7, 2}.ceiled() == 4);
  CHECK(Ratio{-7, 2}.ceiled() == -3);
  CHECK(Ratio{5, 2}.rounded() == 3);
  CHECK(Ratio{-5, 2}.rounded() == -3);
  Ratio harmonic;
  for (std::int64_t i = 1; i <= 20; ++i) harmonic += Ratio{1, i};
  CHECK(harmonic == Ratio{55'835'135, 15'519'504});
}

TEST_CASE("units turn into natural ones") {
  CHECK(in_dollars(Rate{96'000'000'000}) == Ratio{96, 1000});
  CHECK(in_hours(minutes(90)) == Ratio{3, 2});
  CHECK(in_vcpus(cpu_millis(250)) == Ratio{1, 4});
  CHECK(in_gb(mebibytes(512)) == Ratio{1, 2});
  CHECK(round_money(Ratio{1, 3}) == Money{333'333'333});
  CHECK(round_rate(Ratio{2, 3}) == Rate{666'666'666'667});
}
