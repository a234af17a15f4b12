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

TEST_CASE("accelerated types have cost less of a fee since July 2026") {
  const aws::Catalogue& catalogue = aws::Catalogue::built_in();
  const auto share = [&](const char* type, aws::Date date) {
    const aws::InstanceType* t = catalogue.find_type(type);
    REQUIRE(t != nullptr);
    return managed_node_share(percent(12), *t, date);
  };
  const aws::Date before{2026, 6, 30}, since{2026, 7, 1};
  for (const char* type : {"m7g.xlarge", "g5.xlarge", "p4d.24xlarge", "trn1.2xlarge"}) {
    CHECK(share(type, before) == percent(12));
  }
  CHECK(share("m7g.xlarge", since) == percent(12));
  CHECK(share("g5.xlarge", since) == Ppm{78'000});     // 12 % x 0.65
  CHECK(share("p4d.24xlarge", since) == Ppm{48'000});  // 12 % x 0.40
  CHECK(share("trn1.2xlarge", since) == Ppm{48'000});
}
