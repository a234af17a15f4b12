#include "models/eks/controllers/vpc_addresses.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::eks {
namespace {

using namespace plimsoll::testing;

NodeId vpc_node(World& world, std::string_view type) {
  NodeSpec spec = node_spec(world, 2'000, 8'192);
  spec.instance_type = world.names.intern(type);
  const NodeId id = world.request_node(std::move(spec));
  world.node_running(id);
  return id;
}

TEST_CASE("a node holds the addresses of its pods and warm ones, host-network daemons none") {
  World world = small_world();
  const VpcAddresses vpc({}, {std::shared_ptr<void>(), &aws::Catalogue::built_in()});
  const WorkloadId web = add_workload(world, "web", 100, 64), proxy = add_workload(world, "kube-proxy", 10, 16);
  world.edit_workload(proxy).system = true;
  const NodeId node = vpc_node(world, "m5.large"), unknown = vpc_node(world, "hybrid");
  CHECK(vpc.held(world, node) == 0);  // not joined
  world.node_ready(node);
  world.node_ready(unknown);
  CHECK(vpc.held(world, node) == 9 + 1);  // three interfaces of ten addresses: one is warm
  world.bind_pod(world.create_pod(proxy), node);
  for (int i = 0; i < 5; ++i) world.bind_pod(world.create_pod(web), node);
  CHECK(VpcAddresses::pods_with_address(world, node) == 5);
  CHECK(vpc.held(world, node) == 18 + 2);  // one interface in use, one warm
  CHECK(vpc.held(world, unknown) == 0);
}

}  // namespace
}  // namespace plimsoll::eks
