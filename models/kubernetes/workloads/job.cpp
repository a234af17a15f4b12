#include "models/kubernetes/workloads/job.h"

#include <algorithm>

namespace plimsoll::kubernetes {

JobActions sync_job(const JobSpec& spec, const JobObserved& seen) {
  JobActions out;
  out.active = seen.active;
  out.succeeded = seen.succeeded;
  out.failed = seen.failed;
  const bool new_failure = seen.failed > seen.counted_failures;
  bool over_limit = new_failure && seen.active != spec.parallelism && seen.failed > spec.backoff_limit;
  if (seen.restarts) {
    over_limit = over_limit || (spec.backoff_limit == 0 ? *seen.restarts > 0 : *seen.restarts >= spec.backoff_limit);
  }
  const bool late = spec.active_deadline && seen.running_for && *seen.running_for >= *spec.active_deadline;
  if (over_limit || late) {
    out.outcome = over_limit ? JobOutcome::backoff_limit_exceeded : JobOutcome::deadline_exceeded;
    out.deletions = seen.active;
    out.failed += seen.active;
    out.active = 0;
    return out;
  }
  if (!seen.deleting) {
    if (seen.active > spec.parallelism) {
      out.deletions = seen.active - spec.parallelism;
      out.active = spec.parallelism;
    } else if (seen.active < spec.parallelism) {
      std::int64_t wanted = 0;
      if (spec.completions) {
        wanted = std::min(*spec.completions - seen.succeeded, spec.parallelism);
      } else {
        wanted = seen.succeeded > 0 ? seen.active : spec.parallelism;
      }
      out.creations = std::max<std::int64_t>(0, wanted - seen.active);
      out.active += out.creations;
    }
  }
  const bool complete = spec.completions ? seen.succeeded >= *spec.completions : seen.succeeded > 0 && out.active == 0;
  if (complete) out.outcome = JobOutcome::complete;
  return out;
}

std::int64_t slow_start_creations(std::int64_t wanted, std::int64_t limit) {
  std::int64_t made = 0;
  for (std::int64_t batch = std::min<std::int64_t>(wanted, 1); wanted > 0; batch = std::min(2 * batch, wanted)) {
    const std::int64_t works = std::min(batch, limit - made);
    made += works;
    if (works < batch) break;
    wanted -= batch;
  }
  return made;
}

Duration job_backoff(std::int64_t n, KubernetesVersion version) {
  if (n <= 0) return Duration{};
  const Duration cap = version == KubernetesVersion::current ? minutes(10) : seconds(360);
  if (n > 7) return cap;
  return std::min(cap, seconds(10) * (std::int64_t{1} << (n - 1)));
}

}  // namespace plimsoll::kubernetes
