#include <doctest/doctest.h>

#include "tests/models/ecs/placement_fixture.h"

using namespace plimsoll::ecs;

TEST_CASE("a task stops in the zone, then on the instance, with most tasks of the service") {
  Cluster c;
  c.add(1, 0, 0, 1);
  c.add(1, 0, 0, 3);
  c.add(0, 0, 0, 2);
  CHECK(stops_of(c, default_service_strategies()) == Rows{1});  // zone 1 has 4, row 1 has 3
}

TEST_CASE("equal zones leave the choice open") {
  Cluster c;
  c.add(0, 0, 0, 1);
  c.add(1, 0, 0, 2);
  c.add(2, 0, 0, 2);
  CHECK(stops_of(c, default_service_strategies()) == Rows{1, 2});
}

TEST_CASE("inside the fullest zone spread leaves the instance open") {
  Cluster c;
  c.add(0, 0, 0, 3);
  c.add(0, 0, 0, 1);
  c.add(1, 0, 0, 2);
  CHECK(stops_of(c, {spread_over_zones()}) == Rows{0, 1});
}

TEST_CASE("protected tasks are counted but not chosen") {
  Cluster c;
  c.add(0, 0, 0, 4);
  c.add(0, 0, 0, 1);
  c.add(1, 0, 0, 1);
  CHECK(stops_of(c, default_service_strategies(), {0, 1, 1}) == Rows{1});
  CHECK(stops_of(c, default_service_strategies(), {0, 0, 0}).empty());
}
