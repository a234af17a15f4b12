#include "models/kubernetes/controllers/job_controller.h"

#include <doctest/doctest.h>

#include "tests/models/kubernetes/controllers/job_bench.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::kubernetes::testing;

TEST_CASE("completions beyond parallelism come in rounds, and the last one completes the Job") {
  JobBench b(run_of(seconds(10)), job_of(3, 2));
  b.controller().start_at(b.work, kTimeZero);
  b.world.run();
  REQUIRE(b.world.pods().size() == 3);
  // Sync at 0.1 s; slow start: one pod (10 ms for the call), then after another 10 ms the next batch.
  CHECK(b.created(0) == at_ms(110));
  CHECK(b.created(1) == at_ms(130));
  // Runs 2.5 s after its creation, for 10 s.
  CHECK(b.ended(0) == at_ms(12'610));
  CHECK(b.ended(1) == at_ms(12'630));
  // Pods' news are gathered for 1 s: at 13.61 s two have succeeded and one is missing.
  CHECK(b.created(2) == at_ms(13'620));
  CHECK(b.ended(2) == at_ms(26'120));
  CHECK(b.times(Fact::job_completed) == std::vector<Time>{at_ms(27'120)});
  CHECK(b.times(Fact::job_started) == std::vector<Time>{kTimeZero});
  CHECK(b.world.workload(b.work).pods.empty());
}

TEST_CASE("1.20 acts on every pod at once") {
  JobBench b(run_of(seconds(10)), job_of(3, 2), KubernetesVersion::v1_20);
  b.controller().start_at(b.work, kTimeZero);
  b.world.run();
  CHECK(b.created(2) == at_ms(12'720));
  CHECK(b.times(Fact::job_completed) == std::vector<Time>{at_ms(25'320)});
}

TEST_CASE("failures wait 10, 20, ... s, and one beyond the limit fails the Job") {
  for (const auto version : {KubernetesVersion::v1_20, KubernetesVersion::current}) {
    JobBench b(run_of(seconds(10), percent(100)), job_of(1, 1, 2), version);
    b.controller().start_at(b.work, kTimeZero);
    b.world.run();
    REQUIRE(b.world.pods().size() == 3);
    const bool old = version == KubernetesVersion::v1_20;
    // 1.20 replaces the first failure in its sync, and the second after 10 s.
    CHECK(b.created(1) - b.ended(0) == (old ? milliseconds(110) : milliseconds(10'010)));
    CHECK(b.created(2) - b.ended(1) == (old ? milliseconds(10'010) : milliseconds(20'010)));
    CHECK(b.times(Fact::job_failed) == std::vector<Time>{b.ended(2) + (old ? milliseconds(100) : seconds(1))});
    CHECK(count_facts(b.world, Fact::job_completed) == 0);
    CHECK(count_facts(b.world, Fact::pod_failed) == 3);
  }
}

TEST_CASE("without completions the first success stops new pods, and the others may end") {
  JobTemplate queue = job_of(0, 3);
  queue.spec.completions.reset();
  JobBench b(run_of(seconds(10)), queue);
  b.controller().start_at(b.work, kTimeZero);
  b.world.run();
  CHECK(b.world.pods().size() == 3);
  CHECK(count_facts(b.world, Fact::job_completed) == 1);
}

TEST_CASE("a Job past its deadline fails, and its pods are deleted") {
  JobTemplate jobs = job_of(4, 2);
  jobs.spec.active_deadline = seconds(8);
  JobBench b(run_of(seconds(10)), jobs);
  b.controller().start_at(b.work, at_s(5));
  b.world.run();
  // It has failed when they have ended, and the news of that is gathered for 1 s.
  CHECK(b.times(Fact::job_failed) == std::vector<Time>{std::max(b.ended(0), b.ended(1)) + seconds(1)});
  CHECK(b.world.pods().size() == 2);
  CHECK(b.world.pod(PodId{0}).end_reason == plimsoll::Reason::deadline);
  CHECK(b.world.pod(PodId{0}).stopping == at_s(13));
  CHECK(count_facts(b.world, Fact::pod_failed) == 0);
}

TEST_CASE("a drained pod: forgotten by 1.20, a failure since, and with a policy only once it has ended") {
  struct Case {
    KubernetesVersion version;
    bool ignore;
    bool fails;
  };
  // backoffLimit 0: the first failure that counts fails the Job.
  for (const Case& c : {Case{KubernetesVersion::v1_20, false, false}, Case{KubernetesVersion::v1_26, false, true},
                        Case{KubernetesVersion::v1_26, true, false}, Case{KubernetesVersion::current, false, true},
                        Case{KubernetesVersion::current, true, false}}) {
    JobTemplate jobs = job_of(1, 1, 0);
    if (c.ignore) jobs.failure_rules = {{PodFailureAction::ignore, true, true, {}}};
    jobs.replace_when_failed = c.ignore && c.version == KubernetesVersion::current;
    JobBench b(run_of(seconds(10)), jobs, c.version);
    b.controller().start_at(b.work, kTimeZero);
    b.script->at(at_s(5), [](World& w) { w.stop_pod(PodId{0}, plimsoll::Reason::node_drain); });
    b.world.run();
    CHECK(count_facts(b.world, Fact::job_failed) == (c.fails ? 1 : 0));
    CHECK(count_facts(b.world, Fact::job_completed) == (c.fails ? 0 : 1));
    REQUIRE(b.world.pods().size() == (c.fails ? 1 : 2));
    if (c.fails) continue;
    // 1.26 replaces it at once; now, with a policy, it has failed when it has ended, and its back-off follows.
    const Time replaced = c.version == KubernetesVersion::v1_20   ? at_s(5) + milliseconds(110)
                          : c.version == KubernetesVersion::v1_26 ? at_s(5) + milliseconds(1'010)
                                                                  : b.ended(0) + milliseconds(10'010);
    CHECK(b.created(1) == replaced);
  }
}

TEST_CASE("a pod that its own deadline ends has failed, and nobody has deleted it") {
  for (const auto version : {KubernetesVersion::v1_20, KubernetesVersion::current}) {
    JobBench b(run_of(seconds(100)), job_of(1, 1, 1), version);
    PodPreparation limited;
    limited.active_deadline = seconds(30);
    b.world.find_component<HostAgent>()->prepare(b.work, limited);
    b.controller().start_at(b.work, kTimeZero);
    b.world.run();
    REQUIRE(b.world.pods().size() == 2);  // backoffLimit 1
    CHECK(count_facts(b.world, Fact::job_failed) == 1);
    CHECK(b.world.pod(PodId{0}).stopping == b.created(0) + seconds(30));
    CHECK(b.ended(0) == b.created(0) + seconds(32));  // 2 s from the signal to its end
    // As after any failure.
    const bool old = version == KubernetesVersion::v1_20;
    CHECK(b.created(1) - b.ended(0) == (old ? milliseconds(110) : milliseconds(10'010)));
  }
}

TEST_CASE("a rule that fails the Job does so at the first failure") {
  JobTemplate jobs = job_of(5, 2, 100);
  jobs.failure_rules = {{PodFailureAction::fail_job, false, true, {1}}};
  JobBench b(run_of(seconds(10), percent(100)), jobs);
  b.controller().start_at(b.work, kTimeZero);
  b.world.run();
  CHECK(b.world.pods().size() == 2);
  CHECK(count_facts(b.world, Fact::job_failed) == 1);
}

TEST_CASE("under OnFailure the container is started again, and its restarts count") {
  JobTemplate jobs = job_of(1, 1, 2);
  jobs.restart_on_failure = true;
  JobBench b(run_of(seconds(10), percent(100)), jobs);
  b.controller().start_at(b.work, kTimeZero);
  b.world.run();
  CHECK(b.world.pods().size() == 1);
  CHECK(b.world.pod(PodId{0}).restarts == 2);
  CHECK(count_facts(b.world, Fact::job_failed) == 1);
}

TEST_CASE("a pod that went with its instance is missed when the API server has forgotten it") {
  JobBench b(run_of(minutes(5)), job_of(1, 1));
  b.controller().start_at(b.work, kTimeZero);
  b.script->at(at_s(60), [](World& w) {
    w.terminate_node(NodeId{0}, plimsoll::Reason::spot_interruption);
    ready_node(w, 4000, 4096);
  });
  b.world.run();
  REQUIRE(b.world.pods().size() == 2);
  // 50 s until not ready, up to 5 s until the Node is deleted, 40 to 60 s until its pods are, 10 s of back-off.
  const Duration gap = b.created(1) - b.ended(0);
  CHECK(gap >= seconds(90));
  CHECK(gap <= seconds(50 + 5 + 60 + 10 + 2));
  CHECK(count_facts(b.world, Fact::job_completed) == 1);
}

TEST_CASE("many pods: no more than parallelism at once, every completion once, under the client's rate") {
  JobBench b(run_of(seconds(30), percent(10)), job_of(400, 100, 1000));
  b.controller().start_at(b.work, kTimeZero);
  b.world.run();
  std::int64_t alive = 0, most = 0, succeeded = 0;
  for (const FactRecord& f : b.world.log) {
    if (f.fact == Fact::pod_created) most = std::max(most, ++alive);
    if (f.fact != Fact::pod_ended) continue;
    --alive;
    succeeded += f.reason == plimsoll::Reason::completed ? 1 : 0;
  }
  CHECK(most <= 100);
  CHECK(succeeded == 400);
  CHECK(count_facts(b.world, Fact::job_completed) == 1);
  // 30 in the burst, 20 a second after it: the first hundred take at least (100 - 30) / 20 = 3.5 s.
  CHECK(b.created(99) >= at_ms(3'500));
  // About one in ten runs failed: 400 / 0.9 = 444 pods, give or take six deviations of 7.
  CHECK(b.world.pods().size() > 400);
  CHECK(b.world.pods().size() < 490);
}

}  // namespace
}  // namespace plimsoll::kubernetes
