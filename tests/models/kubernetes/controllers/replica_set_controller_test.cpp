#include "models/kubernetes/controllers/replica_set_controller.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

/// Two watch hops of 100 ms together, then 30 calls at once and 20 a second.
struct Bench {
  explicit Bench(std::int64_t desired) : world(small_world()) {
    web = add_workload(world, "web", 100, 64, desired);
    auto controller = std::make_unique<ReplicaSetController>(ReplicaSetParameters{});
    controller->manage(web);
    world.attach(std::move(controller));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
  }
  void want_at(Time at, std::int64_t desired) {
    script->at(at, [desired, id = web](World& w) { w.set_desired(id, desired); });
  }
  void serve(World& w, std::uint32_t pod, NodeId node) const {
    CHECK(w.bind_pod(PodId{pod}, node) == Applied::yes);
    w.pod_started(PodId{pod});
    w.pod_ready(PodId{pod});
    w.pod_serving(PodId{pod});
  }
  PodState state(std::uint32_t pod) const { return world.pod(PodId{pod}).state; }

  World world;
  Script* script = nullptr;
  WorkloadId web;
};

TEST_CASE("pods are created under the client's rate limit") {
  Bench b(50);
  b.world.run_until(at_s(10));
  REQUIRE(b.world.pods().size() == 50);
  CHECK(b.world.pod(PodId{0}).created == at_ms(100));
  CHECK(b.world.pod(PodId{29}).created == at_ms(100));
  CHECK(b.world.pod(PodId{30}).created == at_ms(150));
  CHECK(b.world.pod(PodId{49}).created == at_ms(1'100));  // twenty more, 50 ms each
}

TEST_CASE("a wish that is taken back creates no more than is wanted") {
  Bench b(0);
  b.want_at(at_s(10), 100);
  b.want_at(at_s(11), 35);
  b.world.run_until(at_s(60));
  const auto alive = b.world.workload(b.web).pods.size();
  CHECK(alive == 35);
  CHECK(b.world.pods().size() < 60);
}

TEST_CASE("a pod that is lost is replaced") {
  Bench b(2);
  const NodeId node = ready_node(b.world, 1000, 1024);
  b.script->at(at_s(5), [&b, node](World& w) {
    b.serve(w, 0, node);
    b.serve(w, 1, node);
  });
  b.script->at(at_s(10), [](World& w) { w.pod_ended(PodId{1}, plimsoll::Reason::node_lost); });
  b.world.run_until(at_s(60));
  REQUIRE(b.world.pods().size() == 3);
  CHECK(b.world.pod(PodId{2}).created == at_ms(10'100));
}

TEST_CASE("pods that wait go first, then unready ones, then those that share their node") {
  Bench b(5);
  const NodeId crowded = ready_node(b.world, 1000, 1024, 0), alone = ready_node(b.world, 1000, 1024, 1);
  b.script->at(at_s(5), [&b, crowded, alone](World& w) {
    b.serve(w, 0, crowded);
    b.serve(w, 1, crowded);
    b.serve(w, 2, alone);
    CHECK(w.bind_pod(PodId{3}, alone) == Applied::yes);  // on a node, not ready
  });                                                    // 4 waits
  b.want_at(at_s(10), 4);
  b.want_at(at_s(20), 3);
  b.want_at(at_s(30), 2);
  b.world.run_until(at_s(15));
  CHECK(b.state(4) == PodState::ended);
  b.world.run_until(at_s(25));
  CHECK(b.state(3) == PodState::stopping);
  b.script->at(at_s(27), [](World&) {});
  b.world.run_until(at_s(35));
  CHECK(b.state(2) == PodState::serving);
  CHECK((b.state(0) == PodState::stopping) != (b.state(1) == PodState::stopping));
}

TEST_CASE("of equals the one that became ready last goes first") {
  Bench b(2);
  const NodeId one = ready_node(b.world, 1000, 1024, 0), two = ready_node(b.world, 1000, 1024, 1);
  b.script->at(at_s(5), [&b, one](World& w) { b.serve(w, 0, one); });
  b.script->at(at_s(500), [&b, two](World& w) { b.serve(w, 1, two); });
  b.want_at(at_s(600), 1);
  b.world.run_until(at_s(700));
  CHECK(b.state(0) == PodState::serving);
  CHECK(b.state(1) == PodState::stopping);
}

}  // namespace
}  // namespace plimsoll::kubernetes
