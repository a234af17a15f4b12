// Whole columns that run Jobs and CronJobs beside a service.
// Also tests: job_workloads
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

/// 24 runs of one minute of one core, four at a time, and a start every 20 min whose Job takes two minutes.
const std::string kBatch = R"(apiVersion: plimsoll/v1
seed: 5
calendar: "2026-03-02T00:00Z"
load: {constant: 50/s, for: 2h, warmup: 30m, to: web}
apps:
  web: {size: 250m/256Mi, work: 3ms, image: 50MB, replicas: 2}
jobs:
  resize: {size: 1/1Gi, work: 1min, image: 50MB, parallelism: 4, completions: 24, at: 10m}
  report: {size: 500m/512Mi, work: 2min, image: 50MB, schedule: "*/20 * * * *"}
platforms:
  nodes: {type: eks, capacity: {nodeGroup: {type: m5.large, min: 2, max: 6}, autoscaler: cluster-autoscaler}}
  pods: {type: eks, capacity: fargate}
)";

const results::WorkloadResult& of(const results::RunResult& r, const std::string& name) {
  for (const results::WorkloadResult& w : r.workloads) {
    if (w.name == name) return w;
  }
  FAIL("no workload " << name);
  return r.workloads[0];
}

TEST_CASE("every completion runs once, the CPU is used, and nothing is left behind") {
  const scenario::Scenario s = read_text(kBatch, {}, {"nodes", "pods"});
  for (std::size_t c = 0; c < s.columns.size(); ++c) {
    CAPTURE(s.columns[c].name);
    Run run = build(s, c, 0, {true, true});
    run.world.run();
    const results::RunResult r = summarise(run, s, c, 0);
    const results::WorkloadResult& resize = of(r, "resize");
    CHECK(resize.runs_to_completion);
    CHECK(resize.jobs_started == 1);
    CHECK(resize.jobs_completed == 1);
    CHECK(resize.pods_succeeded == 24);
    CHECK(resize.pods_failed == 0);
    CHECK(resize.created == 24);
    // 24 core-minutes over 120 minutes.
    CHECK(resize.cpu_used_cores_mean == doctest::Approx(0.2).epsilon(0.001));
    // Six rounds of a minute at least, on whatever nodes there are.
    CHECK(resize.job_p50_us >= 6 * 60'000'000);
    // The window is 00:00 to 02:00, after a warm-up from 23:30: six starts in it, the one at 02:00 past its end.
    const results::WorkloadResult& report = of(r, "report");
    CHECK(report.jobs_started == 6);
    CHECK(report.jobs_completed == 6);
    CHECK(report.starts_missed == 0);
    CHECK(report.cpu_used_cores_mean == doctest::Approx(0.1).epsilon(0.02));
    CHECK_FALSE(of(r, "web").runs_to_completion);
    for (const Workload& w : run.world.workloads()) {
      if (run.world.names.text(w.name) == "resize") CHECK(w.pods.empty());
    }
    CHECK(r.unfinished == 0);
    CHECK(r.evictions == 0);
  }
}

TEST_CASE("a microVM is paid for as long as its pod runs: the jobs' share of the bill is theirs") {
  const scenario::Scenario with = read_text(kBatch, {}, {"pods"});
  const scenario::Scenario without = read_text(kBatch, {"jobs=null"}, {"pods"});
  const results::RunResult a = run_one(with, 0, 0, {}), b = run_one(without, 0, 0, {});
  const auto hours_of = [](const results::RunResult& r) {
    for (const results::BillLine& line : r.lines) {
      if (line.item == "fargate/vcpu") return std::stod(line.quantity);
    }
    return 0.0;
  };
  // resize: 24 pods of 1 vCPU for 1 min and their pulls; report:
  // six of 0.5 vCPU whose two minutes take four there, since the microVM caps them.
  const double least = 24 * 1.0 / 60 + 6 * 0.5 * 4 / 60;
  CHECK(hours_of(a) - hours_of(b) > least);
  CHECK(hours_of(a) - hours_of(b) < 1.6 * least);
}

TEST_CASE("a column with jobs that is copied at any instant runs on to the same hash") {
  // About 24 / 0.8 = 30 runs, of which six fail: more than the default backoffLimit may allow.
  const scenario::Scenario s =
      read_text(kBatch, {"jobs.resize.fails=20%", "jobs.resize.kubernetes.backoffLimit=100"}, {"nodes", "pods"});
  for (std::size_t c = 0; c < s.columns.size(); ++c) {
    Run run = build(s, c, 0, {true, true});
    std::vector<Run> copies;
    for (const std::int64_t at : {0, 2'411, 2'600, 4'803}) {
      run.world.run_until(kTimeZero + seconds(at));
      copies.push_back(run);
    }
    run.world.run();
    const std::uint64_t hash = summarise(run, s, c, 0).trace_hash;
    CHECK(of(summarise(run, s, c, 0), "resize").pods_succeeded == 24);
    CHECK(of(summarise(run, s, c, 0), "resize").pods_failed > 0);
    for (Run& copy : copies) {
      copy.world.run();
      CHECK(summarise(copy, s, c, 0).trace_hash == hash);
    }
  }
}

TEST_CASE("Job and CronJob manifests run as their files say") {
  const scenario::Scenario s =
      read_file(std::string(PLIMSOLL_SOURCE_DIR) + "/scenarios/batch-jobs.yaml", {"load.for=5h"}, {"eks-nodes"});
  REQUIRE(s.setting.jobs.size() == 2);
  CHECK(s.setting.jobs[0].completions == 120);
  CHECK(s.setting.jobs[1].kubernetes_job.concurrency == KubernetesJob::Concurrency::forbid);
  const results::RunResult r = run_one(s, 0, 0, {});
  CHECK(of(r, "thumbnails").pods_succeeded == 120);
  CHECK(of(r, "thumbnails").jobs_completed == 1);
  CHECK(of(r, "report").jobs_started + of(r, "report").starts_missed >= 18);
}

TEST_CASE("an Indexed Job by its file: a poisoned index is given up at once, a flaky one as often as it may") {
  const Folder folder;
  folder.put("job.yaml", R"(apiVersion: batch/v1
kind: Job
metadata: {name: suites}
spec:
  completions: 10
  parallelism: 4
  completionMode: Indexed
  backoffLimitPerIndex: 2
  maxFailedIndexes: 5
  podFailurePolicy:
    rules:
    - {action: Ignore, onPodConditions: [{type: DisruptionTarget}]}
    - {action: FailIndex, onExitCodes: {containerName: main, operator: In, values: [42]}}
  template:
    spec:
      restartPolicy: Never
      containers:
      - {name: main, image: suites, resources: {requests: {cpu: 500m, memory: 256Mi}}}
)");
  const std::string text = R"(apiVersion: plimsoll/v1
seed: 5
load: {constant: 50/s, for: 2h, warmup: 10m, to: web}
files: {kubernetes: job.yaml}
apps:
  web: {size: 250m/256Mi, work: 3ms, image: 50MB, replicas: 2}
jobs:
  suites:
    work: 1min
    failures:
    - {exitCode: 42, indexes: [3]}
    - {indexes: [5-6]}
platforms:
  nodes: {type: eks, capacity: {nodeGroup: {type: m5.large, min: 3, max: 3}}}
  old: {type: eks, kubernetesVersion: "1.26", capacity: {nodeGroup: {type: m5.large, min: 3, max: 3}}}
)";
  const scenario::Scenario s = read_file(folder.put("s.yaml", text));
  for (std::size_t c = 0; c < 2; ++c) {
    CAPTURE(s.columns[c].name);
    Run r = build(s, c, 0, {});
    r.world.keep_log = true;
    r.world.run();
    std::vector<std::int64_t> given_up;
    Reason ended = Reason::none;
    for (const FactRecord& f : r.world.log) {
      if (f.fact == Fact::index_failed) given_up.push_back(f.value);
      if (f.fact == Fact::job_failed) ended = f.reason;
    }
    std::sort(given_up.begin(), given_up.end());
    const results::WorkloadResult& suites = of(summarise(r, s, c, 0), "suites");
    CHECK(suites.jobs_failed == 1);
    if (c == 0) {
      CHECK(given_up == std::vector<std::int64_t>{3, 5, 6});
      CHECK(ended == Reason::failed_indexes);
      CHECK(suites.pods_succeeded == 7);
      CHECK(suites.created == 7 + 1 + 3 + 3);
    } else {
      // 1.26 has no limit for each index: the seventh failure fails the Job.
      CHECK(given_up.empty());
      CHECK(ended == Reason::job_failed);
      CHECK(suites.pods_failed >= 7);
    }
  }
}

TEST_CASE("3,000 stand-alone tasks are 300 RunTask calls, at the rate of the account") {
  const scenario::Scenario s = read_text(
      "apiVersion: plimsoll/v1\nload: {constant: 1/s, for: 10m, warmup: 10m}\n"
      "apps: {web: {size: 250m/512Mi, work: 1ms, replicas: 1}}\n"
      "jobs: {j: {size: 250m/512Mi, work: 60s, parallelism: 3000, completions: 3000}}\n"
      "platforms:\n  a: {type: ecs, eniTrunking: true, capacity: {asg: {type: m5.24xlarge, min: 40, max: 40}, "
      "managedScaling: false}}\n  b: {type: ecs, capacity: fargate}\n");
  for (const std::size_t c : {0u, 1u}) {
    Run run = build(s, c, 0, {true, true});
    run.world.run();
    std::vector<Time> made;
    for (const FactRecord& f : run.world.log) {
      if (f.fact == Fact::pod_created && run.world.names.text(run.world.workload(f.workload).name) == "j")
        made.push_back(f.at);
    }
    REQUIRE(made.size() == 3000);
    // 100 calls of ten tasks at once and 40 a second; on Fargate 20 and 20 a second.
    const std::int64_t burst = c == 0 ? 100 : 20, rate = c == 0 ? 40 : 20;
    CAPTURE(c);
    CHECK(made[static_cast<std::size_t>(burst * 10 - 1)] == made.front());
    CHECK(made.back() - made.front() == microseconds((300 - burst) * 1'000'000 / rate));
  }
}

}  // namespace
}  // namespace plimsoll::engine
