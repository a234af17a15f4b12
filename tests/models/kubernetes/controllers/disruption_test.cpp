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

TEST_CASE("a budget that never lets anything go, and two at once, hold their pods for good") {
  World world = small_world();
  const WorkloadId web = add_workload(world, "web", 100, 64, 10);
  const auto holds = [web](const DisruptionBudgetSpec& spec, bool ready = true) {
    DisruptionBudgets budgets;
    budgets.set(web, spec);
    return budgets.fully_blocks(web, ready);
  };
  CHECK(holds(at_most(0, false)));
  CHECK(holds(at_most(0, true)));
  CHECK(holds(at_least(100, true)));
  CHECK_FALSE(holds(at_least(99, true)));
  CHECK_FALSE(holds(at_most(1, true)));
  // As many as there are: it lets nothing go, but might when there are more.
  CHECK_FALSE(holds(at_least(10, false)));
  DisruptionBudgetSpec lenient = at_most(0, false);
  CHECK(holds(lenient, false));
  lenient.unready_always_allowed = true;
  CHECK_FALSE(holds(lenient, false));
  CHECK(holds(lenient, true));

  DisruptionBudgets budgets;
  CHECK_FALSE(budgets.fully_blocks(web, true));
  budgets.set(web, Ppm{});
  CHECK(budgets.fully_blocks(web, true));
  budgets.set(web, percent(25));
  CHECK_FALSE(budgets.fully_blocks(web, true));
  DisruptionBudgets two;
  two.cover("default/a", at_most(1, false), {}, {}, web);
  CHECK_FALSE(two.fully_blocks(web, true));
  two.cover("default/b", at_most(1, false), {}, {}, web);
  CHECK(two.fully_blocks(web, true));
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

TEST_CASE("evictions: what does not run yet goes, ready pods by the budget, an unready one past it") {
  World world = small_world();
  const WorkloadId web = add_workload(world, "web", 100, 64, 4);
  const NodeId node = ready_node(world, 4000, 4096);
  std::vector<PodId> pods;
  for (int i = 0; i < 6; ++i) {
    pods.push_back(world.create_pod(web));
    if (i < 5) REQUIRE(world.bind_pod(pods.back(), node) == Applied::yes);
    if (i < 4) world.pod_started(pods.back());
    if (i < 3) world.pod_ready(pods.back());
  }
  DisruptionBudgets budgets;
  budgets.set(web, at_most(1, false));
  CHECK(budgets.allowed(world, web) == 0);  // three of four are ready
  const auto evict = [&](int i) {
    return budgets.evict(world, pods[static_cast<std::size_t>(i)], plimsoll::Reason::node_drain);
  };
  CHECK(evict(0) == Applied::rejected);
  CHECK(evict(5) == Applied::yes);  // not placed
  CHECK(evict(4) == Applied::yes);  // its image is on its way
  CHECK(evict(3) == Applied::yes);  // unready, and the three that have to stay are there
  CHECK(evict(1) == Applied::rejected);
}

TEST_CASE("one budget over two workloads counts them together, and two over one refuse") {
  World world = small_world();
  const WorkloadId blue = add_workload(world, "blue", 100, 64, 2), green = add_workload(world, "green", 100, 64, 2);
  const NodeId node = ready_node(world, 4000, 4096);
  std::vector<PodId> pods;
  for (const WorkloadId id : {blue, blue, green, green}) {
    pods.push_back(world.create_pod(id));
    REQUIRE(world.bind_pod(pods.back(), node) == Applied::yes);
    world.pod_started(pods.back());
    world.pod_ready(pods.back());
  }
  DisruptionBudgets budgets;
  const LabelSelector selector{true, {}};
  const NameId place = world.names.intern("default");
  budgets.cover("default/both", at_least(3, false), place, selector, blue);
  budgets.cover("default/both", at_least(3, false), place, selector, green);
  CHECK(budgets.allowed(world, blue) == 1);
  CHECK(budgets.allowed(world, green) == 1);
  CHECK(budgets.evict(world, pods[0], plimsoll::Reason::node_drain) == Applied::yes);
  CHECK(budgets.evict(world, pods[2], plimsoll::Reason::node_drain) == Applied::rejected);  // three are left, of both
  budgets.cover("default/second", at_most(2, false), place, selector, green);
  CHECK(budgets.allowed(world, green) == 0);
  CHECK(budgets.evict(world, pods[2], plimsoll::Reason::node_drain) == Applied::rejected);  // the API answers 500
  std::size_t seen = 0;
  budgets.each(world, [&](const DisruptionBudgets::Status& status) {
    CHECK(status.workloads.size() == (seen == 0 ? 2u : 1u));
    CHECK(status.selector != nullptr);
    ++seen;
  });
  CHECK(seen == 2);
  budgets.set(green, at_most(2, false));  // alone now
  CHECK(budgets.allowed(world, green) == 2);
  CHECK(budgets.allowed(world, blue) == 0);  // one of two, and three have to stay: those of blue alone are too few
}

TEST_CASE("a budget that says neither number lets nothing go") { CHECK(allowed_of({}, 3, 3) == 0); }

TEST_CASE("of pods whose owner has no scale only a whole number of minAvailable lets any go") {
  World world = small_world();
  const WorkloadId job = add_workload(world, "job", 100, 64, 3);
  const NodeId node = ready_node(world, 4000, 4096);
  for (int i = 0; i < 3; ++i) {
    const PodId pod = world.create_pod(job);
    REQUIRE(world.bind_pod(pod, node) == Applied::yes);
    world.pod_started(pod);
    world.pod_ready(pod);
  }
  const LabelSelector selector{true, {}};
  const NameId place = world.names.intern("default");
  const auto allowed = [&](const DisruptionBudgetSpec& spec, bool has_scale) {
    DisruptionBudgets budgets;
    budgets.cover("default/b", spec, place, selector, job, has_scale);
    return budgets.allowed(world, job);
  };
  CHECK(allowed(at_most(1, false), true) == 1);
  CHECK(allowed(at_most(1, false), false) == 0);  // found no controllers for pod: the sync fails, nothing may go
  CHECK(allowed(at_least(50, true), false) == 0);
  CHECK(allowed(at_least(2, false), false) == 1);  // of the three that are there
}

}  // namespace
}  // namespace plimsoll::kubernetes
