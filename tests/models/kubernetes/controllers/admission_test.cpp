// Also tests: requeue
#include "models/kubernetes/controllers/admission.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "models/kubernetes/controllers/replica_set_controller.h"
#include "models/kubernetes/controllers/requeue.h"
#include "models/kubernetes/controllers/stateful_set_controller.h"
#include "tests/models/kubernetes/controllers/job_bench.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

std::vector<api::ResourceQuota> most_pods(std::int64_t n) {
  api::ResourceQuota quota;
  quota.name = "few";
  quota.hard = {{"pods", api::QuotaResource::pods, n}};
  return {quota};
}

QuotaPod one_pod() {
  QuotaPod pod;
  pod.amounts[static_cast<std::size_t>(api::QuotaResource::pods)] = 1;
  return pod;
}

struct Bench {
  Bench(std::int64_t desired, std::vector<api::ResourceQuota> quotas, std::string range_fault = {},
        std::string rejected = {})
      : world(small_world(hours(1))) {
    world.keep_log = true;
    web = add_workload(world, "web", 100, 64, desired);
    auto gate = std::make_unique<Admission>(std::move(quotas));
    gate->manage(web, one_pod(), std::move(range_fault), std::move(rejected));
    admission = world.attach(std::move(gate));
    auto controller = std::make_unique<ReplicaSetController>(ReplicaSetParameters{});
    controller->manage(web);
    controller->admit_through(admission);
    world.attach(std::move(controller));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
  }
  const Admission& gate() { return dynamic_cast<Admission&>(world.component(admission)); }
  std::vector<Time> refusals() const {
    std::vector<Time> out;
    for (const FactRecord& f : world.log) {
      if (f.fact == Fact::creation_refused) out.push_back(f.at);
    }
    return out;
  }

  World world;
  WorkloadId web;
  HandlerId admission;
  Script* script = nullptr;
};

TEST_CASE("a plug-in that changes pods refuses before the LimitRanger looks") {
  Bench b(2, {}, "minimum cpu usage", "pod rejected: RuntimeClass \"nope\" not found");
  b.world.run_until(at_s(60));
  CHECK(b.world.pods().empty());
  REQUIRE(b.gate().refused(b.web) != nullptr);
  CHECK(b.gate().refused(b.web)->message ==
        "pods \"web-0\" is forbidden: pod rejected: RuntimeClass \"nope\" not found");
  for (const FactRecord& f : b.world.log) {
    if (f.fact == Fact::creation_refused) CHECK(f.reason == plimsoll::Reason::none);
  }
}

TEST_CASE("no more pods than the quota has room for, and the rest is told in the API server's words") {
  Bench b(5, most_pods(3));
  b.world.run_until(at_s(60));
  CHECK(b.world.workload(b.web).pods.size() == 3);
  const auto* refusal = b.gate().refused(b.web);
  REQUIRE(refusal != nullptr);
  CHECK(refusal->message ==
        "pods \"web-3\" is forbidden: exceeded quota: few, requested: pods=1, used: pods=3, "
        "limited: pods=3");
}

TEST_CASE("a refused ReplicaSet tries again after 5 ms, 10 ms, 20 ms ...") {
  Bench b(2, most_pods(1));
  b.world.run_until(at_s(3000));
  const std::vector<Time> at = b.refusals();
  REQUIRE(at.size() > 12);
  // The first pod's batch of 1 was taken; the next batch is refused. From then on each try is a batch of one.
  for (std::size_t i = 1; i < 10; ++i) {
    const Duration gap = at[i] - at[i - 1];
    CHECK(gap >= milliseconds(5) * (1 << (i - 1)));
    CHECK(gap < milliseconds(5) * (1 << (i - 1)) + milliseconds(5));
  }
  CHECK(requeue_delay(1) == milliseconds(5));
  CHECK(requeue_delay(18) == milliseconds(5) * (1 << 17));
  CHECK(requeue_delay(40) == seconds(1000));
}

TEST_CASE("room that becomes free is taken, at the latest with the next try") {
  Bench b(3, most_pods(2));
  b.script->at(at_s(10), [](World& w) { w.stop_pod(PodId{0}, plimsoll::Reason::user_initiated); });
  b.world.run_until(at_s(30));
  CHECK(b.world.workload(b.web).pods.size() == 2);
  CHECK(b.world.pods().size() == 3);
  CHECK(b.gate().used(0)[static_cast<std::size_t>(api::QuotaResource::pods)] == 2);
  // The end of the pod brings a sync two hops later, when the quota may not have heard of it yet; the back-off (at
  // most 10 s after ten tries) brings the next.
  CHECK(b.world.pod(PodId{2}).created >= at_s(10) + milliseconds(100));
  CHECK(b.world.pod(PodId{2}).created < at_s(21));
}

TEST_CASE("what a limit range forbids is never created") {
  Bench b(2, {}, "maximum cpu usage per Container is 1, but limit is 2");
  b.world.run_until(at_s(100));
  CHECK(b.world.pods().empty());
  CHECK(b.gate().refused(b.web)->message ==
        "pods \"web-0\" is forbidden: maximum cpu usage per Container is 1, but limit is 2");
}

TEST_CASE("the sum of what lives is what is charged, at every instant of a run with churn") {
  Bench b(6, most_pods(4));
  for (int i = 0; i < 40; ++i) {
    b.script->at(at_s(20 + 7 * i), [i](World& w) {
      const auto& pods = w.workload(WorkloadId{0}).pods;
      if (!pods.empty()) w.stop_pod(pods[static_cast<std::size_t>(i) % pods.size()], plimsoll::Reason::scale_in);
    });
  }
  for (int s = 1; s < 400; ++s) {
    b.world.run_until(at_s(s) + milliseconds(500));  // half a second after a stop the quota has heard of it
    const auto alive = static_cast<std::int64_t>(b.world.workload(b.web).pods.size());
    CHECK(b.gate().used(0)[static_cast<std::size_t>(api::QuotaResource::pods)] == alive);
    CHECK(alive <= 4);
  }
}

TEST_CASE("a StatefulSet waits for room") {
  World world = small_world(hours(1));
  const WorkloadId db = add_workload(world, "db", 100, 64, 3);
  auto gate = std::make_unique<Admission>(most_pods(2));
  gate->manage(db, one_pod(), {});
  const HandlerId admission = world.attach(std::move(gate));
  auto controller = std::make_unique<StatefulSetController>();
  StatefulSetStrategy strategy;
  strategy.parallel = true;
  controller->manage(db, strategy);
  controller->admit_through(admission);
  world.attach(std::move(controller));
  world.run_until(at_s(60));
  CHECK(world.workload(db).pods.size() == 2);
  CHECK(dynamic_cast<Admission&>(world.component(admission)).refused(db) != nullptr);
}

TEST_CASE("a Job runs as many pods at once as the quota allows, and finishes") {
  RunToCompletion run;
  run.work = Delay::constant(seconds(10));
  JobTemplate jobs;
  jobs.spec.parallelism = 3;
  jobs.spec.completions = 3;
  testing::JobBench b(run, jobs);
  auto gate = std::make_unique<Admission>(most_pods(1));
  gate->manage(b.work, one_pod(), {});
  b.controller().admit_through(b.world.attach(std::move(gate)));
  b.controller().start_at(b.work, at_s(10));
  for (int s = 1; s < 900; ++s) {
    b.world.run_until(at_s(s));
    CHECK(b.world.workload(b.work).pods.size() <= 1);
  }
  CHECK(count_facts(b.world, Fact::job_completed) == 1);
  CHECK(b.world.pods().size() == 3);
}

TEST_CASE("a quota binds from a refusal to the next creation that is taken") {
  Bench b(3, most_pods(2));
  b.world.run();
  const auto limits = b.gate().binding_limits(b.world);
  REQUIRE(limits.size() == 1);
  CHECK(limits[0].name == "ResourceQuota few of web");
  CHECK(limits[0].share > 0.99);  // refused at the start, and ever after
  Bench enough(2, most_pods(2));
  enough.world.run();
  CHECK(enough.gate().binding_limits(enough.world).empty());
  Bench shrinks(3, most_pods(2));
  shrinks.script->at(at_s(1800), [&](World& w) {
    for (const PodId id : std::vector<PodId>(w.workload(shrinks.web).pods)) w.stop_pod(id, Reason::node_drain);
    w.set_bounds(shrinks.web, 1, 1);
  });
  shrinks.world.run();
  const auto half = shrinks.gate().binding_limits(shrinks.world);
  REQUIRE(half.size() == 1);
  CHECK(half[0].share > 0.49);
  CHECK(half[0].share < 0.6);
}

}  // namespace
}  // namespace plimsoll::kubernetes
