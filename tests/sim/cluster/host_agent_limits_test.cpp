#include <doctest/doctest.h>

#include "sim/cluster/host_agent.h"
#include "tests/sim/cluster/agent_bench.h"

namespace plimsoll {
namespace {

using namespace testing;

NameId image_of(const AgentBench& b, WorkloadId workload) { return b.world.workload(workload).images[0].first; }

TEST_CASE("an image that is never pulled is waited for, told once, and used when another pod has brought it") {
  for (const bool side_by_side : {false, true}) {
    CAPTURE(side_by_side);
    AgentBench b;
    b.world.host_profiles[0].serial_pulls = !side_by_side;
    if (side_by_side) agent_of(b).limit_pulls(HostKind::ec2, 0);
    const WorkloadId web = b.app("web", 200), other = b.app("other", 0);
    b.world.edit_workload(other).images = b.world.workload(web).images;
    PodPreparation never;
    never.never_pulled = {image_of(b, web)};
    agent_of(b).prepare(web, never);
    b.place_at(0, web);
    b.place_at(100, other);
    b.world.run_until(at_s(300));
    std::int64_t told = 0;
    for (const FactRecord& f : b.world.log) told += f.reason == Reason::image_never_pull ? 1 : 0;
    CHECK(told == 1);
    // The other's image is there at 102 + 0.5 + 2 = 104.5 s; the first looks again at 2, 12, ... 112 s, and starts.
    CHECK(b.world.pod(PodId{1}).started == at_s(105));
    CHECK(b.world.pod(PodId{0}).started == at_ms(112'500));
  }
}

TEST_CASE("a pod whose image nobody brings never starts") {
  AgentBench b;
  const WorkloadId web = b.app("web", 200);
  PodPreparation never;
  never.never_pulled = {image_of(b, web)};
  agent_of(b).prepare(web, never);
  b.place_at(0, web);
  b.world.run_until(at_s(1'500));
  CHECK(b.world.pod(PodId{0}).state == PodState::preparing);
}

TEST_CASE("only the images of the policy Always are asked for again") {
  AgentBench b;
  const WorkloadId web = b.app("web", 200);
  const NameId proxy = b.world.names.intern("proxy:1");
  b.world.edit_workload(web).images.emplace_back(proxy, Bytes{100'000'000});
  PodPreparation always;
  always.rechecked = {proxy};
  agent_of(b).prepare(web, always);
  b.place_at(0, web);
  b.place_at(60, web);
  b.world.run_until(at_s(300));
  CHECK(b.world.pod(PodId{1}).started == at_ms(63'000));  // 62.0, 0.5 s for the one request, 0.5 s to start
}

TEST_CASE("a pod's own deadline ends it from when its host has it, restarts or not") {
  AgentBench b;
  b.world.host_profiles[0].restart.kind = RestartRule::Kind::backoff;
  const WorkloadId web = b.app("web", 0);
  b.world.edit_workload(web).fails = {FailureKind::exit, percent(100), seconds(20)};
  PodPreparation limited;
  limited.active_deadline = seconds(90);
  agent_of(b).prepare(web, limited);
  b.place_at(10, web);
  b.world.run_until(at_s(300));
  const Pod& p = b.world.pod(PodId{0});
  CHECK(p.restarts > 0);
  CHECK(p.state == PodState::ended);
  CHECK(p.end_reason == Reason::deadline);
  CHECK(p.stopping == at_s(100));
}

TEST_CASE("a pod that no Service leads to gets ready and no requests") {
  AgentBench b;
  const WorkloadId web = b.app("web", 0), api = b.app("api", 0);
  PodPreparation lost;
  lost.without_endpoints = true;
  agent_of(b).prepare(web, lost);
  b.place_at(0, web);
  b.place_at(0, api);
  b.world.run_until(at_s(300));
  CHECK(b.world.pod(PodId{0}).state == PodState::ready);
  CHECK(b.world.pod(PodId{0}).serving == kTimeNever);
  CHECK(b.world.pod(PodId{1}).state == PodState::serving);
}

TEST_CASE("a probe's own grace period goes before the pod's") {
  // Alive from 2.5 s, the probe fails at 12.5 and 22.5 s: given up then. The application takes 2 s to end after its
  // signal, the hook before it 20 s.
  struct Row {
    std::optional<Duration> probe, pod;
    std::int64_t dead_ms;
  };
  const Row rows[] = {
      {{}, seconds(30), 44'500},          // 20 s of hook, 2 s
      {seconds(5), seconds(30), 29'500},  // the hook is cut off at 5 s, 2 s at least after it
      {seconds(60), seconds(10), 44'500},
      {{}, seconds(10), 34'500},
  };
  for (const Row& row : rows) {
    CAPTURE(&row - rows);
    AgentBench b;
    const WorkloadId web = b.app("web", 0);
    Workload& w = b.world.edit_workload(web);
    w.start_wait = minutes(5);
    w.pre_stop = seconds(20);
    w.stop_grace = row.pod;
    w.liveness = ContainerProbe{seconds(10), seconds(10), 2, 1, row.probe};
    b.place_at(0, web);
    b.world.run_until(at_s(60));
    CHECK(first_fact(b.world, Fact::pod_failed) == at_ms(row.dead_ms));
  }
}

}  // namespace
}  // namespace plimsoll
