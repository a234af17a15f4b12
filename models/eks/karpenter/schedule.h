#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plimsoll::eks::karpenter {

/// A UTC cron schedule of five fields (minute, hour, day of month, month, day of week; `*`, `?`, lists, ranges, steps,
/// names) or a descriptor (@yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly). When both day fields are
/// restricted either one will do. SOURCE: the standard parser of robfig/cron v3, as used by Karpenter.
class Schedule {
 public:
  /// None and a message for text that the parser refuses.
  static std::optional<Schedule> parse(std::string_view text, std::string& error);

  /// The first hit strictly after `unix_seconds`; none when there is none within five years.
  std::optional<std::int64_t> next_after(std::int64_t unix_seconds) const;

 private:
  std::array<std::uint64_t, 5> bits_{};  // minute, hour, day of month, month, day of week
  bool any_day_ = false, any_weekday_ = false;
};

/// Days since 1970-01-01 of a date of the Gregorian calendar, and back.
std::int64_t days_from_civil(std::int64_t year, int month, int day);
struct CivilDate {
  std::int64_t year = 1970;
  int month = 1, day = 1;
};
CivilDate civil_from_days(std::int64_t days);

}  // namespace plimsoll::eks::karpenter
