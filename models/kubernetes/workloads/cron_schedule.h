#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "models/kubernetes/version.h"
#include "sim/core/units.h"

namespace plimsoll::kubernetes {

/// A five-field cron expression, a macro (@hourly ...) or "@every 1h30m". Instants are whole seconds since 1970 on the
/// clock that the schedule is written for (UTC unless the caller shifts them).
/// Day of month and day of week: both must match when either is a star, else one is enough. In 1.20 "*/n" is a star,
/// later only "*" is. Source: robfig/cron v1.2.0 (as vendored by 1.20.2) and v3.0.1.
class CronSchedule {
 public:
  static Parsed<CronSchedule> parse(std::string_view text, KubernetesVersion version);

  /// The first start strictly after `after`; none within five years means never.
  std::optional<std::int64_t> next(std::int64_t after) const;

 private:
  bool day_matches(std::int64_t days) const;

  std::uint64_t minutes_ = 0, hours_ = 0, days_ = 0, months_ = 0, weekdays_ = 0;  // bit sets
  bool day_star_ = false, weekday_star_ = false;
  std::int64_t every_ = 0;  // seconds; 0: the fields count
};

}  // namespace plimsoll::kubernetes
