#include "models/aws/billing/cpu_credits.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::aws;
using namespace plimsoll::aws::charges;

TEST_CASE("surplus vCPU-hours are what lies above the baseline") {
  const InstanceType* t = Catalogue::built_in().find_type("t3.medium");
  REQUIRE(t != nullptr);
  // 24 credits an hour are 0.4 vCPU; in 10 h the baseline is 4 vCPU-hours.
  CHECK(surplus_vcpu_hours(*t, Ratio{20}, hours(10)) == Ratio{16});
  CHECK(surplus_vcpu_hours(*t, Ratio{3}, hours(10)) == Ratio{0});
  CHECK(surplus_credit_charge(Rate{50'000'000'000}, Ratio{2100}) == dollars(105));
}
