#include "models/aws/controllers/external_instances.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::aws {
namespace {

using namespace plimsoll::testing;

TEST_CASE("external instances are there from the start") {
  World world = small_world();
  NodeSpec spec = node_spec(world, 4000, 16384);
  world.attach(std::make_unique<ExternalInstances>(spec, 3));
  world.run_until(kTimeZero);
  CHECK(world.live_nodes().size() == 3);
  for (const NodeId id : world.live_nodes()) CHECK(world.node(id).state == NodeState::ready);
}

}  // namespace
}  // namespace plimsoll::aws
