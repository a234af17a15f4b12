#include "models/aws/controllers/fargate_launcher.h"

#include <doctest/doctest.h>

#include <map>

#include "sim/cluster/host_agent.h"
#include "sim/cluster/timeline.h"
#include "sim/document/loader.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::aws {
namespace {

using namespace plimsoll::testing;

/// Burst of three launches, then one a second; 20 s from the launch to the pod's place.
struct Bench {
  explicit Bench(std::int64_t burst = 3, Ppm rate = Ppm{1'000'000}) : world(small_world()) {
    web = add_workload(world, "web", 400, 900);
    other = add_workload(world, "other", 400, 900);
    FargateParameters parameters;
    parameters.quota = {burst, rate};
    parameters.provision = Delay::constant(seconds(20));
    auto launcher = std::make_unique<FargateLauncher>(parameters);
    ResourceVector size;
    size.set_cpu(cpu_millis(500));
    size.set_memory(mebibytes(1024));
    launcher->serve(web, size);
    world.attach(std::move(launcher));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
  }
  void create_at(std::int64_t s, int count) {
    script->at(at_s(s), [id = web, count](World& w) {
      for (int i = 0; i < count; ++i) w.create_pod(id);
    });
  }
  const Pod& pod(std::uint32_t i) const { return world.pod(PodId{i}); }

  World world;
  Script* script = nullptr;
  WorkloadId web, other;
};

TEST_CASE("launches go in order under the quota, each on a microVM of the billed size") {
  Bench b;
  b.create_at(10, 5);
  b.script->at(at_s(10), [&](World& w) { w.create_pod(b.other); });  // nobody's concern here
  b.world.run_until(at_s(200));
  const std::int64_t bound[] = {30, 30, 30, 31, 32};
  for (std::uint32_t i = 0; i < 5; ++i) {
    CHECK(b.pod(i).bound == at_s(bound[i]));
    const Node& vm = b.world.node(b.pod(i).node);
    CHECK(vm.host == HostKind::fargate);
    CHECK(vm.capacity.cpu() == cpu_millis(500));
    CHECK(vm.capacity.memory() == mebibytes(1024));
    CHECK(vm.sole_pod == PodId{i});
  }
  CHECK(b.pod(5).state == PodState::pending);
}

TEST_CASE("the launch quota binds while a task waits for its turn, and counts in the window only") {
  Bench b;
  b.create_at(10, 5);  // three at once, the others at 11 and 12
  b.world.run();
  const auto limits = b.world.find_component<FargateLauncher>()->binding_limits(b.world);
  REQUIRE(limits.size() == 1);
  CHECK(limits[0].name == "the launch quota of Fargate");
  const double window = to_seconds(b.world.end - b.world.window_start);
  CHECK(limits[0].share == doctest::Approx(2 / window));

  Bench early;
  early.create_at(10, 5);
  early.world.window_start = at_s(11);
  early.world.run();
  CHECK(early.world.find_component<FargateLauncher>()->binding_limits(early.world).at(0).share ==
        doctest::Approx(1 / (window - 11)));

  Bench few;
  few.create_at(10, 3);
  few.world.run();
  CHECK(few.world.find_component<FargateLauncher>()->binding_limits(few.world).empty());
}

TEST_CASE("beyond the account's vCPUs launches wait until some are given back") {
  FargateParameters parameters;
  parameters.quota = {100, Ppm{1'000'000}};
  parameters.provision = Delay::constant(seconds(20));
  parameters.vcpu_quota = 2;  // four of half a vCPU
  World world = small_world();
  const WorkloadId web = add_workload(world, "web", 400, 900);
  auto own = std::make_unique<FargateLauncher>(parameters);
  FargateLauncher& launcher = *own;
  ResourceVector size;
  size.set_cpu(cpu_millis(500));
  size.set_memory(mebibytes(1024));
  launcher.serve(web, size);
  world.attach(std::move(own));
  auto s = std::make_unique<Script>();
  s->at(at_s(10), [web](World& w) {
    for (int i = 0; i < 6; ++i) w.create_pod(web);
  });
  s->at(at_s(100), [](World& w) { w.pod_ended(PodId{0}, Reason::scale_in); });
  s->at(at_s(300), [](World& w) { w.pod_ended(PodId{1}, Reason::scale_in); });
  world.attach(std::move(s));
  world.run_until(at_s(60));
  CHECK(world.pod(PodId{3}).bound == at_s(30));
  CHECK(world.pod(PodId{4}).state == PodState::pending);
  CHECK(launcher.why_pending(world, PodId{4}) ==
        "You've reached the limit on the number of vCPUs you can run concurrently");
  world.run();
  // Looked at again every 60 s from 10 s on: at 130 s for the first, at 310 s for the second.
  CHECK(world.pod(PodId{4}).bound == at_s(150));
  CHECK(world.pod(PodId{5}).bound == at_s(330));
  const auto limits = launcher.binding_limits(world);
  REQUIRE(limits.size() == 1);
  CHECK(limits[0].name == "the account's quota of 2 vCPUs on Fargate");
  CHECK(limits[0].share == doctest::Approx(300.0 / 3600));
  CHECK(count_facts(world, Fact::launch_refused) == 2);
}

TEST_CASE("tasks spread over the zones, and over what is left of them") {
  Bench b(100);
  b.create_at(0, 5);  // a b c a b
  b.script->at(at_s(100), [](World& w) {
    w.pod_ended(PodId{0}, Reason::scale_in);
    w.pod_ended(PodId{3}, Reason::scale_in);
  });
  b.create_at(110, 2);  // a is empty, then a and c hold one each
  b.world.run_until(at_s(300));
  const auto zone = [&](std::uint32_t i) { return b.world.node(b.pod(i).node).zone.value(); };
  CHECK(zone(0) == 0);
  CHECK(zone(1) == 1);
  CHECK(zone(2) == 2);
  CHECK(zone(3) == 0);
  CHECK(zone(4) == 1);
  CHECK(zone(5) == 0);
  CHECK(zone(6) == 0);
}

TEST_CASE("the microVM goes with its pod") {
  Bench b;
  b.create_at(0, 1);
  b.script->at(at_s(50), [](World& w) { w.pod_ended(PodId{0}, Reason::scale_in); });
  b.world.run_until(at_s(100));
  const Node& vm = b.world.node(NodeId{0});
  CHECK(vm.state == NodeState::terminated);
  CHECK(vm.terminated == at_s(50));
  CHECK(vm.end_reason == Reason::host_ended);
  CHECK(b.world.live_nodes().empty());
}

TEST_CASE("a pod given up while its microVM is made leaves nothing behind") {
  Bench b;
  b.create_at(0, 1);
  b.script->at(at_s(5), [](World& w) { w.stop_pod(PodId{0}, Reason::scale_in); });
  b.create_at(60, 1);
  b.world.run_until(at_s(100));
  CHECK(b.world.node(NodeId{0}).state == NodeState::terminated);
  CHECK(b.world.node(NodeId{0}).terminated == at_s(20));
  // Its zone counts as empty again.
  CHECK(b.world.node(NodeId{1}).zone == ZoneId{0});
  CHECK(count_facts(b.world, Fact::pod_bound) == 1);
}

TEST_CASE("a pod given up while it waits for its turn takes no launch from the others") {
  Bench b(1, Ppm{100'000});  // one launch in ten seconds
  b.create_at(0, 3);
  b.script->at(at_s(5), [](World& w) { w.stop_pod(PodId{1}, Reason::scale_in); });
  b.world.run_until(at_s(100));
  CHECK(b.pod(0).bound == at_s(20));
  CHECK(b.pod(2).bound == at_s(30));  // the token of second 10, then 20 s
  CHECK(b.world.nodes().size() == 2);
}

/// Fargate Spot in three zones; hosts that are lost are noticed after 90 s.
struct SpotBench {
  explicit SpotBench(Faults faults, std::vector<TimelineEvent> events = {}) : world(small_world()) {
    web = add_workload(world, "web", 400, 900);
    auto market = std::make_unique<CapacityPools>(faults);
    for (int z = 0; z < 3; ++z) market->add(world, world.names.intern(kFargateSpotPool), ZoneId{z}, {});
    FargateParameters parameters;
    parameters.provision = Delay::constant(seconds(20));
    parameters.spot = true;
    parameters.lane = 1;
    parameters.pools = world.attach(std::move(market));
    parameters.lost = Delay::constant(seconds(90));
    world.attach(std::make_unique<Timeline>(std::move(events)));
    world.host_profiles.assign(2, plain_host());
    world.attach(std::make_unique<HostAgent>());
    auto launcher = std::make_unique<FargateLauncher>(parameters);
    ResourceVector size;
    size.set_cpu(cpu_millis(500));
    size.set_memory(mebibytes(1024));
    launcher->serve(web, size);
    world.attach(std::make_unique<Lanes>());
    world.attach(std::move(launcher));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
  }
  /// Every pod but the first of four is the launcher's.
  class Lanes : public ComponentOf<Lanes> {
   public:
    bool watches() const override { return true; }
    void handle(World&, const Event&) override {}
    void on_fact(World& w, const FactRecord& f) override {
      if (f.fact == Fact::pod_created) w.edit_pod(f.pod).lane = f.pod.value() % 4 == 0 ? 0 : 1;
    }
  };
  void create_at(std::int64_t s, int count) {
    script->at(at_s(s), [id = web, count](World& w) {
      for (int i = 0; i < count; ++i) w.create_pod(id);
    });
  }
  World world;
  Script* script = nullptr;
  WorkloadId web;
};

TEST_CASE("Fargate Spot: SIGTERM with the notice, the end within two minutes, nothing while the zones are dry") {
  Faults faults;
  Reclaim r;
  r.at = minutes(10);
  r.dry = minutes(5);
  faults.reclaims.push_back(r);
  SpotBench b(faults);
  b.create_at(10, 4);
  b.create_at(660, 4);
  b.world.run_until(at_s(599));
  CHECK(b.world.pod(PodId{0}).state == PodState::pending);  // of another provider
  for (std::uint32_t i = 1; i < 4; ++i) {
    CHECK(b.world.pod(PodId{i}).state == PodState::serving);
    CHECK(b.world.node(b.world.pod(PodId{i}).node).purchase == PurchaseOption::spot);
  }
  b.world.run_until(at_s(1800));
  for (std::uint32_t i = 1; i < 4; ++i) {
    CHECK(b.world.pod(PodId{i}).stopping == at_s(600));
    CHECK(b.world.pod(PodId{i}).end_reason == Reason::spot_interruption);
    CHECK(b.world.pod(PodId{i}).ended == at_s(605));  // the application ends within 5 s of SIGTERM
  }
  CHECK(count_facts(b.world, Fact::launch_refused) == 1);
  for (std::uint32_t i = 5; i < 8; ++i) {
    // Refused at 660, again each minute until 900 s.
    CHECK(b.world.pod(PodId{i}).bound >= at_s(900));
    CHECK(b.world.pod(PodId{i}).bound <= at_s(985));
  }
}

TEST_CASE("microVMs of a lost zone are noticed, and what was on its way there is launched elsewhere") {
  SpotBench b({}, {{minutes(10), ZoneFailure{"zone-a", minutes(20)}}});
  b.create_at(10, 7);   // five of ours (0 and 4 are not): zones a, b, c, a, b
  b.create_at(590, 4);  // 7, 9 and 10 of ours: on their way to c, a and b
  b.world.run_until(at_s(1500));
  std::int64_t lost = 0;
  for (const Pod& p : b.world.pods()) {
    if (p.lane == 0) continue;
    if (p.end_reason == Reason::node_lost) {
      ++lost;
      CHECK(p.ended == at_s(690));
    } else {
      CHECK(p.state == PodState::serving);
      CHECK(b.world.node(p.node).zone != ZoneId{0});
    }
  }
  CHECK(lost == 2);
}

TEST_CASE("a microVM comes prepared, keeps no images and pulls at a rate of its own") {
  HostProfile instance;
  instance.prepare = Delay::constant(seconds(5));
  instance.image_cache = true;
  instance.pull_bytes_per_s = 40'000'000;
  instance.probe_period = seconds(7);
  document::Diagnostics diagnostics;
  const auto documents = document::load_text("fargatePullRate: 30MB", "delays.yaml", diagnostics);
  REQUIRE(documents.size() == 1);
  document::Fields said(documents[0], diagnostics, "delays");
  const HostProfile host = read_fargate_host(said, instance);
  CHECK(host.prepare.mean() == Duration{});
  CHECK_FALSE(host.image_cache);
  CHECK(host.pull_bytes_per_s == 30'000'000);
  CHECK(host.probe_period == seconds(7));
  document::Fields silent(document::Node::null(), diagnostics, "delays");
  CHECK(read_fargate_host(silent, instance).pull_bytes_per_s == 15'000'000);
  CHECK(diagnostics.text().empty());
}

}  // namespace
}  // namespace plimsoll::aws
