#include "models/ecs/controllers/provider_assignment.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::ecs {
namespace {

using namespace plimsoll::testing;

std::vector<int> lanes(const World& world) {
  std::vector<int> out;
  for (const Pod& p : world.pods()) out.push_back(p.lane);
  return out;
}

TEST_CASE("base first, then by weight; what stopped gives its place back") {
  World world = small_world();
  const WorkloadId web = add_workload(world, "web", 100, 64), other = add_workload(world, "other", 100, 64);
  auto assignment =
      std::make_unique<ProviderAssignment>(std::vector<ProviderShare>{{"FARGATE", 1, 2}, {"FARGATE_SPOT", 3, 0}});
  assignment->assign(web);
  world.attach(std::move(assignment));
  world.run_until(kTimeZero);
  for (int i = 0; i < 6; ++i) world.create_pod(web);
  // Two of the base. Then Spot, three parts of four below its share; on demand (both two quarters below, the first
  // listed); Spot twice.
  CHECK(lanes(world) == std::vector<int>{0, 0, 1, 0, 1, 1});
  world.create_pod(other);
  CHECK(world.pod(PodId{6}).lane == 0);
  // A Spot task that ends is replaced on Spot.
  world.stop_pod(PodId{2}, Reason::spot_interruption);
  CHECK(world.pod(world.create_pod(web)).lane == 1);
}

TEST_CASE("a service's own strategy takes the place of the cluster's") {
  World world = small_world();
  const WorkloadId web = add_workload(world, "web", 100, 64), other = add_workload(world, "other", 100, 64);
  auto assignment =
      std::make_unique<ProviderAssignment>(std::vector<ProviderShare>{{"FARGATE", 1, 0}, {"FARGATE_SPOT", 0, 0}});
  assignment->assign(web, {{"FARGATE", 0, 1}, {"FARGATE_SPOT", 1, 0}});
  assignment->assign(other);
  world.attach(std::move(assignment));
  world.run_until(kTimeZero);
  for (int i = 0; i < 3; ++i) world.create_pod(web);
  for (int i = 0; i < 2; ++i) world.create_pod(other);
  CHECK(lanes(world) == std::vector<int>{0, 1, 1, 0, 0});
}

}  // namespace
}  // namespace plimsoll::ecs
