#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/cluster/run_failure.h"
#include "sim/core/distributions.h"
#include "sim/policy/workload_spec.h"

namespace plimsoll {

/// What Kubernetes does with a Job beyond its runs. Names and defaults: API batch/v1 Job, CronJob.
struct KubernetesJob {
  enum class Concurrency : std::uint8_t { allow, forbid, replace };
  std::int64_t backoff_limit = 6;
  std::optional<std::int64_t> backoff_limit_per_index, max_failed_indexes;
  bool replace_when_failed = false;  ///< podReplacementPolicy Failed: only once the old pod has ended
  std::optional<Duration> active_deadline, ttl_after_finished, starting_deadline;
  bool indexed = false, suspend = false, schedule_suspended = false;
  bool restart_on_failure = false;  ///< restartPolicy OnFailure: the kubelet starts the container again
  Concurrency concurrency = Concurrency::allow;
  std::int64_t successful_history = 3, failed_history = 1;
};

/// Work that runs to completion, in neutral words: a Job or CronJob of Kubernetes, a standalone or scheduled task of
/// ECS. Both sides are built from this.
struct JobSpec {
  std::string name;
  PodSize ecs, kubernetes;  ///< of one pod or task
  Bytes image;              ///< compressed
  std::string image_name;   ///< empty: its own name
  Delay work;               ///< CPU time of one core that one run takes; each run draws anew
  Delay wait;               ///< time of a run that no CPU shortens, after its CPU work
  double cores = 1;         ///< cores that one run can use at once
  Ppm fails{};              ///< share of runs that end with an error (exit code 1), at a time uniform in the run
  std::vector<RunFailure> failures;             ///< further ways to fail, looked at before `fails`
  Bytes resident{};                             ///< resident memory of a pod; 0 = 80 % of the request
  std::int64_t parallelism = 1;                 ///< pods at once; ECS: RunTask count
  std::optional<std::int64_t> completions = 1;  ///< runs that must succeed; none: until the first success
  std::string schedule;                         ///< five cron fields; empty: once, at `at`
  std::string zone = "UTC";                     ///< IANA name, of the schedule
  Duration at{};                                ///< without a schedule: after the start of the counted window
  KubernetesJob kubernetes_job;
  std::string kubernetes_file, ecs_file;            ///< where sizes come from; empty: the scenario
  std::shared_ptr<const VendorPod> kubernetes_pod;  ///< of its Kubernetes file; null without one
};

}  // namespace plimsoll
