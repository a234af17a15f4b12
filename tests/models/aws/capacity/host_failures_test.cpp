#include "models/aws/capacity/host_failures.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::aws {
namespace {

using namespace plimsoll::testing;

TEST_CASE("instances break at the rate of a year") {
  // 50 % a year over a tenth of a year: 1 - 0.5^0.1 = 6.7 % of 3,000 instances = 201.
  World world = small_world(hours(877));
  world.attach(std::make_unique<HostFailures>(percent(50)));
  for (std::uint64_t i = 0; i < 3000; ++i) {
    NodeSpec spec = node_spec(world, 1000, 1024, 0);
    spec.tag = i;
    world.node_running(world.request_node(spec));
  }
  world.run();
  std::int64_t broken = 0;
  for (const Node& n : world.nodes()) {
    broken += n.is_lost() ? 1 : 0;
    CHECK(n.state == NodeState::running);  // nobody has noticed
  }
  CHECK(broken > 160);
  CHECK(broken < 245);
}

TEST_CASE("the same instance breaks at the same instant whatever else runs") {
  const auto breaks = [](int others) {
    World world = small_world(hours(24 * 365));
    world.attach(std::make_unique<HostFailures>(percent(99)));
    for (int i = 0; i <= others; ++i) {
      NodeSpec spec = node_spec(world, 1000, 1024, 0);
      spec.tag = static_cast<std::uint64_t>(others - i);
      world.node_running(world.request_node(spec));
    }
    world.run();
    return world.nodes().back().lost;
  };
  CHECK(breaks(0) == breaks(5));
}

}  // namespace
}  // namespace plimsoll::aws
