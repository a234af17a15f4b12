#include "sim/cluster/host_agent.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll {
namespace {

using namespace testing;

/// One node, the agent, and a script.
struct Bench {
  Bench() : world(small_world(minutes(30))) {
    world.host_profiles.assign(2, plain_host());
    world.attach(std::make_unique<HostAgent>());
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    node = ready_node(world, 4000, 16384);
  }
  WorkloadId app(std::string_view name, std::int64_t image_mb) {
    const WorkloadId id = add_workload(world, name, 100, 64);
    if (image_mb > 0) {
      world.edit_workload(id).images.emplace_back(world.names.intern(std::string(name) + ":1"),
                                                  Bytes{image_mb * 1'000'000});
    }
    return id;
  }
  void place_at(std::int64_t s, WorkloadId workload) {
    script->at(at_s(s), [workload, n = node](World& w) { w.bind_pod(w.create_pod(workload), n); });
  }

  World world;
  Script* script = nullptr;
  NodeId node;
};

TEST_CASE("a placed pod goes its whole way to traffic") {
  Bench b;
  const WorkloadId web = b.app("web", 200);
  Workload& w = b.world.edit_workload(web);
  w.start_cpu_seconds = 4;
  w.start_cores = 2;
  w.start_wait = seconds(1);
  b.place_at(10, web);
  b.world.run_until(at_s(300));
  const Pod& p = b.world.pod(PodId{0});
  CHECK(p.bound == at_s(10));
  CHECK(p.pulling == at_s(12));       // interface and sandbox 2 s
  CHECK(p.started == at_ms(15'000));  // 0.5 s + 200 MB at 100 MB/s = 2.5 s, then 0.5 s to start the container
  // 4 core-seconds on 2 cores, then 1 s: able at 18 s; probes tick at 15, 25, ... and the one at 25 s sees it.
  CHECK(p.ready == at_s(25));
  CHECK(p.serving == at_s(26));
  CHECK(p.state == PodState::serving);
}

TEST_CASE("a tick of the probe that falls on the instant of readiness sees it") {
  Bench b;
  const WorkloadId web = b.app("web", 0);
  b.world.edit_workload(web).start_wait = seconds(20);
  b.place_at(0, web);
  b.world.run_until(at_s(300));
  const Pod& p = b.world.pod(PodId{0});
  CHECK(p.started == at_ms(2'500));
  CHECK(p.ready == at_ms(22'500));
}

TEST_CASE("a host without probes is ready when its application is") {
  Bench b;
  b.world.host_profiles[0].probe_period = Duration{};
  const WorkloadId web = b.app("web", 0);
  b.world.edit_workload(web).start_wait = milliseconds(1234);
  b.place_at(0, web);
  b.world.run_until(at_s(300));
  CHECK(b.world.pod(PodId{0}).ready == at_ms(2'500 + 1'234));
}

TEST_CASE("behind the balancer a pod waits for its registration instead of the endpoint") {
  Bench b;
  const WorkloadId web = b.app("web", 0);
  b.world.edit_workload(web).behind_balancer = true;
  b.place_at(0, web);
  b.world.run_until(at_s(300));
  const Pod& p = b.world.pod(PodId{0});
  CHECK(p.ready == at_ms(2'500));
  CHECK(p.serving == at_ms(12'500));
}

TEST_CASE("an image on disk is not pulled again, one on its way is waited for") {
  Bench b;
  const WorkloadId web = b.app("web", 200);
  b.place_at(0, web);   // pulls 2.0 .. 4.5, starts 5.0
  b.place_at(1, web);   // prepared at 3.0, waits until 4.5, starts 5.0
  b.place_at(60, web);  // prepared at 62.0, starts 62.5
  b.world.run_until(at_s(300));
  CHECK(b.world.pod(PodId{0}).started == at_ms(5'000));
  CHECK(b.world.pod(PodId{1}).started == at_ms(5'000));
  CHECK(b.world.pod(PodId{2}).started == at_ms(62'500));
}

TEST_CASE("serial pulls queue on a host, parallel ones do not") {
  for (const bool serial : {true, false}) {
    CAPTURE(serial);
    Bench b;
    b.world.host_profiles[0].serial_pulls = serial;
    const WorkloadId web = b.app("web", 200), api = b.app("api", 100);
    b.place_at(0, web);  // 2.0 .. 4.5
    b.place_at(0, api);  // serial: 4.5 .. 6.0; parallel: 2.0 .. 3.5
    b.world.run_until(at_s(300));
    CHECK(b.world.pod(PodId{0}).started == at_ms(5'000));
    CHECK(b.world.pod(PodId{1}).started == at_ms(serial ? 6'500 : 4'000));
  }
}

TEST_CASE("without a cache every pod pulls") {
  Bench b;
  b.world.host_profiles[0].image_cache = false;
  const WorkloadId web = b.app("web", 200);
  b.place_at(0, web);
  b.place_at(60, web);
  b.world.run_until(at_s(300));
  CHECK(b.world.pod(PodId{1}).started == at_ms(65'000));
}

TEST_CASE("a pod that took traffic leaves in the time of its kind, one that never did in two seconds at most") {
  Bench b;
  const WorkloadId plain = b.app("plain", 0), balanced = b.app("balanced", 0);
  b.world.edit_workload(balanced).behind_balancer = true;
  b.place_at(0, plain);
  b.place_at(0, balanced);
  b.place_at(99, plain);
  b.script->at(at_s(100), [](World& w) {
    for (std::uint32_t i = 0; i < 3; ++i) CHECK(w.stop_pod(PodId{i}, Reason::scale_in) == Applied::yes);
  });
  b.world.run_until(at_s(300));
  CHECK(b.world.pod(PodId{0}).ended == at_s(105));
  CHECK(b.world.pod(PodId{1}).ended == at_s(130));
  CHECK(b.world.pod(PodId{2}).ended == at_s(102));
  CHECK(b.world.pod(PodId{2}).started == kTimeNever);  // what was on its way is void
  CHECK(b.world.node(b.node).pod_count == 0);
}

TEST_CASE("a pod whose node goes does not come back to life") {
  Bench b;
  const WorkloadId web = b.app("web", 200);
  b.place_at(0, web);
  b.script->at(at_s(3), [n = b.node](World& w) { w.terminate_node(n, Reason::node_lost); });
  b.world.run_until(at_s(300));
  CHECK(b.world.pod(PodId{0}).ended == at_s(3));
  CHECK(count_facts(b.world, Fact::pod_started) == 0);
  CHECK(count_facts(b.world, Fact::pod_ended) == 1);
}

TEST_CASE("nothing goes on on a host that has failed, and its targets are taken out after the checks") {
  Bench b;
  for (HostProfile& host : b.world.host_profiles) {
    host.lost_target_plain = Delay::constant(seconds(50));
    host.lost_target_balanced = Delay::constant(seconds(35));
  }
  const WorkloadId web = b.app("web", 200), late = b.app("late", 200);
  b.world.edit_workload(web).behind_balancer = true;
  b.place_at(10, web);
  b.place_at(98, late);
  b.script->at(at_s(100), [n = b.node](World& w) { w.lose_node(n); });
  b.script->at(at_s(300), [](World& w) { w.stop_pod(PodId{0}, Reason::node_lost); });
  b.world.run_until(at_s(600));
  CHECK(first_fact(b.world, Fact::pod_unready) == at_s(135));
  CHECK(b.world.pod(PodId{0}).state == PodState::stopping);  // nobody is there to end it
  CHECK(b.world.pod(PodId{1}).state == PodState::preparing);
  b.world.terminate_node(b.node, Reason::node_lost);
  CHECK(b.world.pod(PodId{0}).state == PodState::ended);
  CHECK(b.world.pod(PodId{1}).state == PodState::ended);
}

TEST_CASE("pods that end with their instance stay targets for as long; those that were drained do not") {
  Bench b;
  for (HostProfile& host : b.world.host_profiles) host.lost_target_plain = Delay::constant(seconds(50));
  const WorkloadId web = b.app("web", 200);
  b.place_at(10, web);
  b.place_at(10, web);
  b.script->at(at_s(99), [](World& w) { w.stop_pod(PodId{1}, Reason::node_drain); });
  b.script->at(at_s(100), [n = b.node](World& w) { w.terminate_node(n, Reason::spot_interruption); });
  b.world.run_until(at_s(600));
  CHECK(first_fact(b.world, Fact::target_removed) == at_s(150));
  CHECK(count_facts(b.world, Fact::target_removed) == 1);
}

}  // namespace
}  // namespace plimsoll
