#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plimsoll {

/// A zone of the IANA database with its present rules, from Unix seconds (UTC) to wall-clock seconds and back. The
/// rules are those in force in 2025, for every year: a scenario's calendar is about schedules, not about history.
class TimeZone {
 public:
  TimeZone() = default;  ///< UTC
  /// By IANA name ("Europe/Berlin"); none when unknown.
  static std::optional<TimeZone> find(std::string_view name);

  /// Wall clock less UTC, seconds.
  std::int64_t offset_at(std::int64_t utc) const;
  std::int64_t to_local(std::int64_t utc) const { return utc + offset_at(utc); }
  /// The instant at which the wall clock shows `local`; the first of two when clocks go back, none for a time that is
  /// skipped when they go forward.
  std::optional<std::int64_t> to_utc(std::int64_t local) const;

 private:
  /// The n-th weekday (5: the last) of a month, at a wall-clock second of that day.
  struct Change {
    std::int32_t month = 0, week = 0, weekday = 0;
    std::int64_t second = 7200;
  };
  static bool parse(std::string_view posix, TimeZone& out);
  static std::int64_t local_second(const Change& change, std::int64_t year);

  std::int64_t standard_ = 0, summer_ = 0;
  bool has_summer_ = false;
  Change begin_, end_;
};

/// Unix seconds of "2026-01-05", "2026-01-05T08:30Z" or "2026-01-05T08:30:00Z" (UTC; the Z may be left out).
std::optional<std::int64_t> parse_instant(std::string_view text);

/// The known zone name closest to `name`; empty when none is close.
std::string nearest_time_zone(std::string_view name);

}  // namespace plimsoll
