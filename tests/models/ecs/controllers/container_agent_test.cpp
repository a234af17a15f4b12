#include "models/ecs/controllers/container_agent.h"

#include <doctest/doctest.h>

#include "models/ecs/controllers/instance_view.h"
#include "sim/cluster/host_agent.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::ecs {
namespace {

using namespace plimsoll::testing;

struct Bench {
  explicit Bench(bool draining) : world(small_world()) {
    world.host_profiles.assign(2, plain_host());
    for (HostProfile& h : world.host_profiles) h.lost_target_balanced = Delay::constant(seconds(40));
    NodeGroup g;
    g.name = world.names.intern("asg");
    group = world.add_group(g);
    world.attach(std::make_unique<HostAgent>());
    auto agents = std::make_unique<ContainerAgents>(ContainerAgentParameters{});
    if (draining) agents->drain_on_notice(group);
    world.attach(std::move(agents));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    NodeSpec spec = node_spec(world, 2000, 4096);
    spec.group = group;
    node = world.request_node(spec);
    world.node_running(node);
    world.node_ready(node);
    web = add_workload(world, "web", 100, 64);
    world.edit_workload(web).behind_balancer = true;
    script->at(at_s(1), [this](World& w) { w.bind_pod(w.create_pod(web), node); });
  }
  World world;
  Script* script = nullptr;
  NodeGroupId group;
  NodeId node;
  WorkloadId web;
};

TEST_CASE("a Spot notice drains the instance when somebody asked for it, and only then") {
  for (const bool draining : {true, false}) {
    Bench b(draining);
    b.script->at(at_s(100), [&b](World& w) { w.give_spot_notice(b.node, at_s(220)); });
    b.world.run_until(at_s(110));
    CHECK(b.world.node(b.node).state == (draining ? NodeState::draining : NodeState::ready));
    if (draining) CHECK(b.world.node(b.node).draining == at_s(101));
  }
}

TEST_CASE(
    "a silent agent is disconnected within two minutes: no task is placed, those behind a balancer are replaced") {
  Bench b(false);
  b.script->at(at_s(100), [&b](World& w) { w.lose_node(b.node); });
  b.world.run_until(at_s(139));
  CHECK(b.world.pod(PodId{0}).state == PodState::serving);
  b.world.run_until(at_s(146));
  // The balancer's checks fail at 140 s; the scheduler stops the task within 5 s.
  CHECK(b.world.pod(PodId{0}).state == PodState::stopping);
  CHECK(b.world.pod(PodId{0}).end_reason == Reason::unhealthy);
  InstanceView view;
  b.world.run_until(at_s(159));
  view.refresh(b.world, b.web);
  CHECK(view.columns().usable[0] == 1);
  b.world.run_until(at_s(221));
  view.refresh(b.world, b.web);
  CHECK(view.columns().usable[0] == 0);
  CHECK(b.world.node(b.node).state == NodeState::ready);
}

}  // namespace
}  // namespace plimsoll::ecs
