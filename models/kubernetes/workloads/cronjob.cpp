#include "models/kubernetes/workloads/cronjob.h"

#include <algorithm>

namespace plimsoll::kubernetes {

UnmetStarts unmet_starts(const CronJobSpec& spec, const CronJobObserved& seen, std::int64_t now,
                         KubernetesVersion version) {
  UnmetStarts out;
  std::int64_t earliest = seen.last_schedule.value_or(seen.created);
  if (spec.starting_deadline_s) earliest = std::max(earliest, now - *spec.starting_deadline_s);
  for (auto t = spec.schedule.next(earliest); t && *t <= now; t = spec.schedule.next(*t)) {
    out.latest = *t;
    out.count = std::min<std::int64_t>(out.count + 1, 101);
    out.too_many = out.count > 100;
    if (out.too_many && version == KubernetesVersion::v1_20) return {true, 0, {}};
  }
  return out;
}

CronJobActions sync_cronjob(const CronJobSpec& spec, const CronJobObserved& seen, std::int64_t now,
                            KubernetesVersion version) {
  CronJobActions out;
  if (spec.suspend) return out;
  const UnmetStarts unmet = unmet_starts(spec, seen, now, version);
  out.too_many_missed = unmet.too_many;
  if (!unmet.latest) return out;
  if (spec.starting_deadline_s && *unmet.latest + *spec.starting_deadline_s < now) return out;
  if (spec.concurrency == ConcurrencyPolicy::forbid && seen.active > 0) return out;
  if (spec.concurrency == ConcurrencyPolicy::replace) out.deletions = seen.active;
  out.start = unmet.latest;
  return out;
}

std::int64_t job_name_number(std::int64_t scheduled, KubernetesVersion version) {
  return version == KubernetesVersion::v1_20 ? scheduled : scheduled / 60;
}

}  // namespace plimsoll::kubernetes
