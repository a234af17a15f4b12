#include <doctest/doctest.h>

#include "tests/models/ecs/placement_fixture.h"

using namespace plimsoll;
using namespace plimsoll::ecs;

namespace {

/// Most memory left first; the other way round when a task is stopped.
void most_memory(const plimsoll_pod*, const plimsoll_nodes* nodes, std::int32_t stopping, std::int64_t* costs) {
  for (std::uint32_t i = 0; i < nodes->count; ++i)
    costs[i] = stopping != 0 ? nodes->memory_allocatable_bytes[i] : -nodes->memory_allocatable_bytes[i];
}

StrategyPtr strategy() {
  plimsoll_policy table{};
  table.size = sizeof table;
  table.kind = PLIMSOLL_ECS_PLACEMENT;
  table.name = "most-memory";
  table.call.placement = most_memory;
  return custom_strategy(std::make_shared<CustomPolicy>(&table, "test.so", nullptr));
}

}  // namespace

TEST_CASE("a strategy of one's own keeps the candidates with the least cost, after the checks of resources") {
  Cluster c;
  c.add(0, 2048, 1024, 0);
  c.add(0, 1024, 4096, 0);
  c.add(0, 100, 9000, 0);  // most memory, but 256 units do not fit
  c.add(1, 4096, 4096, 0);
  CHECK(best_of(c, need_of(256, 512), {strategy()}) == Rows{1, 3});
  CHECK(strategy()->type() == "most-memory");
}

TEST_CASE("the same strategy chooses what to stop") {
  Cluster c;
  c.add(0, 100, 3000, 1);
  c.add(0, 900, 1000, 1);
  c.add(0, 2000, 500, 0);  // no task of the service
  CHECK(stops_of(c, {strategy()}) == Rows{1});
}
