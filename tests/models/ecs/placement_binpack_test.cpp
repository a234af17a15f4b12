#include <doctest/doctest.h>

#include "tests/models/ecs/placement_fixture.h"

using namespace plimsoll::ecs;

TEST_CASE("binpack takes the least remaining of its field that still fits") {
  Cluster c;
  c.add(0, 2048, 1024, 0);
  c.add(0, 1024, 4096, 0);
  c.add(0, 200, 600, 0);  // does not fit 256 units
  CHECK(best_of(c, need_of(256, 512), {binpack_strategy(BinpackField::cpu)}) == Rows{1});
  CHECK(best_of(c, need_of(256, 512), {binpack_strategy(BinpackField::memory)}) == Rows{0});
}

TEST_CASE("an exact fit is a fit") {
  Cluster c;
  c.add(0, 256, 512, 0);
  c.add(0, 512, 1024, 0);
  CHECK(best_of(c, need_of(256, 512), {binpack_strategy(BinpackField::memory)}) == Rows{0});
}

TEST_CASE("ties go to the instances with fewest tasks of the service") {
  Cluster c;
  c.add(0, 1024, 1024, 2);
  c.add(1, 1024, 1024, 1);
  c.add(2, 1024, 1024, 1);
  CHECK(best_of(c, need_of(256, 512), {binpack_strategy(BinpackField::cpu)}) == Rows{1, 2});
}

TEST_CASE("scale-in under binpack leaves the most free") {
  Cluster c;
  c.add(0, 100, 3000, 1);
  c.add(0, 900, 1000, 1);
  c.add(0, 2000, 4000, 0);  // no task of the service
  CHECK(stops_of(c, {binpack_strategy(BinpackField::cpu)}) == Rows{1});
  CHECK(stops_of(c, {binpack_strategy(BinpackField::memory)}) == Rows{0});
  CHECK(binpack_strategy(BinpackField::cpu)->type() == "binpack");
}
