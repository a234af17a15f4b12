#pragma once

#include <cstdint>
#include <optional>

#include "models/kubernetes/workloads/cron_schedule.h"

namespace plimsoll::kubernetes {

enum class ConcurrencyPolicy : std::uint8_t { allow, forbid, replace };

struct CronJobSpec {
  CronSchedule schedule;
  ConcurrencyPolicy concurrency = ConcurrencyPolicy::allow;
  bool suspend = false;
  std::optional<std::int64_t> starting_deadline_s;
};

/// Instants are seconds since 1970.
struct CronJobObserved {
  std::int64_t created = 0;
  std::optional<std::int64_t> last_schedule;
  std::int64_t active = 0;
};

struct CronJobActions {
  bool too_many_missed = false;       // 1.20 gives up above 100; later only warns
  std::optional<std::int64_t> start;  // the scheduled time of the Job to create; it becomes last_schedule
  std::int64_t deletions = 0;         // active Jobs that are replaced
};

/// Starts that are due: after the last one (or the creation, or the deadline's reach) and not after `now`.
struct UnmetStarts {
  bool too_many = false;   // above 100, which 1.20 treats as an error: the rest is empty then
  std::int64_t count = 0;  // at most 101 are counted
  std::optional<std::int64_t> latest;
};
UnmetStarts unmet_starts(const CronJobSpec& spec, const CronJobObserved& seen, std::int64_t now,
                         KubernetesVersion version);

/// One sync at `now`. Source: pkg/controller/cronjob/cronjob_controller.go and utils.go (1.20.2, v1beta1 controller),
/// cronjob_controllerv2.go (current: the newest missed start runs whatever their number).
CronJobActions sync_cronjob(const CronJobSpec& spec, const CronJobObserved& seen, std::int64_t now,
                            KubernetesVersion version);

/// The number in a Job's name: seconds in 1.20, minutes later.
std::int64_t job_name_number(std::int64_t scheduled, KubernetesVersion version);

}  // namespace plimsoll::kubernetes
