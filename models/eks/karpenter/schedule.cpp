#include "models/eks/karpenter/schedule.h"

#include <algorithm>
#include <charconv>

#include "sim/core/text.h"
#include "sim/core/units.h"

namespace plimsoll::eks::karpenter {

namespace {

struct Field {
  int low, high;
  std::string_view names;  // three letters each, from `low`
};

constexpr std::array<Field, 5> kFields{{
    {0, 59, ""},
    {0, 23, ""},
    {1, 31, ""},
    {1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
    {0, 6, "sunmontuewedthufrisat"},
}};

constexpr std::int64_t kSecondsPerDay = 86'400;

std::optional<int> number_or_name(std::string_view text, const Field& field) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size()) return value;
  const std::string word = to_lower(text);
  for (std::size_t i = 0; word.size() == 3 && i + 3 <= field.names.size(); i += 3) {
    if (field.names.substr(i, 3) == word) return field.low + static_cast<int>(i / 3);
  }
  return std::nullopt;
}

/// One item of a list: `*`, `a`, `a-b`, each with an optional `/step`; false when it is malformed.
bool parse_item(std::string_view item, const Field& field, std::uint64_t& bits, bool& star) {
  const std::size_t slash = item.find('/');
  const std::string_view range = item.substr(0, slash);
  int step = 1;
  if (slash != std::string_view::npos) {
    const std::string_view text = item.substr(slash + 1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), step);
    if (error != std::errc{} || end != text.data() + text.size() || step < 1) return false;
  }
  int low = field.low;
  int high = field.high;
  if (range == "*" || range == "?") {
    // "*/1" is still every value; a coarser step restricts the field.
    if (step == 1) star = true;
  } else {
    const std::size_t dash = range.find('-');
    const auto from = number_or_name(range.substr(0, dash), field);
    if (!from) return false;
    low = *from;
    if (dash != std::string_view::npos) {
      const auto to = number_or_name(range.substr(dash + 1), field);
      if (!to) return false;
      high = *to;
    } else if (slash == std::string_view::npos) {
      high = low;
    }
  }
  if (low < field.low || high > field.high || low > high) return false;
  for (int v = low; v <= high; v += step) bits |= std::uint64_t{1} << v;
  return true;
}

std::string_view descriptor(std::string_view name) {
  if (name == "@yearly" || name == "@annually") return "0 0 1 1 *";
  if (name == "@monthly") return "0 0 1 * *";
  if (name == "@weekly") return "0 0 * * 0";
  if (name == "@daily" || name == "@midnight") return "0 0 * * *";
  if (name == "@hourly") return "0 * * * *";
  return {};
}

}  // namespace

std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  // March-based years put the leap day last.
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = div_floor(y, 400);
  const std::int64_t of_era = y - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

CivilDate civil_from_days(std::int64_t days) {
  const std::int64_t z = days + 719'468;
  const std::int64_t era = div_floor(z, 146'097);
  const std::int64_t of_era = z - era * 146'097;
  const std::int64_t y = (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
  const std::int64_t m = (5 * of_year + 2) / 153;
  CivilDate date;
  date.day = static_cast<int>(of_year - (153 * m + 2) / 5 + 1);
  date.month = static_cast<int>(m < 10 ? m + 3 : m - 9);
  date.year = y + era * 400 + (date.month <= 2 ? 1 : 0);
  return date;
}

std::optional<Schedule> Schedule::parse(std::string_view text, std::string& error) {
  std::string_view rest = trim(text);
  if (rest.starts_with('@')) {
    rest = descriptor(rest);
    if (rest.empty()) {
      error = "unknown schedule '" + std::string(text) + "'";
      return std::nullopt;
    }
  }
  Schedule s;
  std::size_t count = 0;
  while (!rest.empty()) {
    const std::size_t blank = rest.find_first_of(" \t");
    const std::string_view word = rest.substr(0, blank);
    rest = blank == std::string_view::npos ? std::string_view{} : trim(rest.substr(blank));
    if (count == kFields.size()) {
      count = 0;
      break;
    }
    bool star = false;
    for (std::string_view list = word; !list.empty();) {
      const std::size_t comma = list.find(',');
      if (!parse_item(list.substr(0, comma), kFields[count], s.bits_[count], star)) {
        error = "'" + std::string(word) + "' is not a cron field";
        return std::nullopt;
      }
      list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    }
    if (count == 2) s.any_day_ = star;
    if (count == 4) s.any_weekday_ = star;
    ++count;
  }
  if (count != kFields.size()) {
    error = "a schedule has five fields: minute hour day-of-month month day-of-week";
    return std::nullopt;
  }
  return s;
}

std::optional<std::int64_t> Schedule::next_after(std::int64_t unix_seconds) const {
  const auto set = [](std::uint64_t bits, std::int64_t i) { return (bits >> i & 1u) != 0; };
  const std::int64_t start = div_floor(unix_seconds, 60) * 60 + 60;
  const std::int64_t first_day = div_floor(start, kSecondsPerDay);
  for (std::int64_t day = first_day; day < first_day + 5 * 366; ++day) {
    const CivilDate date = civil_from_days(day);
    if (!set(bits_[3], date.month)) continue;
    const bool by_day = set(bits_[2], date.day);
    const bool by_weekday = set(bits_[4], ((day + 4) % 7 + 7) % 7);  // 1970-01-01 was a Thursday
    if (any_day_ || any_weekday_ ? !(by_day && by_weekday) : !(by_day || by_weekday)) continue;
    const std::int64_t from = day == first_day ? (start - day * kSecondsPerDay) / 60 : 0;
    for (std::int64_t minute = from; minute < 24 * 60; ++minute) {
      if (set(bits_[1], minute / 60) && set(bits_[0], minute % 60)) return day * kSecondsPerDay + minute * 60;
    }
  }
  return std::nullopt;
}

}  // namespace plimsoll::eks::karpenter
