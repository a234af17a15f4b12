#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/core/time.h"
#include "sim/core/time_zone.h"

namespace plimsoll::aws {

/// Seconds since 1970-01-01T00:00:00Z.
using EpochSeconds = std::int64_t;

/// rate(5 minutes): a period from the rule's creation on.
struct RateSchedule {
  Duration period{};
};
/// at(2026-03-02T10:00:00): once (EventBridge Scheduler).
struct AtSchedule {
  EpochSeconds when = 0;
};
/// cron(minutes hours day-of-month month day-of-week year), EventBridge dialect: 1 = SUN, exactly one day field is `?`.
struct CronSchedule {
  std::bitset<60> minutes;
  std::bitset<24> hours;
  std::bitset<13> months;  ///< bit 1 is January
  std::bitset<230> years;  ///< bit 0 is 1970
  /// Day of month: a set, the last day, or the weekday nearest to a day. Unused when by_weekday.
  std::bitset<32> days;
  bool last_day = false;
  std::int32_t nearest_weekday_to = 0;
  /// Day of week: a set (bit 1 is Sunday), the last one of the month, or its n-th.
  bool by_weekday = false;
  std::bitset<8> weekdays;
  std::int32_t last_weekday = 0;
  std::int32_t nth_weekday = 0, nth = 0;

  /// The first minute strictly after `after`, UTC; none when there is no more before 2200.
  std::optional<EpochSeconds> next(EpochSeconds after) const;
};
using Schedule = std::variant<RateSchedule, AtSchedule, CronSchedule>;

struct ParsedSchedule {
  std::optional<Schedule> schedule;
  std::string error;
  std::size_t position = 0;  ///< of the fault in the expression
};
/// Parses rate(...), cron(...) or at(...).
/// SOURCE: "Schedule expressions for rules" (Amazon EventBridge user guide). Ranges may wrap (20-2 hours); `/` counts
/// from the start of its field or range; L, W and # stand alone in their field; a rate has a singular unit for 1 and a
/// plural one else. `3W` stays in its month.
ParsedSchedule parse_schedule(std::string_view expression);

/// The first occurrence strictly after `after`: rates count from `created`, cron and at are told on the clock of `zone`
/// (a time that the clock skips does not happen; of one that it shows twice, the first counts). None when there is no
/// more. SOURCE: "Schedule types in EventBridge Scheduler", daylight saving time.
std::optional<EpochSeconds> next_occurrence(const Schedule& schedule, EpochSeconds created, EpochSeconds after,
                                            const TimeZone& zone);

/// A five-field cron expression (0 or 7 = Sunday) in the EventBridge dialect: "0 8 * * 1-5" is cron(0 8 ? * 2-6 *).
/// Days of month and of week cannot both be given there: the error says so.
ParsedSchedule schedule_of_crontab(std::string_view crontab);

/// A civil day and minute, UTC.
struct CivilTime {
  std::int32_t year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
};
CivilTime to_civil(EpochSeconds t);
EpochSeconds from_civil(const CivilTime& t);
/// 1 is Sunday.
std::int32_t weekday_of(std::int32_t year, std::int32_t month, std::int32_t day);
std::int32_t days_in_month(std::int32_t year, std::int32_t month);

}  // namespace plimsoll::aws
