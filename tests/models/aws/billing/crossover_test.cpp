#include "models/aws/billing/crossover.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::aws::charges;

TEST_CASE("an m5.xlarge beats Fargate above 82 % utilisation") {
  const Crossover c =
      crossover_utilisation(Rate{192'000'000'000}, Ratio{4}, Ratio{16}, Rate{40'480'000'000}, Rate{4'445'000'000});
  CHECK(c.ec2_bundle == Ratio{48, 1000});
  CHECK(c.fargate_bundle == Ratio{5826, 100'000});
  CHECK(c.utilisation.to_double() == doctest::Approx(0.823893).epsilon(1e-6));
}
