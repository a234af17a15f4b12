#include <doctest/doctest.h>

#include "tests/models/ecs/placement_fixture.h"

using namespace plimsoll::ecs;

TEST_CASE("random leaves every instance that fits to the draw") {
  Cluster c;
  c.add(0, 2048, 4096, 5);
  c.add(1, 2048, 4096, 0);
  c.add(1, 100, 4096, 0);
  CHECK(best_of(c, need_of(256, 512), {random_strategy()}) == Rows{0, 1});
  CHECK(stops_of(c, {random_strategy()}) == Rows{0});
}

TEST_CASE("nothing after random has a say") {
  Cluster c;
  c.add(0, 2048, 4096, 0);
  c.add(0, 1024, 4096, 0);
  CHECK(best_of(c, need_of(256, 512), {random_strategy(), binpack_strategy(BinpackField::cpu)}) == Rows{0, 1});
  CHECK(random_strategy()->type() == "random");
}
