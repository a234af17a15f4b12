#include "models/kubernetes/controllers/node_drain.h"

#include <doctest/doctest.h>

#include "sim/cluster/host_agent.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

/// Four pods on one node of a managed group, one of which may be unavailable at a time.
struct Bench {
  Bench() : world(small_world()) {
    world.host_profiles.assign(2, plain_host());
    NodeGroup g;
    g.name = world.names.intern("group");
    group = world.add_group(g);
    web = add_workload(world, "web", 100, 64, 4);
    DisruptionBudgets budgets;
    budgets.set(web, percent(25));
    world.attach(std::make_unique<HostAgent>());
    auto drain = std::make_unique<NodeDrain>(budgets);
    drain->manage(group);
    world.attach(std::move(drain));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    NodeSpec spec = node_spec(world, 2000, 4096);
    spec.group = group;
    node = world.request_node(spec);
    world.node_running(node);
    world.node_ready(node);
    for (int i = 0; i < 4; ++i) {
      script->at(at_s(1), [this](World& w) { w.bind_pod(w.create_pod(web), node); });
    }
  }
  std::int64_t leaving() const {
    std::int64_t n = 0;
    for (const Pod& p : world.pods()) n += p.stopping != kTimeNever ? 1 : 0;
    return n;
  }
  World world;
  Script* script = nullptr;
  NodeGroupId group;
  NodeId node;
  WorkloadId web;
};

TEST_CASE("a Spot notice cordons the node and evicts as the budget allows") {
  Bench b;
  b.script->at(at_s(100), [&b](World& w) { w.give_spot_notice(b.node, at_s(220)); });
  b.world.run_until(at_s(102));
  CHECK(b.world.node(b.node).state == NodeState::draining);
  CHECK(b.leaving() == 1);
  // Nobody replaces it here, so the budget is used up for good.
  b.world.run_until(at_s(200));
  CHECK(b.leaving() == 1);
  // A healthy replacement elsewhere frees one more eviction.
  const NodeId other = ready_node(b.world, 2000, 4096);
  b.world.bind_pod(b.world.create_pod(b.web), other);
  b.world.run_until(at_s(240));
  CHECK(b.leaving() == 2);
}

TEST_CASE("a node that an autoscaler drains is left to it") {
  for (const plimsoll::Reason reason : {plimsoll::Reason::scale_down, plimsoll::Reason::rebalance}) {
    Bench b;
    b.script->at(at_s(100), [&b, reason](World& w) { w.drain_node(b.node, reason); });
    b.world.run_until(at_s(110));
    CHECK(b.leaving() == (reason == plimsoll::Reason::rebalance ? 1 : 0));
  }
}

}  // namespace
}  // namespace plimsoll::kubernetes
