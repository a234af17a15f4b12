#pragma once

#include <cstdint>
#include <optional>

#include "models/kubernetes/version.h"
#include "sim/core/time.h"

namespace plimsoll::kubernetes {

struct JobSpec {
  std::int64_t parallelism = 1;
  std::optional<std::int64_t> completions = 1;  // absent: until the first success
  std::int64_t backoff_limit = 6;
  std::optional<Duration> active_deadline;
};

/// What a sync sees. `counted_failures` are the failures of the last status, `restarts` the sum of container restarts
/// of running pods whose restart policy is OnFailure (absent for Never).
struct JobObserved {
  bool deleting = false;
  std::int64_t active = 0, succeeded = 0, failed = 0, counted_failures = 0;
  std::optional<std::int64_t> restarts;
  std::optional<Duration> running_for;  // since the Job started
};

enum class JobOutcome : std::uint8_t { running, complete, backoff_limit_exceeded, deadline_exceeded };

/// What the sync does. Creations go out in batches of 1, 2, 4, ...
struct JobActions {
  std::int64_t creations = 0, deletions = 0;
  std::int64_t active = 0, succeeded = 0, failed = 0;  // status afterwards, when every creation works
  JobOutcome outcome = JobOutcome::running;
};

/// Source: pkg/controller/job/job_controller.go syncJob and manageJob (1.20.2).
JobActions sync_job(const JobSpec& spec, const JobObserved& seen);

/// Creations that are tried when the API refuses all after the first `limit`: batches of 1, 2, 4, ... until one has a
/// failure. Answers how many succeed.
std::int64_t slow_start_creations(std::int64_t wanted, std::int64_t limit);

/// Wait before the next try. 1.20: 10 s x 2^(n-1) for the n-th requeue, at most 6 min; current: the same from the last
/// failure for n failures since the last success, at most 10 min.
Duration job_backoff(std::int64_t n, KubernetesVersion version);

}  // namespace plimsoll::kubernetes
