#include "models/kubernetes/controllers/daemon_set_controller.h"

#include <doctest/doctest.h>

#include "models/kubernetes/controllers/disruption.h"
#include "models/kubernetes/controllers/kube_scheduler.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

TEST_CASE("each node that joins gets one pod of each set, at once, and a microVM none") {
  World world = small_world();
  const WorkloadId proxy = add_workload(world, "proxy", 100, 64), agent = add_workload(world, "agent", 50, 64);
  world.edit_workload(proxy).daemon = world.edit_workload(agent).daemon = true;
  auto controller = std::make_unique<DaemonSetController>();
  controller->manage(proxy);
  controller->manage(agent);
  world.attach(std::move(controller));
  auto script = std::make_unique<Script>();
  script->at(at_s(10), [](World& w) { ready_node(w, 1000, 1024); });
  script->at(at_s(20), [](World& w) { ready_node(w, 1000, 1024); });
  script->at(at_s(30), [](World& w) {
    NodeSpec spec = node_spec(w, 500, 512);
    spec.host = HostKind::fargate;
    const NodeId vm = w.request_node(spec);
    w.node_running(vm);
    w.node_ready(vm);
  });
  script->at(at_s(40), [](World& w) { w.drain_node(NodeId{0}, plimsoll::Reason::scale_down); });
  script->at(at_s(50), [](World& w) { w.undrain_node(NodeId{0}); });
  script->at(at_s(60), [](World& w) { w.terminate_node(NodeId{1}, plimsoll::Reason::scale_down); });
  world.attach(std::move(script));
  world.run_until(at_s(100));
  REQUIRE(world.pods().size() == 4);
  CHECK(world.pod(PodId{0}).bound == at_s(10));
  CHECK(world.pod(PodId{3}).bound == at_s(20));
  CHECK(world.node(NodeId{0}).pod_count == 2);
  CHECK(world.node(NodeId{0}).app_pod_count == 0);
  CHECK(world.pod(PodId{2}).end_reason == plimsoll::Reason::host_ended);
  CHECK(world.pending_pods().empty());
}

/// A node of 300m with an agent of 100m, and an application that fills what an agent leaves behind.
struct Crowded {
  explicit Crowded(std::int32_t priority) : world(small_world()) {
    agent = add_workload(world, "agent", 100, 64);
    PodShape shape = world.shapes[world.workload(agent).shape];
    shape.priority = priority;
    shape.is_daemon = true;
    world.edit_workload(agent).shape = world.shapes.intern(shape);
    world.edit_workload(agent).daemon = true;
    web = add_workload(world, "web", 300, 64);
    auto controller = std::make_unique<DaemonSetController>();
    controller->manage(agent);
    DaemonSetController& daemons = *controller;
    world.attach(std::move(controller));
    auto scheduler = std::make_unique<KubeScheduler>(KubeSchedulerParameters{}, world.names);
    scheduler->leave_out(agent);
    daemons.schedule_through(world.attach(std::move(scheduler)));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    script->at(at_s(10), [this](World& w) {
      node = ready_node(w, 300, 1024);
      ready_node(w, 300, 1024);  // with room: nothing of another node helps a daemon pod
    });
    script->at(at_s(50), [this](World& w) {
      w.pod_ended(PodId{0}, plimsoll::Reason::evicted);
      CHECK(w.bind_pod(w.create_pod(web), node) == Applied::yes);
      w.pod_started(PodId{2});
    });
  }
  World world;
  WorkloadId agent, web;
  NodeId node;
  Script* script = nullptr;
};

TEST_CASE("a daemon pod that failed is replaced on its node, and waits there for room") {
  Crowded b(0);
  b.script->at(at_s(100), [](World& w) { w.pod_ended(PodId{2}, plimsoll::Reason::scale_in); });
  b.world.run_until(at_s(99));
  REQUIRE(b.world.pods().size() == 4);
  CHECK(b.world.pod(PodId{3}).created == at_s(51));
  CHECK(b.world.pod(PodId{3}).state == PodState::pending);
  b.world.run_until(at_s(500));
  CHECK(b.world.pods().size() == 4);
  CHECK(b.world.pod(PodId{3}).node == b.node);
  CHECK(b.world.pod(PodId{3}).bound > at_s(100));
}

TEST_CASE("a daemon pod of higher priority preempts on its node") {
  Crowded b(1000);
  b.script->at(at_s(60), [](World& w) {
    if (w.pod(PodId{2}).state == PodState::stopping) w.pod_ended(PodId{2}, plimsoll::Reason::none);
  });
  b.world.run_until(at_s(200));
  CHECK(b.world.pod(PodId{2}).end_reason == plimsoll::Reason::preempted);
  CHECK(b.world.pod(PodId{3}).node == b.node);
}

TEST_CASE("a daemon pod that waits goes with its node") {
  Crowded b(0);
  b.script->at(at_s(100), [&b](World& w) { w.terminate_node(b.node, plimsoll::Reason::scale_down); });
  b.world.run_until(at_s(200));
  CHECK(b.world.pod(PodId{3}).state == PodState::ended);
  CHECK(b.world.pending_pods().empty());
}

TEST_CASE("a budget allows what keeps enough healthy pods, its share rounded up") {
  World world = small_world();
  const WorkloadId web = add_workload(world, "web", 100, 64, 5), free_of_it = add_workload(world, "free", 100, 64, 1);
  const NodeId node = ready_node(world, 4000, 4096);
  DisruptionBudgets budgets;
  budgets.set(web, percent(25));  // of five: ceil(1.25) = 2
  const auto serve = [&] {
    const PodId pod = world.create_pod(web);
    CHECK(world.bind_pod(pod, node) == Applied::yes);
    world.pod_started(pod);
    world.pod_ready(pod);
    return pod;
  };
  CHECK(*budgets.allowed(world, web) == 0);  // none is healthy yet
  std::vector<PodId> pods;
  for (int i = 0; i < 4; ++i) pods.push_back(serve());
  CHECK(*budgets.allowed(world, web) == 1);  // 4 - (5 - 2)
  pods.push_back(serve());
  CHECK(*budgets.allowed(world, web) == 2);
  CHECK(!budgets.allowed(world, free_of_it).has_value());
  CHECK(budgets.evict(world, pods[0], plimsoll::Reason::node_drain) == Applied::yes);
  CHECK(budgets.evict(world, pods[1], plimsoll::Reason::node_drain) == Applied::yes);
  CHECK(budgets.evict(world, pods[2], plimsoll::Reason::node_drain) == Applied::rejected);
  CHECK(world.pod(pods[2]).state == PodState::ready);
  // A pod that waits for a node ignores the budget.
  CHECK(budgets.evict(world, world.create_pod(web), plimsoll::Reason::node_drain) == Applied::yes);
  // And so does one of a workload without a budget.
  CHECK(budgets.evict(world, world.create_pod(free_of_it), plimsoll::Reason::node_drain) == Applied::yes);
  world.set_desired(web, 0);
  CHECK(*budgets.allowed(world, web) == 0);
}

}  // namespace
}  // namespace plimsoll::kubernetes
