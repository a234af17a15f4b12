#include "models/ecs/capacity_provider_reservation.h"

#include <doctest/doctest.h>

using namespace plimsoll::ecs;

TEST_CASE("the metric of empty and idle providers") {
  CHECK(capacity_provider_reservation(0, 0).percent() == 100);
  CHECK(capacity_provider_reservation(0, 3).percent() == 200);
  CHECK(capacity_provider_reservation(4, 0).percent() == 0);
  CHECK(capacity_provider_reservation(4, 7).percent() == 175);
}

TEST_CASE("scaling from zero launches two instances at a target of 100") {
  const auto d = managed_scaling_decision(0, 5, 100);
  CHECK(d.direction == ScalingDirection::out);
  CHECK(d.desired == 2);
}

TEST_CASE("an idle provider with a target below 100 launches instances") {
  const auto d = managed_scaling_decision(0, 0, 90);
  CHECK(d.direction == ScalingDirection::out);
  CHECK(d.desired == 2);  // ceil(100 / 90)
}

TEST_CASE("the desired size comes from the exact ratio") {
  CHECK(managed_scaling_decision(3, 2, 50).desired == 4);  // ceil(3 x 66.67 / 50) = ceil(4.0)
  CHECK(managed_scaling_decision(3, 2, 100).desired == 2);
  CHECK(managed_scaling_decision(3, 2, 100).direction == ScalingDirection::in);
  CHECK(managed_scaling_decision(10, 10, 90).desired == 12);  // ceil(11.1)
  CHECK(managed_scaling_decision(9, 10, 80).desired == 13);   // ceil(12.5)
  CHECK(managed_scaling_decision(5, 0, 100).desired == 0);
}

TEST_CASE("at the target nothing changes") {
  const auto d = managed_scaling_decision(10, 9, 90);
  CHECK(d.direction == ScalingDirection::none);
  CHECK(d.desired == 10);
}

TEST_CASE("one minute of scale-in takes at least one and at most half of the instances") {
  CHECK(scale_in_floor(10) == 5);
  CHECK(scale_in_floor(3) == 2);
  CHECK(scale_in_floor(1) == 0);
  CHECK(scale_in_floor(0) == 0);
}
