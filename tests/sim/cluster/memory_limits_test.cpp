#include "sim/cluster/memory_limits.h"

#include <doctest/doctest.h>

#include "sim/cluster/host_agent.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll {
namespace {

using namespace testing;

/// A pod in traffic from 10 s on, and counters that say how many requests each pod works on.
struct Bench {
  explicit Bench(std::int64_t limit_mib) : world(small_world(minutes(10))) {
    world.host_profiles.assign(2, plain_host());
    world.host_profiles[0].restart.kind = RestartRule::Kind::backoff;
    world.host_profiles[0].probe_period = Duration{};
    web = add_workload(world, "web", 100, 200);
    Workload& w = world.edit_workload(web);
    w.memory_used = mebibytes(100);
    w.memory_per_request = mebibytes(1);
    w.memory_limit = mebibytes(limit_mib);
    const HandlerId agent = world.attach(std::make_unique<HostAgent>());
    attach_memory_limits(world, agent);
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    const NodeId node = ready_node(world, 4000, 16384);
    script->at(at_s(0), [this, node](World& x) { x.bind_pod(x.create_pod(web), node); });
  }
  /// From `s` to the next ten seconds, `requests` are in work in each of `pods` pods.
  void work(std::int64_t s, std::int64_t requests, std::int64_t pods = 1) {
    script->at(at_s(s), [this, requests, pods](World& x) {
      Usage& u = x.usage[web.index()];
      u.started_time += static_cast<__int128>(pods) * 10'000'000;
      u.in_flight += static_cast<__int128>(requests) * pods * 1'000'000 * 10'000'000;
    });
  }

  World world;
  WorkloadId web;
  Script* script = nullptr;
};

TEST_CASE("memory of a pod is what it holds and what its requests take") {
  Bench b(1000);
  MemoryUse use;
  b.work(5, 40, 3);  // 40 requests in each of three pods
  b.script->at(at_s(6), [&](World& x) {
    use.look(x);
    CHECK(use.of(b.web) == mebibytes(140).raw());
    use.look(x);  // nothing new: no requests
    CHECK(use.of(b.web) == mebibytes(100).raw());
  });
  b.world.run_until(at_s(7));
}

TEST_CASE("a container above its limit is killed with 137 and started again") {
  Bench b(150);
  b.work(15, 50);  // 150 MiB: at the limit, which is allowed
  b.work(25, 51);  // above: seen at 30 s
  b.world.run_until(at_s(29));
  CHECK(count_facts(b.world, Fact::pod_failed) == 0);
  b.world.run_until(at_s(35));
  REQUIRE(count_facts(b.world, Fact::pod_failed) == 1);
  for (const FactRecord& f : b.world.log) {
    if (f.fact != Fact::pod_failed) continue;
    CHECK(f.at == at_s(30));
    CHECK(f.reason == Reason::out_of_memory);
    CHECK(f.value == 137);
  }
  CHECK(first_fact(b.world, Fact::pod_restarted) == at_ms(30'500));
}

TEST_CASE("nothing is attached where no pod can outgrow a limit") {
  Bench unlimited(0);
  CHECK(unlimited.world.find_component<MemoryLimits>() == nullptr);
  Bench limited(1000);
  CHECK(limited.world.find_component<MemoryLimits>() != nullptr);
}

}  // namespace
}  // namespace plimsoll
