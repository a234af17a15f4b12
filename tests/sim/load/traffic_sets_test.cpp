// Traffic weights: two sets of pods of one workload.
#include <doctest/doctest.h>

#include <tuple>

#include "tests/sim/load/traffic_stage.h"

namespace plimsoll::load {
namespace {

using namespace testing;

/// Four pods of a first revision and as many of a second, which takes twice the work and answers 10 % with an error.
struct TwoRevisions {
  TwoRevisions() : s(1000) {
    s.app("web", 1000, 1);
    PodTemplate next = s.world.workload(WorkloadId{0});
    next.work_scale = percent(200);
    next.errors = percent(10);
    s.script->at(at_s(0), [this, next](World& w) {
      const NodeId node = ready_node(w, 32'000, 65'536);
      for (int i = 0; i < 4; ++i) s.serve(w, WorkloadId{0}, node);
      w.deploy(WorkloadId{0}, next);
      w.weight_traffic(WorkloadId{0}, 2, Ppm{});
      for (int i = 0; i < 4; ++i) s.serve(w, WorkloadId{0}, node);
    });
  }
  void weigh_at(std::int64_t ms, std::int64_t share) {
    s.script->at(at_ms(ms), [share](World& w) { w.weight_traffic(WorkloadId{0}, share < 0 ? 0 : 2, percent(share)); });
  }
  const RevisionUsage& of(std::uint32_t revision) {
    for (const RevisionUsage& u : s.traffic().revisions()) {
      if (u.revision == revision) return u;
    }
    FAIL("no such revision");
    return s.traffic().revisions().front();
  }
  TrafficStage s;
};

TEST_CASE("a weighted revision gets its part of the requests, whatever its number of pods") {
  TwoRevisions t;
  t.weigh_at(600'000, 5);
  t.s.go();
  t.s.world.run_until(at_s(600));
  CHECK(t.of(1).arrived == t.s.usage().arrived);
  const std::int64_t before = t.s.usage().arrived;
  t.s.world.run();
  check_balance(t.s.usage());
  const RevisionUsage &old = t.of(1), &canary = t.of(2);
  CHECK(old.arrived + canary.arrived == t.s.usage().arrived);
  CHECK(static_cast<double>(canary.arrived) / static_cast<double>(t.s.usage().arrived - before) ==
        doctest::Approx(0.05).epsilon(1e-6));
  CHECK(t.s.usage().lost == 0);
  CHECK(old.served + canary.served == t.s.usage().served);
  // Errors are the new revision's alone; so is the double work: 1 ms and 2 ms.
  CHECK(old.failed == 0);
  CHECK(static_cast<double>(canary.failed) / static_cast<double>(canary.served) == doctest::Approx(0.1).epsilon(1e-3));
  CHECK(t.s.usage().failed == canary.failed);
  const double work = static_cast<double>(t.s.usage().cpu_serving) / static_cast<double>(kCpuTicksPerVcpu) / 1e6;
  CHECK(work ==
        doctest::Approx((static_cast<double>(old.served) * 0.001 + static_cast<double>(canary.served) * 0.002) / 1e6)
            .epsilon(1e-5));
  CHECK(t.s.traffic().revision_latency(1).quantile(0.5) > t.s.traffic().revision_latency(0).quantile(0.5));
}

TEST_CASE("weights that change within a step deal out what is still to come") {
  TwoRevisions t;
  for (std::int64_t k = 0; k < 40; ++k) t.weigh_at(600'000 + k * 7'301, k % 2 == 0 ? 30 : 60);
  t.weigh_at(1'000'123, 100);
  t.weigh_at(1'300'077, -1);
  t.s.go();
  t.s.world.run_until(at_ms(1'000'123));
  t.s.traffic().settle(t.s.world);
  const std::int64_t old_before = t.of(1).arrived;
  t.s.world.run_until(at_ms(1'300'077));
  t.s.traffic().settle(t.s.world);
  CHECK(t.of(1).arrived == old_before);  // all goes to the new one
  const std::int64_t told_apart = t.of(1).arrived + t.of(2).arrived;
  CHECK(told_apart == t.s.usage().arrived);
  t.s.world.run();
  check_balance(t.s.usage());
  CHECK(t.of(1).arrived + t.of(2).arrived == told_apart);  // no weights, nobody told apart
  CHECK(t.s.usage().lost == 0);
  // The arrivals of the workload are those without weights.
  TrafficStage plain(1000);
  plain.app("web", 1000, 1);
  plain.serve_at(0, 0, ready_node(plain.world, 32'000, 65'536), 4);
  plain.go();
  plain.world.run();
  CHECK(plain.usage().arrived == t.s.usage().arrived);
}

TEST_CASE("a weighted revision without a pod in traffic loses its part") {
  TwoRevisions t;
  t.weigh_at(600'000, 25);
  t.s.script->at(at_s(900), [](World& w) {
    for (std::uint32_t pod = 4; pod < 8; ++pod) w.stop_pod(PodId{pod}, Reason::user_initiated);
  });
  t.s.go();
  t.s.world.run();
  check_balance(t.s.usage());
  CHECK(t.of(1).lost == 0);
  CHECK(t.of(2).lost == t.s.usage().lost);
  // A quarter of 1,000 a second for the 900 s that are left.
  CHECK(static_cast<double>(t.of(2).lost) / 1e6 == doctest::Approx(225'000).epsilon(0.01));
}

TEST_CASE("whoever looks at the counters just before a pod leaves within a step changes nothing") {
  // 197 requests/s of 7 ms want 138 % of a core: one pod of two that has a core of its own is left with a backlog, and
  // its time in a replica is read at the rate that the whole step was expected to have.
  const auto run = [](bool seen) {
    TrafficStage s(197);
    const auto web = s.app("web", 100, 7);  // those that stop stay on the node
    s.plan->workloads[0].pod_most = cpu_cores(1);
    const NodeId node = ready_node(s.world, 4000, 8192);
    s.serve_at(0, web, node, 2);
    for (std::int64_t ms = 60'200; ms < 1'000'000; ms += 45'900) {
      const Time at = kTimeZero + milliseconds(ms);
      if (seen) {
        s.script->at(at - milliseconds(3'400), [](World& w) { w.service()->settle(w); });
        s.script->at(at, [](World& w) { w.service()->settle(w); });
      }
      s.script->at(at + Duration{1}, [&s](World& w) {
        w.stop_pod(w.workload(s.plan->workloads[0].workload).pods.back(), Reason::scale_in);
      });
      s.serve_at((ms + 4'000) / 1000, web, node);
    }
    s.go();
    s.world.run();
    check_balance(s.usage());
    const LatencyWindow last = s.traffic().windows().back();
    return std::tuple(s.usage().served, s.usage().lost, s.traffic().latency().quantile(0.5),
                      s.traffic().latency().quantile(0.99), last.p50_us, last.p99_us);
  };
  const auto unseen = run(false);
  CHECK(std::get<3>(unseen) > std::get<2>(unseen));
  CHECK(run(true) == unseen);
}

TEST_CASE("without weights two revisions share evenly, and errors follow the pods") {
  TwoRevisions t;
  t.weigh_at(0, -1);
  t.s.go();
  t.s.world.run();
  check_balance(t.s.usage());
  CHECK(t.s.traffic().revisions().empty());
  // Half of the pods answer a tenth with an error.
  CHECK(static_cast<double>(t.s.usage().failed) / static_cast<double>(t.s.usage().served) ==
        doctest::Approx(0.05).epsilon(1e-3));
}

}  // namespace
}  // namespace plimsoll::load
