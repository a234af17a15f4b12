#include "sim/scenario/jobs_block.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"

namespace plimsoll::scenario {
namespace {

Jobs read(const std::string& text, document::Diagnostics& diagnostics, const std::vector<ManifestFacts>& facts = {}) {
  const document::Node root = document::load_text(text, "s.yaml", diagnostics).front();
  document::Fields f(root, diagnostics, "");
  f.allow_unknown();
  return read_jobs(f, facts, {"shop"});
}

/// A CronJob of the files: 250m/512Mi, four at a time.
ManifestFacts report() {
  ManifestFacts fact;
  fact.kind = "CronJob";
  fact.name = "report";
  fact.file = "jobs.yaml";
  fact.size = PodSize{cpu_millis(250), mebibytes(512), {}, mebibytes(512)};
  JobSpec job;
  job.parallelism = 4;
  job.completions = 12;
  job.schedule = "0 3 * * *";
  job.zone = "Europe/Berlin";
  job.kubernetes_job.backoff_limit = 2;
  fact.job = job;
  return fact;
}

TEST_CASE("what the scenario says of a job, with defaults for the rest") {
  document::Diagnostics diagnostics;
  const Jobs j = read(R"(jobs:
  resize:
    size: 500m/1Gi
    work: lognormal(median 4min, cv 0.5)
    wait: 10s
    cores: 2
    fails: 2%
    parallelism: 8
    completions: 120
    at: 30m
    kubernetes: {backoffLimit: 3, activeDeadlineSeconds: 600, restartPolicy: OnFailure}
)",
                      diagnostics);
  CHECK(diagnostics.text() == "");
  REQUIRE(j.jobs.size() == 1);
  const JobSpec& job = j.jobs[0];
  CHECK(job.kubernetes.cpu == cpu_millis(500));
  CHECK(job.ecs.memory == gibibytes(1));
  CHECK(job.work == Delay::lognormal(minutes(4), 0.5));
  CHECK(job.wait == Delay::constant(seconds(10)));
  CHECK(job.fails == percent(2));
  CHECK(job.parallelism == 8);
  CHECK(job.completions == 120);
  CHECK(job.at == minutes(30));
  CHECK(job.zone == "UTC");
  CHECK(job.kubernetes_job.backoff_limit == 3);
  CHECK(job.kubernetes_job.active_deadline == seconds(600));
  CHECK(job.kubernetes_job.restart_on_failure);
  CHECK(job.kubernetes_job.concurrency == KubernetesJob::Concurrency::allow);
  CHECK(j.assumed.size() == 3);
}

TEST_CASE("its file completes it, and the scenario's word wins") {
  document::Diagnostics diagnostics;
  const Jobs j = read("jobs: {report: {work: 5min, parallelism: 2, completions: 6}}", diagnostics, {report()});
  CHECK(diagnostics.text() == "");
  REQUIRE(j.jobs.size() == 1);
  const JobSpec& job = j.jobs[0];
  CHECK(job.kubernetes.cpu == cpu_millis(250));
  CHECK(job.ecs.cpu == cpu_millis(250));
  CHECK(job.schedule == "0 3 * * *");
  CHECK(job.zone == "Europe/Berlin");
  CHECK(job.kubernetes_job.backoff_limit == 2);
  CHECK(job.parallelism == 2);
  CHECK(job.completions == 6);
}

TEST_CASE("parallelism alone is a work queue") {
  document::Diagnostics diagnostics;
  const Jobs j = read("jobs: {queue: {size: 1/1Gi, work: 1min, parallelism: 3}}", diagnostics);
  REQUIRE(j.jobs.size() == 1);
  CHECK_FALSE(j.jobs[0].completions.has_value());
}

TEST_CASE("every fault of the block is told where it stands") {
  struct Case {
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {"jobs:\n  a: {size: 1/1Gi}", "s.yaml:2:6: error: 'work' is missing"},
      {"jobs:\n  a: {work: 1min}", "s.yaml:2:3: error: 'size' is missing, and no file gives it"},
      {"jobs:\n  a: {work: 1min, size: big}", "s.yaml:2:25: error: 'big' is not a size"},
      {"jobs:\n  a: {work: 1min, size: 0/1Gi}", "'0/1Gi' is not a size"},
      {"jobs:\n  shop: {work: 1min, size: 1/1Gi}", "s.yaml:2:3: error: 'shop' is an app and a job"},
      {"jobs:\n  a: {work: 1min, size: 1/1Gi, schedule: '0 3 * * *', timeZone: Europe/Berln}",
       "unknown time zone 'Europe/Berln'"},
      {"jobs:\n  a: {work: 1min, size: 1/1Gi, schedule: '0 3 * * *', at: 5min}", "a schedule says when it starts"},
      {"jobs:\n  a: {work: 1min, size: 1/1Gi, fails: 120%}", "s.yaml:2:39: error:"},
      {"jobs:\n  a: {work: 1min, size: 1/1Gi, paralelism: 2}", "parallelism"},
      {"jobs:\n  a: {work: 1min, size: 1/1Gi, kubernetes: {concurrencyPolicy: Never}}", "Never"},
  };
  for (const Case& c : cases) {
    document::Diagnostics diagnostics;
    read(c.text, diagnostics);
    INFO(diagnostics.text());
    CHECK(diagnostics.has_errors());
    CHECK(diagnostics.text().find(c.message) != std::string::npos);
  }
}

TEST_CASE("a Job of the files without an entry is a warning that says what is needed") {
  document::Diagnostics diagnostics;
  read("seed: 1", diagnostics, {report()});
  CHECK_FALSE(diagnostics.has_errors());
  CHECK(diagnostics.text().find("CronJob 'report' belongs to no entry of 'jobs'") != std::string::npos);
  CHECK(diagnostics.text().find("jobs: {report: {work: 5min}}") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::scenario
