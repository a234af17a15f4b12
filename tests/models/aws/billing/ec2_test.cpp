#include "models/aws/billing/ec2.h"

#include <doctest/doctest.h>

#include <vector>

using namespace plimsoll;
using namespace plimsoll::aws::charges;

TEST_CASE("each start has its own minute") {
  const Rate m5 = Rate{96'000'000'000};
  const std::vector<Duration> one = {seconds(45)}, two = {seconds(30), seconds(30)}, none;
  CHECK(ec2_on_demand_charge(m5, one).total == Money{1'600'000});
  CHECK(ec2_on_demand_charge(m5, two).billed_seconds == 120);
  CHECK(ec2_on_demand_charge(m5, two).total == Money{3'200'000});
  CHECK(ec2_on_demand_charge(m5, none).total == Money{0});
}

TEST_CASE("three instances for a month of 730 hours") {
  const std::vector<Duration> three(3, hours(kHoursPerMonth));
  CHECK(ec2_on_demand_charge(Rate{96'000'000'000}, three).total == Money{210'240'000'000});
}
