#include "models/kubernetes/keda/cron_trigger.h"

namespace plimsoll::kubernetes {

std::optional<std::int64_t> next_in_zone(const CronSchedule& schedule, const TimeZone& zone, std::int64_t after) {
  // Where the clock goes back it shows some times twice: look from before the first of them.
  constexpr std::int64_t kOverlap = 3 * 3600;
  for (std::int64_t local = zone.to_local(after) - kOverlap;;) {
    const auto next = schedule.next(local);
    if (!next) return std::nullopt;
    const auto utc = zone.to_utc(*next);
    if (utc && *utc > after) return utc;
    local = *next;
  }
}

bool CronTrigger::active(std::int64_t now) const {
  const auto starts = next_in_zone(start, zone, now), ends = next_in_zone(end, zone, now);
  return ends && (!starts || *ends < *starts);
}

}  // namespace plimsoll::kubernetes
