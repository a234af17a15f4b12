#include "models/aws/billing/orchestrator_fee.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::aws::charges;

TEST_CASE("a month of a cluster under standard and under extended support") {
  const Rate standard{100'000'000'000}, extended{600'000'000'000};
  CHECK(eks_control_plane_charge(hours(730), {}, standard, extended) == dollars(73));
  CHECK(eks_control_plane_charge({}, hours(730), standard, extended) == dollars(438));
}

TEST_CASE("the management fee follows the on-demand price, whatever is paid") {
  const ManagedNodeCharge c =
      managed_node_charge(1, hours(730), Rate{163'200'000'000}, Rate{50'000'000'000}, Ratio{12, 100});
  CHECK(c.ec2 == Money{36'500'000'000});
  CHECK(c.fee == Money{14'296'320'000});
}
