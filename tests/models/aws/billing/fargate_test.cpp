#include "models/aws/billing/fargate.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::aws::charges;

namespace {
const FargateRates kRates{Rate{40'480'000'000}, Rate{4'445'000'000}, Rate{111'000'000}};
}

TEST_CASE("five tasks of ten minutes a day for a month") {
  // 150 runs x 1/6 h x (0.04048 + 2 x 0.004445) = 25 h x 0.04937 = 1.23425
  const FargateCharge c = fargate_charge(cpu_cores(1), gibibytes(2), gibibytes(20), minutes(10), 150, kRates);
  CHECK(c.vcpu == Money{1'012'000'000});
  CHECK(c.memory == Money{222'250'000});
  CHECK(c.storage == Money{0});
  CHECK(c.total() == Money{1'234'250'000});
}

TEST_CASE("seconds are begun ones, with the minimum of a minute or of Windows") {
  CHECK(
      fargate_charge(cpu_cores(1), gibibytes(2), gibibytes(20), milliseconds(61'400), 1, kRates).billed_seconds_each ==
      62);
  CHECK(fargate_charge(cpu_cores(1), gibibytes(2), gibibytes(20), seconds(1), 1, kRates).billed_seconds_each == 60);
  CHECK(fargate_charge(cpu_cores(1), gibibytes(2), gibibytes(20), seconds(61), 1, kRates, Ppm{0},
                       kWindowsFargateMinimumSeconds)
            .billed_seconds_each == 300);
}

TEST_CASE("only storage above 20 GiB is billed, and Spot does not discount it") {
  const FargateCharge c = fargate_charge(cpu_cores(1), gibibytes(2), gibibytes(120), hours(1), 1, kRates, percent(70));
  CHECK(c.storage == Money{11'100'000});  // 100 x 0.000111
  CHECK(c.vcpu == Money{12'144'000});     // 0.04048 x 0.3
  CHECK(fargate_charge(cpu_cores(1), gibibytes(2), Bytes{0}, hours(1), 1, kRates).storage == Money{0});
}

TEST_CASE("prices doubled double every line") {
  FargateRates twice{kRates.vcpu_hour * 2, kRates.gb_hour * 2, kRates.ephemeral_gb_hour * 2};
  const auto a = fargate_charge(cpu_cores(2), gibibytes(5), gibibytes(50), hours(3), 7, kRates);
  const auto b = fargate_charge(cpu_cores(2), gibibytes(5), gibibytes(50), hours(3), 7, twice);
  CHECK(b.vcpu == a.vcpu * 2);
  CHECK(b.memory == a.memory * 2);
  CHECK(b.storage == a.storage * 2);
}

TEST_CASE("an hour of a size") { CHECK(fargate_hour(cpu_cores(2), gibibytes(9), kRates) == Rate{120'965'000'000}); }
