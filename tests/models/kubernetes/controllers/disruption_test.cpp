#include "models/kubernetes/controllers/disruption.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

/// What a budget lets go of so many wanted replicas, of which so many are ready.
std::int64_t allowed_of(const DisruptionBudgetSpec& spec, std::int64_t desired, std::int64_t ready) {
  World world = small_world();
  const WorkloadId web = add_workload(world, "web", 100, 64, desired);
  for (std::int64_t i = 0; i < ready; ++i) world.create_pod(web);
  world.edit_workload(web).ready = ready;
  DisruptionBudgets budgets;
  CHECK_FALSE(budgets.allowed(world, web));
  budgets.set(web, spec);
  return budgets.allowed(world, web).value();
}

DisruptionBudgetSpec at_least(std::int64_t value, bool is_percent) { return {IntOrPercent{value, is_percent}, {}}; }
DisruptionBudgetSpec at_most(std::int64_t value, bool is_percent) { return {{}, IntOrPercent{value, is_percent}}; }

TEST_CASE("numbers stay what they are when the workload grows") {
  CHECK(allowed_of(at_most(1, false), 2, 2) == 1);
  CHECK(allowed_of(at_most(1, false), 20, 20) == 1);
  CHECK(allowed_of(at_most(1, false), 20, 19) == 0);
  CHECK(allowed_of(at_least(2, false), 3, 3) == 1);
  CHECK(allowed_of(at_least(2, false), 30, 30) == 28);
  CHECK(allowed_of(at_least(5, false), 3, 3) == 0);
}

TEST_CASE("percentages round up on both sides") {
  CHECK(allowed_of(at_least(50, true), 3, 3) == 1);  // two must stay
  CHECK(allowed_of(at_most(50, true), 3, 3) == 2);   // two may go
  CHECK(allowed_of(at_most(10, true), 11, 11) == 2);
  CHECK(allowed_of(at_least(100, true), 7, 7) == 0);
}

TEST_CASE("a share of the replicas rounds up, and nothing wanted lets nothing go") {
  World world = small_world();
  const WorkloadId web = add_workload(world, "web", 100, 64, 10);
  world.edit_workload(web).ready = 10;
  DisruptionBudgets budgets;
  budgets.set(web, Ppm{125'000});
  CHECK(budgets.allowed(world, web) == 2);
  world.edit_workload(web).desired = 0;
  CHECK(budgets.allowed(world, web) == 0);
}

}  // namespace
}  // namespace plimsoll::kubernetes
