#include "models/kubernetes/controllers/daemon_set_controller.h"

#include <doctest/doctest.h>

#include "models/kubernetes/controllers/admission.h"
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

/// Three nodes with an agent each, a new revision of it at 100 s. Pods start two seconds after they are bound, are
/// ready at once, and are gone five seconds after they were told to.
struct Renewal {
  explicit Renewal(const DaemonSetStrategy& strategy) : world(small_world()) {
    agent = add_workload(world, "agent", 100, 64);
    world.edit_workload(agent).daemon = true;
    auto controller = std::make_unique<DaemonSetController>();
    controller->manage(agent, strategy);
    world.attach(std::move(controller));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    script->at(at_s(10), [](World& w) {
      for (int z = 0; z < 3; ++z) ready_node(w, 1000, 1024, z);
    });
    script->at(at_s(100), [this](World& w) { w.deploy(agent, w.template_of(w.pod(PodId{0}))); });
    for (std::int64_t t = 11; t < 1000; ++t) {
      script->at(at_s(t), [this](World& w) {
        for (const PodId id : std::vector<PodId>(w.workload(agent).pods)) {
          const Pod& p = w.pod(id);
          if (p.state == PodState::stopping && w.now() >= p.stopping + seconds(5)) {
            w.pod_ended(id, plimsoll::Reason::none);
          } else if (p.state == PodState::preparing && w.now() >= p.bound + seconds(2)) {
            w.pod_started(id);
            w.pod_ready(id);
          }
        }
      });
    }
  }
  std::int64_t of_revision(std::uint32_t revision) const {
    std::int64_t n = 0;
    for (const PodId id : world.workload(agent).pods) n += world.pod(id).revision == revision ? 1 : 0;
    return n;
  }
  World world;
  WorkloadId agent;
  Script* script = nullptr;
};

TEST_CASE("a new revision replaces the daemon pods node by node, the old one first") {
  Renewal b({});
  b.world.run_until(at_s(300));
  REQUIRE(b.world.pods().size() == 6);
  for (std::uint32_t i = 3; i < 6; ++i) CHECK(b.world.pod(PodId{i}).revision == 2);
  // The second node's pod was stopped only when the first node's new pod was available.
  CHECK(b.world.pod(PodId{0}).stopping == at_s(100) + milliseconds(100));
  CHECK(b.world.pod(PodId{3}).node == b.world.pod(PodId{0}).node);
  CHECK(b.world.pod(PodId{1}).stopping > b.world.pod(PodId{3}).ready);
  CHECK(b.world.pod(PodId{2}).stopping > b.world.pod(PodId{4}).ready);
  CHECK(b.world.pod(PodId{0}).end_reason == plimsoll::Reason::rollout);
  CHECK(count_facts(b.world, Fact::rollout_started) == 1);
  CHECK(count_facts(b.world, Fact::rollout_completed) == 1);
  CHECK(b.world.workload(b.agent).rollout == Rollout::none);
}

TEST_CASE("minReadySeconds holds the next node back") {
  DaemonSetStrategy slow;
  slow.min_ready = seconds(60);
  Renewal b(slow);
  b.world.run_until(at_s(400));
  REQUIRE(b.world.pods().size() == 6);
  CHECK(b.world.pod(PodId{1}).stopping >= b.world.pod(PodId{3}).ready + seconds(60));
  CHECK(b.world.pod(PodId{1}).stopping < b.world.pod(PodId{3}).ready + seconds(62));
}

TEST_CASE("with surge a node has two daemon pods until the new one is available") {
  DaemonSetStrategy surge;
  surge.max_surge = {100, true};
  surge.max_unavailable = {0, false};
  Renewal b(surge);
  b.world.run_until(at_s(102));
  CHECK(b.of_revision(1) == 3);
  CHECK(b.of_revision(2) == 3);
  b.world.run_until(at_s(200));
  CHECK(b.of_revision(1) == 0);
  CHECK(b.of_revision(2) == 3);
  CHECK(b.world.pods().size() == 6);
}

TEST_CASE("OnDelete leaves the pods that are there; one that is deleted comes back new") {
  DaemonSetStrategy by_hand;
  by_hand.on_delete = true;
  Renewal b(by_hand);
  b.script->at(at_s(200), [](World& w) { w.stop_pod(PodId{1}, plimsoll::Reason::user_initiated); });
  b.world.run_until(at_s(199));
  CHECK(b.of_revision(1) == 3);
  b.world.run_until(at_s(300));
  CHECK(b.of_revision(1) == 2);
  CHECK(b.of_revision(2) == 1);
  CHECK(b.world.pod(PodId{3}).node == b.world.pod(PodId{1}).node);
}

TEST_CASE("a DaemonSet runs where its selector and tolerations let it") {
  World world = small_world();
  const WorkloadId agent = add_workload(world, "agent", 100, 64);
  PodShape shape = world.shapes[world.workload(agent).shape];
  shape.node_selector.emplace_back(world.names.intern("disk"), world.names.intern("ssd"));
  world.edit_workload(agent).shape = world.shapes.intern(shape);
  world.edit_workload(agent).daemon = true;
  auto controller = std::make_unique<DaemonSetController>();
  controller->manage(agent);
  world.attach(std::move(controller));
  auto script = std::make_unique<Script>();
  script->at(at_s(10), [](World& w) {
    const auto join = [&w](bool ssd, std::string_view taint) {
      NodeSpec spec = node_spec(w, 1000, 1024);
      if (ssd) spec.labels.set(w.names.intern("disk"), w.names.intern("ssd"));
      if (!taint.empty()) spec.taints.push_back({w.names.intern(taint), {}, TaintEffect::no_schedule});
      const NodeId node = w.request_node(spec);
      w.node_running(node);
      w.node_ready(node);
    };
    join(true, "");
    join(false, "");
    join(true, "dedicated");
    join(true, "node.kubernetes.io/memory-pressure");
  });
  world.attach(std::move(script));
  world.run_until(at_s(20));
  REQUIRE(world.pods().size() == 2);
  CHECK(world.pod(PodId{0}).node == NodeId{0});
  CHECK(world.pod(PodId{1}).node == NodeId{3});
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

/// Nodes of 1000m that join together, and what their agent is created under.
struct Joining {
  explicit Joining(int count, std::int64_t qps = 20, std::int64_t burst = 30, std::int64_t quota_of_pods = 0)
      : world(small_world()) {
    agent = add_workload(world, "agent", 100, 64);
    world.edit_workload(agent).daemon = true;
    auto made = std::make_unique<DaemonSetController>();
    made->manage(agent);
    if (quota_of_pods > 0) made->admit_through(world.attach(bound(quota_of_pods)));
    ClientRates rates;
    rates.controllers_qps = qps;
    rates.controllers_burst = burst;
    made->set_rates(rates);
    world.attach(std::move(made));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    script->at(at_s(60), [count](World& w) {
      for (int i = 0; i < count; ++i) ready_node(w, 1000, 1024);
    });
  }
  std::unique_ptr<Admission> bound(std::int64_t most) const {
    api::ResourceQuota quota;
    quota.name = "few";
    quota.hard = {{"pods", api::QuotaResource::pods, most}};
    auto gate = std::make_unique<Admission>(std::vector<api::ResourceQuota>{quota});
    QuotaPod pod;
    pod.amounts[static_cast<std::size_t>(api::QuotaResource::pods)] = 1;
    gate->manage(agent, pod, {});
    return gate;
  }
  World world;
  WorkloadId agent;
  Script* script = nullptr;
};

TEST_CASE("daemon pods are created under the client's rate, from when their Nodes are registered") {
  Joining b(15, 1, 1);
  b.world.run_until(at_s(200));
  REQUIRE(b.world.pods().size() == 15);
  // The calls go out at 50, 51, 52 ... s: those up to 60 s are over when the nodes are ready.
  CHECK(b.world.pod(PodId{10}).created == at_s(60));
  CHECK(b.world.pod(PodId{11}).created == at_s(61));
  CHECK(b.world.pod(PodId{14}).created == at_s(64));
  for (const Pod& p : b.world.pods()) CHECK(p.bound == p.created);
}

TEST_CASE("what a quota refuses comes when there is room for it") {
  Joining b(3, 20, 30, 2);
  b.script->at(at_s(500), [](World& w) { w.terminate_node(NodeId{0}, plimsoll::Reason::scale_down); });
  b.world.run_until(at_s(499));
  CHECK(b.world.workload(b.agent).pods.size() == 2);
  CHECK(count_facts(b.world, Fact::creation_refused) > 3);
  b.world.run_until(at_s(600));
  REQUIRE(b.world.workload(b.agent).pods.size() == 2);
  const Pod& late = b.world.pod(b.world.workload(b.agent).pods.back());
  CHECK(late.node == NodeId{2});
  CHECK(late.created > at_s(500));
}

TEST_CASE("a daemon pod waits where another pod has its port, and comes when that goes") {
  World world = small_world();
  const auto with_port = [&](WorkloadId id) {
    PodShape shape = world.shapes[world.workload(id).shape];
    shape.host_ports = {{9100, world.names.intern("TCP"), NameId{}}};
    world.edit_workload(id).shape = world.shapes.intern(shape);
  };
  const WorkloadId agent = add_workload(world, "agent", 100, 64), web = add_workload(world, "web", 100, 64);
  world.edit_workload(agent).daemon = true;
  with_port(agent);
  with_port(web);
  auto controller = std::make_unique<DaemonSetController>();
  controller->manage(agent);
  DaemonSetController& daemons = *controller;
  world.attach(std::move(controller));
  auto made = std::make_unique<KubeScheduler>(KubeSchedulerParameters{}, world.names);
  made->leave_out(agent);
  KubeScheduler& scheduler = *made;
  daemons.schedule_through(world.attach(std::move(made)));
  auto script = std::make_unique<Script>();
  NodeId node;
  script->at(at_s(10), [&](World& w) {
    node = ready_node(w, 1000, 1024);
    CHECK(w.bind_pod(w.create_pod(web), node) == Applied::yes);
  });
  script->at(at_s(100), [](World& w) { w.pod_ended(PodId{0}, plimsoll::Reason::completed); });
  world.attach(std::move(script));
  world.run_until(at_s(90));
  REQUIRE(world.pods().size() == 2);
  CHECK(world.pod(PodId{1}).state == PodState::pending);
  CHECK(scheduler.why_pending(world, PodId{1}) ==
        "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.");
  world.run_until(at_s(200));
  CHECK(world.pod(PodId{1}).node == node);
  CHECK(world.pod(PodId{1}).bound > at_s(100));
}

TEST_CASE("a daemon pod of lower priority leaves the room to the pod that is nominated") {
  World world = small_world();
  const auto prioritized = [&](const char* name, std::int64_t cpu, std::int32_t priority) {
    const WorkloadId id = add_workload(world, name, cpu, 64);
    PodShape shape = world.shapes[world.workload(id).shape];
    shape.priority = priority;
    world.edit_workload(id).shape = world.shapes.intern(shape);
    return id;
  };
  const WorkloadId web = prioritized("web", 300, 0), high = prioritized("high", 300, 1000);
  const WorkloadId agent = prioritized("agent", 100, 10), urgent = prioritized("urgent", 100, 2000);
  world.edit_workload(agent).daemon = world.edit_workload(urgent).daemon = true;
  auto made = std::make_unique<KubeScheduler>(KubeSchedulerParameters{}, world.names);
  made->leave_out(agent);
  made->leave_out(urgent);
  KubeScheduler* scheduler = made.get();
  world.attach(std::move(made));
  auto script = std::make_unique<Script>();
  NodeId node;
  script->at(at_s(10), [&](World& w) {
    node = ready_node(w, 300, 1024);
    CHECK(w.bind_pod(w.create_pod(web), node) == Applied::yes);
    w.pod_started(PodId{0});
    w.create_pod(high);
  });
  script->at(at_s(30), [&](World& w) {
    CHECK(w.pod(PodId{0}).state == PodState::stopping);
    CHECK(scheduler->nominated_node(PodId{1}) == node);
    w.pod_ended(PodId{0}, plimsoll::Reason::none);
    CHECK_FALSE(scheduler->bind_at_once(w, w.create_pod(agent), node));
    CHECK(scheduler->bind_at_once(w, w.create_pod(urgent), node));
  });
  world.attach(std::move(script));
  world.run_until(at_s(31));
  CHECK(world.pod(PodId{2}).state == PodState::pending);
  CHECK(world.pod(PodId{3}).node == node);
}

TEST_CASE("a pod that names its node belongs on that one only") {
  Names names;
  SnapshotNode node;
  node.name = names.intern("i-00000");
  PodShape shape;
  CHECK(daemon_belongs_on(shape, node, names));
  shape.node_name = node.name;
  CHECK(daemon_belongs_on(shape, node, names));
  shape.node_name = names.intern("i-00001");
  CHECK_FALSE(daemon_belongs_on(shape, node, names));
}

}  // namespace
}  // namespace plimsoll::kubernetes
