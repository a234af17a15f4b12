// Jobs by completion index, with the pods on a node.
#include <doctest/doctest.h>

#include <algorithm>

#include "models/kubernetes/controllers/job_controller.h"
#include "tests/models/kubernetes/controllers/job_bench.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::kubernetes::testing;

JobTemplate indexed(std::int64_t completions, std::int64_t parallelism, std::int64_t per_index) {
  JobTemplate out = job_of(completions, parallelism, INT32_MAX);
  out.indexed = true;
  out.backoff_limit_per_index = per_index;
  return out;
}

/// Runs of 10 s; those of some indexes fail with an exit code.
RunToCompletion failing(std::vector<std::int64_t> indexes, std::int64_t exit_code = 1) {
  RunToCompletion run = run_of(seconds(10));
  run.failures.push_back({percent(100), exit_code, std::move(indexes)});
  return run;
}

std::int64_t pods_of(const JobBench& b, std::int32_t index) {
  return std::count_if(b.world.pods().begin(), b.world.pods().end(), [&](const Pod& p) { return p.index == index; });
}

plimsoll::Reason reason_of(const JobBench& b, Fact fact) {
  for (const FactRecord& f : b.world.log) {
    if (f.fact == fact) return f.reason;
  }
  return plimsoll::Reason::none;
}

TEST_CASE("every index runs, the failing ones as often as they may, and the Job has failed indexes") {
  JobBench b(failing({1, 3}), indexed(5, 2, 2));
  b.controller().start_at(b.work, kTimeZero);
  b.world.run();
  for (const std::int32_t i : {0, 2, 4}) CHECK(pods_of(b, i) == 1);
  for (const std::int32_t i : {1, 3}) CHECK(pods_of(b, i) == 3);  // two more after the first
  CHECK(count_facts(b.world, Fact::index_failed) == 2);
  CHECK(count_facts(b.world, Fact::job_failed) == 1);
  CHECK(reason_of(b, Fact::job_failed) == plimsoll::Reason::failed_indexes);
  // 10 s after the first failure of index 1, 20 s after the second.
  std::vector<const Pod*> ones;
  for (const Pod& p : b.world.pods()) {
    if (p.index == 1) ones.push_back(&p);
  }
  CHECK(ones[1]->created - ones[0]->ended >= seconds(10));
  CHECK(ones[1]->created - ones[0]->ended < seconds(12));
  CHECK(ones[2]->created - ones[1]->ended >= seconds(20));
  CHECK(ones[2]->created - ones[1]->ended < seconds(22));
}

TEST_CASE("beyond maxFailedIndexes the Job fails while others still wait") {
  JobTemplate jobs = indexed(50, 2, 0);
  jobs.max_failed_indexes = 1;
  JobBench b(failing({0, 1, 2}), jobs);
  b.controller().start_at(b.work, kTimeZero);
  b.world.run();
  CHECK(reason_of(b, Fact::job_failed) == plimsoll::Reason::max_failed_indexes);
  CHECK(count_facts(b.world, Fact::index_failed) == 2);
  CHECK(b.world.pods().size() < 10);
}

TEST_CASE("FailIndex gives an index up at its first failure with that code") {
  JobTemplate jobs = indexed(3, 3, 4);
  jobs.failure_rules = {{PodFailureAction::fail_index, false, true, {42}, "work"}};
  jobs.container = "work";
  JobBench b(failing({2}, 42), jobs);
  b.controller().start_at(b.work, kTimeZero);
  b.world.run();
  CHECK(b.world.pods().size() == 3);
  CHECK(reason_of(b, Fact::job_failed) == plimsoll::Reason::failed_indexes);
  jobs.container = "beside";  // the rule is about another container: the failure counts
  JobBench other(failing({2}, 42), jobs);
  other.controller().start_at(other.work, kTimeZero);
  other.world.run();
  CHECK(pods_of(other, 2) == 5);
}

TEST_CASE("a successPolicy ends the Job when its indexes have succeeded, and its pods go") {
  JobTemplate jobs = job_of(4, 4);
  jobs.indexed = true;
  jobs.success_rules = {{IndexRanges{{0, 0}}, std::nullopt}};
  // Index 0 is the leader: it fails once in a while, the workers never end by themselves.
  RunToCompletion run = run_of(seconds(10));
  run.failures.push_back({percent(100), 1, {1, 2, 3}});
  jobs.spec.backoff_limit = 1000;
  JobBench b(run, jobs);
  b.controller().start_at(b.work, kTimeZero);
  b.world.run();
  CHECK(count_facts(b.world, Fact::job_completed) == 1);
  CHECK(reason_of(b, Fact::job_completed) == plimsoll::Reason::success_policy);
  CHECK(b.world.workload(b.work).pods.empty());
}

TEST_CASE("what depends on a field that was dropped goes with it; which rules count changes nothing") {
  // Without indexes nothing fails, and their limits mean nothing.
  JobTemplate plain = indexed(3, 1, 0);
  plain.indexed = false;
  CHECK_FALSE(settled_job(plain).backoff_limit_per_index);
  JobTemplate endless = indexed(3, 1, 0);
  endless.spec.completions.reset();
  CHECK_FALSE(settled_job(endless).indexed);
  // 1.29 to 1.31 have the limits and the rules that 1.26 has: index 1 is given up after its first failure.
  for (const auto version : {KubernetesVersion::v1_26, KubernetesVersion::current}) {
    JobBench b(failing({1}), indexed(3, 1, 0), version);
    b.controller().start_at(b.work, kTimeZero);
    b.world.run();
    CHECK(pods_of(b, 1) == 1);
    CHECK(count_facts(b.world, Fact::index_failed) == 1);
    CHECK(count_facts(b.world, Fact::job_failed) == 1);
  }
}

TEST_CASE("podReplacementPolicy: a pod that drains is replaced at once, or when it has ended") {
  for (const bool when_ended : {false, true}) {
    JobTemplate jobs = job_of(1, 1);
    jobs.replace_when_failed = when_ended;
    JobBench b(run_of(seconds(60)), jobs);
    b.controller().start_at(b.work, kTimeZero);
    b.script->at(at_s(5), [](World& w) { w.stop_pod(PodId{0}, plimsoll::Reason::node_drain); });
    b.world.run();
    REQUIRE(b.world.pods().size() == 2);
    // The failure is of the instant of the deletion, or of the end; 10 s of back-off follow.
    const Time failed = when_ended ? b.ended(0) : at_s(5);
    CHECK(b.created(1) == failed + milliseconds(10'010));
    CHECK(count_facts(b.world, Fact::job_completed) == 1);
  }
}

TEST_CASE("a Job that fails has ended when its pods have: since 1.31, before that at once") {
  for (const bool with_pods : {false, true}) {
    JobTemplate jobs = job_of(2, 2);
    jobs.spec.active_deadline = seconds(8);
    jobs.ends_with_pods = with_pods;
    JobBench b(run_of(seconds(60)), jobs);
    b.controller().start_at(b.work, kTimeZero);
    b.world.run();
    CHECK(b.world.pod(PodId{0}).stopping == at_s(8));
    const Time last = std::max(b.ended(0), b.ended(1));
    CHECK(last > at_s(8));
    CHECK(b.times(Fact::job_failed) == std::vector<Time>{with_pods ? last + seconds(1) : at_s(8)});
  }
}

}  // namespace
}  // namespace plimsoll::kubernetes
