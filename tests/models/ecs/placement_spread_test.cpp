#include <doctest/doctest.h>

#include "tests/models/ecs/placement_fixture.h"

using namespace plimsoll::ecs;

TEST_CASE("spread over zones counts tasks on full instances too") {
  Cluster c;
  c.add(0, 100, 100, 3);  // full, but its tasks are in zone 0
  c.add(0, 2048, 4096, 0);
  c.add(1, 2048, 4096, 2);
  CHECK(best_of(c, need_of(256, 512), {spread_over_zones()}) == Rows{2});
}

TEST_CASE("a zone without room is passed over") {
  Cluster c;
  c.add(0, 100, 100, 0);
  c.add(1, 2048, 4096, 5);
  CHECK(best_of(c, need_of(256, 512), {spread_over_zones()}) == Rows{1});
}

TEST_CASE("spread over instances takes the one with fewest tasks of the group") {
  Cluster c;
  c.add(0, 2048, 4096, 2);
  c.add(0, 2048, 4096, 1);
  c.add(1, 2048, 4096, 1);
  CHECK(best_of(c, need_of(256, 512), {spread_over_instances()}) == Rows{1, 2});
  CHECK(stops_of(c, {spread_over_instances()}) == Rows{0});
}

TEST_CASE("instances without the attribute share a value of their own") {
  Cluster c;
  c.add(0, 2048, 4096, 1, 0);
  c.add(0, 2048, 4096, 1, 1);
  c.add(0, 2048, 4096, 2);
  c.add(0, 2048, 4096, 0);  // 2 + 0 tasks without a rack
  CHECK(best_of(c, need_of(256, 512), {spread_over_attribute(Cluster::kRack)}) == Rows{0, 1});
  CHECK(stops_of(c, {spread_over_attribute(Cluster::kRack)}) == Rows{2});
}

TEST_CASE("an attribute that no instance has leaves all equal") {
  Cluster c;
  c.add(0, 2048, 4096, 1);
  c.add(1, 2048, 4096, 1);
  CHECK(best_of(c, need_of(256, 512), {spread_over_attribute(plimsoll::NameId{99})}) == Rows{0, 1});
}
