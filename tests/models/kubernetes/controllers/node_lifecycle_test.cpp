#include "models/kubernetes/controllers/node_lifecycle.h"

#include <doctest/doctest.h>

#include <optional>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

/// `per_zone` nodes in each of three zones, a pod on each; one daemon on the first.
struct Bench {
  explicit Bench(int per_zone) : world(small_world(hours(2))) {
    world.attach(std::make_unique<NodeLifecycleController>(NodeLifecycleParameters{}));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    web = add_workload(world, "web", 100, 64);
    agent = add_workload(world, "agent", 100, 64);
    world.edit_workload(agent).daemon = true;
    for (int z = 0; z < 3; ++z) {
      for (int i = 0; i < per_zone; ++i) {
        const NodeId node = ready_node(world, 2000, 4096, z);
        world.bind_pod(world.create_pod(web), node);
      }
    }
    world.bind_pod(world.create_pod(agent), NodeId{0});
  }
  void fail_at(std::int64_t s, int from, int to) {
    script->at(at_s(s), [from, to](World& w) {
      for (int i = from; i < to; ++i) w.lose_node(NodeId{i});
    });
  }
  World world;
  Script* script = nullptr;
  WorkloadId web, agent;
};

TEST_CASE("a silent node is unreachable after 40 to 55 s; its pods go 300 s later, its daemons stay") {
  Bench b(2);
  b.fail_at(100, 0, 1);
  b.world.run_until(at_s(139));
  CHECK(count_facts(b.world, Fact::node_unreachable) == 0);
  b.world.run_until(at_s(155));
  CHECK(count_facts(b.world, Fact::node_unreachable) == 1);
  const Time seen = first_fact(b.world, Fact::node_unreachable);
  CHECK(b.world.placement.node(b.world.node(NodeId{0}).row).unschedulable);
  b.world.run_until(seen + seconds(299));
  CHECK(b.world.pod(PodId{0}).state != PodState::stopping);
  b.world.run_until(seen + seconds(301));
  CHECK(b.world.pod(PodId{0}).state == PodState::stopping);
  CHECK(b.world.pod(PodId{0}).end_reason == plimsoll::Reason::node_lost);
  CHECK(b.world.pod(PodId{6}).state != PodState::stopping);
}

TEST_CASE("a pod stays for as long as its file tolerates an unreachable node") {
  const auto gone_after = [](std::optional<std::optional<Duration>> toleration) {
    Bench b(1);
    PodShape shape = b.world.shapes[b.world.workload(b.web).shape];
    if (toleration) {
      Toleration t;
      t.key = b.world.names.intern("node.kubernetes.io/unreachable");
      t.exists = true;
      t.effect = TaintEffect::no_execute;
      t.seconds = *toleration;
      shape.tolerations.push_back(t);
    }
    b.world.edit_pod(PodId{0}).shape = b.world.shapes.intern(shape);
    b.fail_at(100, 0, 1);
    b.world.run_until(at_s(3000));
    const Time seen = first_fact(b.world, Fact::node_unreachable);
    const Time stopped = b.world.pod(PodId{0}).stopping;
    return stopped == kTimeNever ? Duration{-1} : stopped - seen;
  };
  CHECK(gone_after(std::nullopt) == seconds(300));
  CHECK(gone_after(std::optional<Duration>(seconds(30))) == seconds(30));
  CHECK(gone_after(std::optional<Duration>(seconds(0))) == Duration{});
  CHECK(gone_after(std::optional<Duration>()) == Duration{-1});  // for ever
}

std::int64_t stopping(const World& world) {
  std::int64_t n = 0;
  for (const Pod& p : world.pods()) n += p.state == PodState::stopping ? 1 : 0;
  return n;
}

TEST_CASE("a zone without a ready node is emptied a node every 10 s") {
  Bench b(5);
  b.fail_at(100, 0, 5);
  b.world.run_until(at_s(155 + 300 + 1));
  CHECK(stopping(b.world) >= 1);
  CHECK(stopping(b.world) <= 3);
  b.world.run_until(at_s(155 + 300 + 41));
  CHECK(stopping(b.world) == 5);
}

TEST_CASE("more than half of a small cluster's zone: no evictions") {
  Bench b(5);
  b.fail_at(100, 0, 4);
  b.world.run();
  // The first ones were tainted before the zone counted as disrupted: fewer than three were unreachable then.
  CHECK(stopping(b.world) <= 2);
}

TEST_CASE("all zones silent: the controller doubts itself and evicts nothing more") {
  Bench b(2);
  b.fail_at(100, 0, 6);
  b.world.run();
  CHECK(stopping(b.world) < 6);
}

TEST_CASE("an instance that is gone is forgotten") {
  Bench b(2);
  b.fail_at(100, 0, 1);
  b.script->at(at_s(250), [](World& w) { w.terminate_node(NodeId{0}, plimsoll::Reason::node_lost); });
  b.world.run();
  CHECK(stopping(b.world) == 0);
  CHECK(b.world.pod(PodId{0}).end_reason == plimsoll::Reason::node_lost);
}

}  // namespace
}  // namespace plimsoll::kubernetes
