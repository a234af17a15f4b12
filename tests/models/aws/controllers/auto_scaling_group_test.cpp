#include "models/aws/controllers/auto_scaling_group.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::aws {
namespace {

using namespace plimsoll::testing;

/// A group with constant delays: 2 s to react, 10 s to run, 30 s more to join, 20 s to shut down.
struct Bench {
  explicit Bench(std::int64_t desired, bool draining = false, bool protect = false) : world(small_world()) {
    NodeGroup g;
    g.name = world.names.intern("group");
    g.maximum = 10;
    g.desired = desired;
    group = world.add_group(g);
    AutoScalingGroupConfig config;
    config.group = group;
    config.node = node_spec(world, 2000, 8192);
    for (int z = 0; z < 3; ++z) config.zones.emplace_back(z);
    config.delays = {Delay::constant(seconds(2)), Delay::constant(seconds(10)), Delay::constant(seconds(30)),
                     Delay::constant(seconds(20))};
    config.managed_draining = draining;
    config.protect_busy = protect;
    auto asg = std::make_unique<AutoScalingGroups>();
    asg->add(std::move(config));
    world.attach(std::move(asg));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    web = add_workload(world, "web", 100, 64);
  }
  void want_at(std::int64_t s, std::int64_t desired) {
    script->at(at_s(s), [desired, g = group](World& w) { w.set_group_desired(g, desired); });
  }
  void place_at(std::int64_t s, std::uint32_t node) {
    script->at(at_s(s), [id = web, node](World& w) { w.bind_pod(w.create_pod(id), NodeId{node}); });
  }
  const Node& node(std::uint32_t i) const { return world.node(NodeId{i}); }

  World world;
  Script* script = nullptr;
  NodeGroupId group;
  WorkloadId web;
};

TEST_CASE("instances come through running to ready, a zone each") {
  Bench b(3);
  b.world.run_until(at_s(100));
  REQUIRE(b.world.nodes().size() == 3);
  for (std::uint32_t i = 0; i < 3; ++i) {
    CHECK(b.node(i).zone == ZoneId{i});
    CHECK(b.node(i).requested == kTimeZero);
    CHECK(b.node(i).running == at_s(10));
    CHECK(b.node(i).ready == at_s(40));
    CHECK(b.node(i).state == NodeState::ready);
  }
}

TEST_CASE("a larger capacity is met two seconds later, in the emptiest zones") {
  Bench b(3);
  b.want_at(100, 5);
  b.world.run_until(at_s(300));
  REQUIRE(b.world.nodes().size() == 5);
  CHECK(b.node(3).requested == at_s(102));
  CHECK(b.node(3).zone == ZoneId{0});
  CHECK(b.node(4).zone == ZoneId{1});
  CHECK(b.node(4).ready == at_s(142));
}

TEST_CASE("scale-in takes the zone with most instances, in it the oldest") {
  Bench b(5);  // zones a b c a b
  b.want_at(100, 3);
  b.world.run_until(at_s(300));
  CHECK(b.node(0).terminating == at_s(102));
  CHECK(b.node(1).terminating == at_s(102));
  CHECK(b.node(0).terminated == at_s(122));
  CHECK(b.node(0).end_reason == Reason::scale_down);
  for (const std::uint32_t i : {2u, 3u, 4u}) CHECK(b.node(i).state == NodeState::ready);
  CHECK(b.world.live_nodes().size() == 3);
}

TEST_CASE("an instance that was lost is replaced") {
  Bench b(2);
  b.script->at(at_s(100), [](World& w) { w.terminate_node(NodeId{0}, Reason::node_lost); });
  b.world.run_until(at_s(300));
  REQUIRE(b.world.nodes().size() == 3);
  CHECK(b.node(2).requested == at_s(105));
  // Zones b and c: a is empty and c too; the first in order gets it.
  CHECK(b.node(2).zone == ZoneId{0});
  CHECK(b.world.live_nodes().size() == 2);
}

TEST_CASE("what was asked for and is not wanted any more never runs") {
  Bench b(0);
  b.want_at(10, 4);
  b.want_at(15, 1);
  b.world.run_until(at_s(300));
  CHECK(count_facts(b.world, Fact::node_requested) == 4);
  CHECK(count_facts(b.world, Fact::node_running) == 1);
  CHECK(b.world.live_nodes().size() == 1);
}

TEST_CASE("managed draining lets tasks go before the instance ends") {
  Bench b(1, true);
  b.place_at(50, 0);
  b.want_at(100, 0);
  b.script->at(at_s(160), [](World& w) { w.pod_ended(PodId{0}, Reason::node_drain); });
  b.world.run_until(at_s(600));
  CHECK(b.node(0).draining == at_s(102));
  CHECK(b.node(0).terminating == at_s(165));
  CHECK(b.node(0).terminated == at_s(185));
  CHECK(count_facts(b.world, Fact::node_requested) == 1);
}

TEST_CASE("without draining the tasks end with their instance") {
  Bench b(1);
  b.place_at(50, 0);
  b.want_at(100, 0);
  b.world.run_until(at_s(600));
  CHECK(b.world.pod(PodId{0}).ended == at_s(102));
  CHECK(b.world.pod(PodId{0}).end_reason == Reason::scale_down);
}

TEST_CASE("termination protection spares busy instances") {
  Bench b(3, false, true);
  b.place_at(50, 0);
  b.place_at(50, 1);
  b.want_at(100, 0);
  b.world.run_until(at_s(600));
  CHECK(b.node(0).state == NodeState::ready);
  CHECK(b.node(1).state == NodeState::ready);
  CHECK(b.node(2).state == NodeState::terminated);
}

TEST_CASE("the n-th launch of a pool draws the same delays whatever happened before") {
  const auto second_boot = [](bool detour) {
    Bench b(1);
    if (detour) b.script->at(at_s(60), [](World& w) { w.create_pod(WorkloadId{0}); });
    b.want_at(detour ? 500 : 100, 2);
    b.world.run_until(at_s(900));
    return b.node(1).ready - b.node(1).requested;
  };
  CHECK(second_boot(false) == second_boot(true));
}

}  // namespace
}  // namespace plimsoll::aws
