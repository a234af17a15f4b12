#include <doctest/doctest.h>

#include <map>

#include "sim/core/random.h"
#include "tests/models/ecs/placement_fixture.h"

using namespace plimsoll;
using namespace plimsoll::ecs;

TEST_CASE("services go to the zone, then to the instance, with fewest of their tasks") {
  Cluster c;
  c.add(0, 2048, 4096, 1);
  c.add(1, 2048, 4096, 1);
  c.add(1, 2048, 4096, 0);
  c.add(2, 2048, 4096, 1);
  CHECK(best_of(c, need_of(256, 512), default_service_strategies()) == Rows{2});  // each zone has 1, row 2 none
  c.add(3, 2048, 4096, 0);
  CHECK(best_of(c, need_of(256, 512), default_service_strategies()) == Rows{4});  // a zone without any
  CHECK(best_of(c, need_of(256, 512), default_run_task_strategies()) == Rows{0, 1, 2, 3, 4});
}

TEST_CASE("strategies narrow one after another") {
  Cluster c;
  c.add(0, 2048, 4096, 1);
  c.add(0, 2048, 1024, 0);
  c.add(1, 2048, 900, 0);
  c.add(1, 2048, 600, 0);
  CHECK(best_of(c, need_of(256, 512), {spread_over_zones(), binpack_strategy(BinpackField::memory)}) == Rows{3});
  CHECK(best_of(c, need_of(256, 512), {binpack_strategy(BinpackField::memory), spread_over_zones()}) == Rows{3});
  CHECK(best_of(c, need_of(256, 700), {binpack_strategy(BinpackField::memory)}) == Rows{2});
}

namespace {

/// The rules again, said plainly: values of a key for every row, and the rows with the least.
Rows naive(Cluster& c, const TaskNeed& need, const std::vector<int>& steps) {
  Rows left;
  for (std::uint32_t i = 0; i < c.cpu.size(); ++i) {
    if (c.usable[i] != 0 && c.cpu[i] >= need.cpu.raw() && c.memory[i] >= need.memory.raw() && c.enis[i] >= need.enis &&
        (!need.distinct_instance || c.tasks[i] == 0)) {
      left.push_back(i);
    }
  }
  const auto narrow = [&](auto key) {
    std::map<std::int64_t, Rows> by;
    for (const auto i : left) by[key(i)].push_back(i);
    if (!by.empty()) left = by.begin()->second;
  };
  const auto tasks_where = [&](const std::vector<std::uint32_t>& column, std::uint32_t value) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < column.size(); ++i) sum += column[i] == value ? c.tasks[i] : 0;
    return sum;
  };
  for (const int step : steps) {
    if (step == 0) narrow([&](std::uint32_t i) { return c.cpu[i]; });
    if (step == 1) narrow([&](std::uint32_t i) { return c.memory[i]; });
    if (step == 2) narrow([&](std::uint32_t i) { return tasks_where(c.zone, c.zone[i]); });
    if (step == 3) narrow([&](std::uint32_t i) { return static_cast<std::int64_t>(c.tasks[i]); });
    if (step == 4) narrow([&](std::uint32_t i) { return tasks_where(c.rack, c.rack[i]); });
  }
  narrow([&](std::uint32_t i) { return static_cast<std::int64_t>(c.tasks[i]); });
  return left;
}

StrategyPtr strategy(int step) {
  switch (step) {
    case 0:
      return binpack_strategy(BinpackField::cpu);
    case 1:
      return binpack_strategy(BinpackField::memory);
    case 2:
      return spread_over_zones();
    case 3:
      return spread_over_instances();
    default:
      return spread_over_attribute(Cluster::kRack);
  }
}

}  // namespace

TEST_CASE("placement equals the plain reading on random clusters") {
  const Stream draws(1, "placement test", Purpose::tie_break);
  std::uint64_t item = 0;
  const auto below = [&](std::uint64_t n) { return draws.below(n, item++); };
  PlacementScratch scratch;
  for (int round = 0; round < 2000; ++round) {
    Cluster c;
    const auto n = below(30);
    for (std::uint64_t i = 0; i < n; ++i) {
      c.add(static_cast<std::uint32_t>(below(3)), static_cast<std::int64_t>(below(5)) * 256,
            static_cast<std::int64_t>(below(5)) * 512, static_cast<std::uint32_t>(below(4)),
            below(4) == 0 ? kNoValue : static_cast<std::uint32_t>(below(3)));
      c.usable.back() = below(10) == 0 ? 0 : 1;
      c.enis.back() = static_cast<std::int64_t>(below(3));
    }
    TaskNeed need = need_of(static_cast<std::int64_t>(below(4)) * 256, static_cast<std::int64_t>(below(4)) * 512);
    need.enis = static_cast<std::int64_t>(below(2));
    need.distinct_instance = below(4) == 0;
    std::vector<int> steps;
    StrategyChain chain;
    for (std::uint64_t k = below(4); k > 0; --k) {
      steps.push_back(static_cast<int>(below(5)));
      chain.push_back(strategy(steps.back()));
    }
    const auto answer = place(c.view(), need, chain, scratch);
    CHECK(Rows(answer.best.begin(), answer.best.end()) == naive(c, need, steps));
    if (answer.best.empty()) {
      std::uint64_t explained = 0;
      for (const auto count : answer.failures.count) explained += count;
      CHECK(explained == n);  // every instance has exactly one first reason
    }
  }
}

TEST_CASE("scratch buffers do not grow once they are large enough") {
  Cluster c;
  for (std::uint32_t i = 0; i < 5000; ++i) c.add(i % 3, 4096, 16'384, i % 5);
  PlacementScratch scratch;
  const auto chain = default_service_strategies();
  place(c.view(), need_of(256, 512), chain, scratch);
  const auto* candidates = scratch.candidates.data();
  const auto* counts = scratch.counts.data();
  for (int i = 0; i < 10; ++i) CHECK(place(c.view(), need_of(256, 512), chain, scratch).best.size() > 0);
  CHECK(scratch.candidates.data() == candidates);
  CHECK(scratch.counts.data() == counts);
}
