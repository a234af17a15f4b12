#include "models/kubernetes/controllers/kube_scheduler.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

/// Watch 20 ms, a cycle 3 ms.
struct Bench {
  explicit Bench(KubeSchedulerParameters parameters = {}) : world(small_world()) {
    web = add_workload(world, "web", 500, 512);
    auto s = std::make_unique<KubeScheduler>(parameters, world.names);
    scheduler = s.get();
    world.attach(std::move(s));
    auto acts = std::make_unique<Script>();
    script = acts.get();
    world.attach(std::move(acts));
  }
  void create_at(std::int64_t s, int count, WorkloadId id) {
    script->at(at_s(s), [id, count](World& w) {
      for (int i = 0; i < count; ++i) w.create_pod(id);
    });
  }
  Time bound(std::uint32_t pod) const { return world.pod(PodId{pod}).bound; }

  World world;
  KubeScheduler* scheduler = nullptr;
  Script* script = nullptr;
  WorkloadId web;
};

TEST_CASE("pods are placed one a cycle, in the order of creation") {
  Bench b;
  ready_node(b.world, 4000, 8192);
  b.create_at(1, 3, b.web);
  b.world.run_until(at_s(10));
  CHECK(b.bound(0) == at_ms(1'020));
  CHECK(b.bound(1) == at_ms(1'023));
  CHECK(b.bound(2) == at_ms(1'026));
}

TEST_CASE("the client's rate limit holds bindings back") {
  KubeSchedulerParameters parameters;
  parameters.qps = 10;
  parameters.burst = 2;
  Bench b(parameters);
  ready_node(b.world, 4000, 8192);
  b.create_at(0, 4, b.web);
  b.world.run_until(at_s(10));
  CHECK(b.bound(1) == at_ms(23));
  // The third call goes out when its token has come: the scheduler is free again then.
  CHECK(b.bound(3) - b.bound(2) > milliseconds(70));
}

TEST_CASE("a higher priority goes first") {
  Bench b;
  ready_node(b.world, 500, 8192);  // room for one
  const WorkloadId urgent = add_workload(b.world, "urgent", 500, 512);
  PodShape shape = b.world.shapes[b.world.workload(urgent).shape];
  shape.priority = 1000;
  b.world.edit_workload(urgent).shape = b.world.shapes.intern(shape);
  b.create_at(1, 1, b.web);
  b.create_at(1, 1, urgent);
  b.world.run_until(at_s(5));
  CHECK(b.world.pod(PodId{0}).state == PodState::pending);
  CHECK(b.bound(1) != kTimeNever);
}

TEST_CASE("a pod that fits nowhere comes back when a node joins") {
  Bench b;
  b.create_at(1, 1, b.web);
  b.script->at(at_s(30), [](World& w) { ready_node(w, 4000, 8192); });
  b.world.run_until(at_s(60));
  CHECK(b.bound(0) == at_ms(30'020));
}

TEST_CASE("it comes back when a pod leaves a node, but not within its backoff") {
  Bench b;
  const NodeId node = ready_node(b.world, 500, 8192);
  b.create_at(0, 1, b.web);
  b.create_at(1, 1, b.web);
  b.script->at(at_ms(1'500), [](World& w) { w.pod_ended(PodId{0}, plimsoll::Reason::scale_in); });
  b.world.run_until(at_s(60));
  CHECK(b.world.pod(PodId{1}).node == node);
  CHECK(b.bound(1) == at_ms(2'020));  // tried in vain at 1.020 s; the first backoff is 1 s
}

TEST_CASE("what fits nowhere is tried again after five minutes without any event") {
  Bench b;
  ready_node(b.world, 500, 8192);
  b.create_at(0, 1, b.web);
  b.create_at(1, 1, b.web);
  // Room is made without a fact that the queue listens to.
  b.script->at(at_s(100), [](World& w) {
    Node& n = w.edit_node(NodeId{0});
    w.placement.remove_pod(n.row, PodId{0}, w.shapes[w.pod(PodId{0}).shape]);
    w.edit_pod(PodId{0}).in_snapshot = false;
  });
  b.world.run_until(at_s(600));
  CHECK(b.bound(1) > at_s(301));
  CHECK(b.bound(1) < at_s(345));
}

TEST_CASE("workloads that are scheduled elsewhere are left alone") {
  Bench b;
  ready_node(b.world, 4000, 8192);
  const WorkloadId other = add_workload(b.world, "other", 100, 64);
  b.scheduler->leave_out(other);
  b.create_at(1, 1, other);
  b.world.run_until(at_s(60));
  CHECK(b.world.pod(PodId{0}).state == PodState::pending);
}

TEST_CASE("a draining node takes none until it is uncordoned") {
  Bench b;
  const NodeId node = ready_node(b.world, 4000, 8192);
  b.world.drain_node(node, plimsoll::Reason::scale_down);
  b.create_at(1, 1, b.web);
  b.script->at(at_s(20), [node](World& w) { w.undrain_node(node); });
  b.world.run_until(at_s(60));
  CHECK(b.bound(0) == at_ms(20'020));
}

}  // namespace
}  // namespace plimsoll::kubernetes
