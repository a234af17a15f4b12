#include "models/eks/controllers/cluster_control_plane.h"

#include <doctest/doctest.h>

#include <memory>
#include <utility>
#include <vector>

#include "models/kubernetes/controllers/api_server.h"
#include "models/kubernetes/controllers/kube_scheduler.h"
#include "models/kubernetes/controllers/replica_set_controller.h"
#include "sim/cluster/host_agent.h"
#include "tests/sim/cluster/small_world.h"

// Also tests: control_plane_process

namespace plimsoll::eks {
namespace {

using namespace plimsoll::testing;
using kubernetes::KubernetesVersion;

constexpr std::int64_t kCent = 10'000'000'000;  // a cent an hour, in pico-dollars

ControlPlane plane_of(int minor, SupportTier tier) {
  ControlPlane p;
  p.version = version_name(minor);
  p.minor = minor;
  p.tier = tier;
  p.standard_hour = Rate{10 * kCent};
  p.extended_hour = Rate{60 * kCent};
  p.hour = p.hour_of(tier);
  p.date = {2026, 10, 1};
  p.update = Delay::constant(minutes(10));
  p.leader_election = Delay::constant(seconds(15));
  p.growth = Delay::constant(minutes(8));
  return p;
}

/// A cluster of four hours under one control plane.
struct PlaneBench {
  explicit PlaneBench(ControlPlane plane) : world(small_world(hours(4))) {
    world.host_profiles.assign(2, plain_host());
    bill_id = world.attach(std::make_unique<billing::Bill>(world.window_start, world.end));
    web = add_workload(world, "web", 100, 128, 0);
    group = world.add_group({.id = {}, .name = world.names.intern("group"), .minimum = 0, .maximum = 10});
    Setting setting;
    BuildContext context{world, bill(), setting};
    const ControlPlaneLines lines = control_plane_lines(context, plane);
    standard = lines.standard;
    extended = lines.extended;
    scaling = lines.scaling;
    api = world.attach(std::make_unique<kubernetes::ApiServer>(kubernetes::ApiServerParameters{}));
    world.attach(std::make_unique<HostAgent>());
    auto replicas = std::make_unique<kubernetes::ReplicaSetController>(kubernetes::ReplicaSetParameters{});
    replicas->manage(web);
    world.attach(std::move(replicas));
    world.attach(std::make_unique<kubernetes::KubeScheduler>(kubernetes::KubeSchedulerParameters{}, world.names));
    const KubernetesVersion rules = rules_of(plane.minor);
    world.attach(std::make_unique<ClusterControlPlane>(std::move(plane), lines, rules, api));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
  }
  billing::Bill& bill() { return dynamic_cast<billing::Bill&>(world.component(bill_id)); }
  Money of(LineItemId line) { return line.is_none() ? Money{} : bill().amount(bill().lines()[line.index()]); }
  void ask(Time at, std::string version) {
    script->at(at, [this, v = std::move(version)](World& w) { plane().update_version(w, v); });
  }
  ClusterControlPlane& plane() { return *world.find_component<ClusterControlPlane>(); }
  NodeId group_node() {
    NodeSpec spec = node_spec(world, 8000, 32'768);
    spec.group = group;
    const NodeId id = world.request_node(spec);
    world.node_running(id);
    world.node_ready(id);
    return id;
  }
  /// Refusals with their reasons.
  std::vector<std::pair<std::int64_t, Reason>> refused() const {
    std::vector<std::pair<std::int64_t, Reason>> out;
    for (const FactRecord& f : world.log) {
      if (f.fact == Fact::control_plane_refused) out.emplace_back(f.value, f.reason);
    }
    return out;
  }
  World world;
  HandlerId bill_id, api;
  LineItemId standard, extended, scaling;
  WorkloadId web;
  NodeGroupId group;
  Script* script = nullptr;
};

TEST_CASE("an update takes its time, and the fee of extended support ends with it") {
  PlaneBench b(plane_of(33, SupportTier::extended));  // 1.34 is in standard support on that date
  b.ask(at_s(3600), "1.34");
  b.world.run();
  CHECK(first_fact(b.world, Fact::control_plane_update) == at_s(3600));
  CHECK(first_fact(b.world, Fact::control_plane_updated) == at_s(4200));
  CHECK(b.plane().minor() == 34);
  // 70 minutes at 0.60 $/h, 170 at 0.10 $/h.
  CHECK(b.of(b.extended) == Money{700'000'000});
  CHECK(b.of(b.standard) == Money{283'333'333});
}

TEST_CASE("while no leader is elected nobody creates or schedules; then everything goes on under the new rules") {
  PlaneBench b(plane_of(31, SupportTier::extended));
  b.script->at(at_s(10), [&](World&) { b.group_node(); });
  b.ask(at_s(600), "1.32");
  // During the update all works: ten pods at 10 min 30 s. Five more come two seconds after its end at 20 min.
  b.script->at(at_s(630), [&](World& w) { w.set_desired(b.web, 10); });
  b.script->at(at_s(1202), [&](World& w) { w.set_desired(b.web, 15); });
  b.world.run_until(at_s(700));
  CHECK(b.world.workload(b.web).bound == 10);
  b.world.run_until(at_s(1214));
  CHECK(b.world.workload(b.web).pods.size() == 10);
  b.world.run_until(at_s(1217));
  CHECK(b.world.workload(b.web).bound == 15);
  CHECK(b.world.find_component<kubernetes::KubeScheduler>()->framework().profile().version ==
        KubernetesVersion::current);
}

TEST_CASE("one update at a time, one minor version at a time, and nodes within the skew") {
  PlaneBench b(plane_of(30, SupportTier::extended));
  b.script->at(at_s(1), [&](World&) { b.group_node(); });  // a kubelet of 1.30
  b.ask(at_s(60), "1.31");
  b.ask(at_s(120), "1.32");   // the first still runs
  b.ask(at_s(1200), "1.33");  // from 1.31
  b.ask(at_s(1800), "1.32");
  b.ask(at_s(3600), "1.33");
  b.ask(at_s(5400), "1.34");  // 1.30 would be four behind
  b.script->at(at_s(6000), [](World& w) { w.release_image(); });
  b.script->at(at_s(6060), [&](World& w) {
    w.terminate_node(NodeId{0}, Reason::rollout);
    b.group_node();  // of 1.33
  });
  b.ask(at_s(7200), "1.34");
  b.ask(at_s(9000), "1.33");  // the way back
  b.world.run();
  CHECK(b.refused() == std::vector<std::pair<std::int64_t, Reason>>{
                           {32, Reason::in_progress}, {33, Reason::version_skew}, {34, Reason::version_skew}});
  CHECK(b.plane().minor() == 33);
}

TEST_CASE("nodes of the new release stand in the way back") {
  PlaneBench b(plane_of(33, SupportTier::extended));
  b.ask(at_s(60), "1.34");
  b.script->at(at_s(3000), [](World& w) { w.release_image(); });
  b.script->at(at_s(3060), [&](World&) { b.group_node(); });
  b.ask(at_s(3600), "1.33");
  b.world.run();
  CHECK(b.refused() == std::vector<std::pair<std::int64_t, Reason>>{{33, Reason::version_skew}});
}

TEST_CASE("a tier has its capacity from the beginning, and its fee beside that of the cluster") {
  ControlPlane plane = plane_of(34, SupportTier::standard);
  plane.scaling = &scaling_tiers()[1];  // tier-2xl
  plane.scaling_hour = Rate{340 * kCent};
  PlaneBench b(plane);
  b.world.run();
  CHECK(b.of(b.standard) == Money{400'000'000});
  CHECK(b.of(b.scaling) == Money{13'600'000'000});
  CHECK(b.plane().capacity().seats == 4000);
  CHECK(b.plane().capacity().scheduling == 283);
  CHECK(dynamic_cast<kubernetes::ApiServer&>(b.world.component(b.api)).seats() == 4000);
}

TEST_CASE("the standard mode grows under a load that lasts; a small cluster never notices, a burst passes") {
  struct Load {
    std::int64_t pods;
    bool grows;
    double least, most;  ///< share of the four hours that the scheduler's client held it up
  };
  // All but a burst of 100 go at 50 a second: 9,000 pods are three minutes, 18,000 six; each cycle of 3 ms is its own.
  for (const Load load :
       {Load{150, false, 0.00001, 0.0002}, Load{9'000, false, 0.009, 0.0125}, Load{18'000, true, 0.02, 0.025}}) {
    CAPTURE(load.pods);
    PlaneBench b(plane_of(34, SupportTier::standard));
    b.script->at(at_s(1), [&](World& w) {
      for (int i = 0; i < 200; ++i) {
        NodeSpec spec = node_spec(w, 32'000, 131'072);
        const NodeId id = w.request_node(spec);
        w.node_running(id);
        w.node_ready(id);
      }
      // All at once, past the controller's own rate.
      for (std::int64_t i = 0; i < load.pods; ++i) w.create_pod(b.web);
      w.edit_workload(b.web).maximum = w.edit_workload(b.web).minimum = load.pods;
      w.set_desired(b.web, load.pods);
    });
    b.world.run_until(at_s(1200));
    CHECK(b.world.pending_pods().empty());
    CHECK(count_facts(b.world, Fact::control_plane_resized) == (load.grows ? 1 : 0));
    CHECK(b.plane().capacity().seats == (load.grows ? 1600 : 1200));
    b.world.run();
    const auto limits = b.world.find_component<kubernetes::KubeScheduler>()->binding_limits(b.world);
    REQUIRE(limits.size() == 1);
    CHECK(limits[0].share > load.least);
    CHECK(limits[0].share < load.most);
  }
}

}  // namespace
}  // namespace plimsoll::eks
