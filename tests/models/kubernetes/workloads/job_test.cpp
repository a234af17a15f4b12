#include "models/kubernetes/workloads/job.h"

#include <doctest/doctest.h>

namespace plimsoll::kubernetes {
namespace {

TEST_CASE("a job keeps its parallelism until few completions are left") {
  JobSpec spec{.parallelism = 3, .completions = 5, .active_deadline = {}};
  CHECK(sync_job(spec, {.restarts = {}, .running_for = {}}).creations == 3);
  CHECK(sync_job(spec, {.active = 1, .succeeded = 3, .restarts = {}, .running_for = {}}).creations == 1);
  CHECK(sync_job(spec, {.succeeded = 5, .restarts = {}, .running_for = {}}).outcome == JobOutcome::complete);
  CHECK(sync_job(spec, {.active = 4, .restarts = {}, .running_for = {}}).deletions == 1);
}

TEST_CASE("a work queue starts nothing after the first success") {
  const JobSpec spec{.parallelism = 3, .completions = {}, .active_deadline = {}};
  const JobActions a = sync_job(spec, {.active = 1, .succeeded = 1, .restarts = {}, .running_for = {}});
  CHECK(a.creations == 0);
  CHECK(a.outcome == JobOutcome::running);
  CHECK(sync_job(spec, {.succeeded = 1, .restarts = {}, .running_for = {}}).outcome == JobOutcome::complete);
}

TEST_CASE("failures above the limit and the deadline end the job") {
  JobSpec spec{.parallelism = 2, .completions = 5, .backoff_limit = 1, .active_deadline = seconds(100)};
  const JobActions over = sync_job(spec, {.active = 1, .failed = 2, .restarts = {}, .running_for = {}});
  CHECK(over.outcome == JobOutcome::backoff_limit_exceeded);
  CHECK(over.deletions == 1);
  CHECK(sync_job(spec, {.active = 2, .restarts = {}, .running_for = seconds(100)}).outcome ==
        JobOutcome::deadline_exceeded);
}

TEST_CASE("creation is tried in growing batches and stops at a failing one") {
  CHECK(slow_start_creations(10, 10) == 10);
  CHECK(slow_start_creations(10, 2) == 2);  // batches 1, 2: the second has a failure
  CHECK(slow_start_creations(0, 5) == 0);
}

TEST_CASE("the wait doubles from ten seconds to the cap") {
  CHECK(job_backoff(0, KubernetesVersion::v1_20) == Duration{});
  CHECK(job_backoff(1, KubernetesVersion::v1_20) == seconds(10));
  CHECK(job_backoff(6, KubernetesVersion::v1_20) == seconds(320));
  CHECK(job_backoff(7, KubernetesVersion::v1_20) == seconds(360));
  CHECK(job_backoff(7, KubernetesVersion::current) == seconds(600));
}

}  // namespace
}  // namespace plimsoll::kubernetes
