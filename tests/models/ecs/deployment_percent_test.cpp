#include "models/ecs/deployment_percent.h"

#include <doctest/doctest.h>

using namespace plimsoll::ecs;

TEST_CASE("the lower bound rounds up and the upper bound rounds down") {
  const DeploymentBounds b = deployment_bounds(3, 50, 150);  // 1.5 -> 2, 4.5 -> 4
  CHECK(b.lower == 2);
  CHECK(b.upper == 4);
  CHECK(b.can_stop_first == 1);
  CHECK(b.can_start_first == 1);
  CHECK_FALSE(b.stuck);
}

TEST_CASE("a service that can neither stop nor start first is stuck") {
  CHECK(deployment_bounds(4, 100, 100).stuck);
  CHECK(deployment_bounds(1, 50, 100).stuck);   // ceil(0.5) = 1, floor(1) = 1
  CHECK(deployment_bounds(2, 75, 100).stuck);   // ceil(1.5) = 2
  CHECK(deployment_bounds(9, 100, 111).stuck);  // floor(9.99) = 9
  CHECK_FALSE(deployment_bounds(100, 100, 101).stuck);
}

TEST_CASE("a service without tasks wants nothing and is not stuck") {
  const DeploymentBounds b = deployment_bounds(0, 100, 100);
  CHECK(b.lower == 0);
  CHECK(b.upper == 0);
  CHECK_FALSE(b.stuck);
}

TEST_CASE("a minimum of zero percent lets everything stop first") {
  const DeploymentBounds b = deployment_bounds(6, 0, 100);
  CHECK(b.can_stop_first == 6);
  CHECK(b.can_start_first == 0);
}
