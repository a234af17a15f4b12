#include "models/ecs/controllers/start_timeouts.h"

#include <doctest/doctest.h>

#include "sim/cluster/host_agent.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::ecs {
namespace {

using namespace plimsoll::testing;

TEST_CASE("a task whose dependency takes longer than startTimeout is stopped, others go on") {
  World world = small_world();
  world.host_profiles.assign(2, plain_host());
  const WorkloadId late = add_workload(world, "late", 100, 64), fine = add_workload(world, "fine", 100, 64);
  world.edit_workload(late).start_wait = seconds(30);
  world.edit_workload(fine).start_wait = seconds(30);
  world.attach(std::make_unique<HostAgent>());
  auto timeouts = std::make_unique<StartTimeouts>();
  CHECK(timeouts->empty());
  timeouts->add(late, seconds(5));
  world.attach(std::move(timeouts));
  ready_node(world, 1000, 4096);
  for (const WorkloadId w : {late, fine}) world.bind_pod(world.create_pod(w), NodeId{0});
  world.run_until(at_s(300));
  const Pod& stopped = world.pod(PodId{0});
  CHECK(stopped.state == PodState::ended);
  CHECK(stopped.end_reason == Reason::start_timeout);
  CHECK(stopped.ended == stopped.started + seconds(5));
  CHECK(world.pod(PodId{1}).state == PodState::serving);
}

}  // namespace
}  // namespace plimsoll::ecs
