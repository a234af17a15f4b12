#include "sim/core/time_zone.h"

#include <algorithm>
#include <vector>

#include "sim/core/text.h"
#include "sim/core/time_zone_table.h"

namespace plimsoll {

namespace {

constexpr std::int64_t kDay = 86'400;

/// Days since 1970-01-01 of a day of the Gregorian calendar.
std::int64_t days_from_civil(std::int64_t y, std::int64_t m, std::int64_t d) {
  y -= m <= 2 ? 1 : 0;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
  const std::int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  return era * 146'097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719'468;
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

std::int64_t year_of(std::int64_t local) {
  const std::int64_t days = floor_div(local, kDay);
  std::int64_t year = 1970 + floor_div(days, 366);
  while (days_from_civil(year + 1, 1, 1) <= days) ++year;
  return year;
}

/// Reads POSIX TZ text from the left.
struct Scanner {
  std::string_view rest;
  bool take(char c) {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  std::int64_t number() {
    std::int64_t n = 0;
    while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
      n = n * 10 + (rest.front() - '0');
      rest.remove_prefix(1);
    }
    return n;
  }
  void name() {
    if (take('<')) {
      while (!rest.empty() && !take('>')) rest.remove_prefix(1);
      return;
    }
    const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    while (!rest.empty() && letter(rest.front())) rest.remove_prefix(1);
  }
  /// [+-]hh[:mm[:ss]] in seconds.
  std::int64_t clock() {
    const bool minus = take('-');
    if (!minus) take('+');
    std::int64_t s = number() * 3600;
    if (take(':')) s += number() * 60;
    if (take(':')) s += number();
    return minus ? -s : s;
  }
};

}  // namespace

bool TimeZone::parse(std::string_view posix, TimeZone& out) {
  Scanner s{posix};
  s.name();
  out.standard_ = out.summer_ = -s.clock();
  if (s.rest.empty()) return true;
  out.has_summer_ = true;
  s.name();
  out.summer_ = out.standard_ + 3600;
  if (!s.rest.empty() && s.rest.front() != ',') out.summer_ = -s.clock();
  for (Change* change : {&out.begin_, &out.end_}) {
    if (!s.take(',') || !s.take('M')) return false;
    change->month = static_cast<std::int32_t>(s.number());
    if (!s.take('.')) return false;
    change->week = static_cast<std::int32_t>(s.number());
    if (!s.take('.')) return false;
    change->weekday = static_cast<std::int32_t>(s.number());
    if (s.take('/')) change->second = s.clock();
  }
  return s.rest.empty();
}

std::optional<TimeZone> TimeZone::find(std::string_view name) {
  for (const TimeZoneRule& rule : kTimeZoneRules) {
    for (std::size_t at = 0; at <= rule.zones.size();) {
      const std::size_t end = std::min(rule.zones.find(' ', at), rule.zones.size());
      if (rule.zones.substr(at, end - at) == name) {
        TimeZone zone;
        if (!parse(rule.posix, zone)) return std::nullopt;
        return zone;
      }
      at = end + 1;
    }
  }
  return std::nullopt;
}

std::int64_t TimeZone::local_second(const Change& change, std::int64_t year) {
  const std::int64_t first = days_from_civil(year, change.month, 1);
  const std::int64_t weekday = ((first + 4) % 7 + 7) % 7;  // 0 is Sunday
  std::int64_t day = first + (change.weekday - weekday + 7) % 7 + 7 * (change.week - 1);
  const std::int64_t next =
      change.month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, change.month + 1, 1);
  while (day >= next) day -= 7;
  return day * kDay + change.second;
}

std::int64_t TimeZone::offset_at(std::int64_t utc) const {
  if (!has_summer_) return standard_;
  const std::int64_t year = year_of(utc + standard_);
  // Each change is told on the clock that it ends.
  const std::int64_t begin = local_second(begin_, year) - standard_, end = local_second(end_, year) - summer_;
  const bool summer = begin < end ? begin <= utc && utc < end : utc < end || begin <= utc;
  return summer ? summer_ : standard_;
}

std::optional<std::int64_t> TimeZone::to_utc(std::int64_t local) const {
  std::optional<std::int64_t> out;
  for (const std::int64_t offset : {std::max(standard_, summer_), std::min(standard_, summer_)}) {
    const std::int64_t utc = local - offset;
    if (offset_at(utc) == offset && (!out || utc < *out)) out = utc;
  }
  return out;
}

std::optional<std::int64_t> parse_instant(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd";
  if (text.ends_with('Z')) text.remove_suffix(1);
  if (text.size() != 10 && text.size() != 16 && text.size() != 19) return std::nullopt;
  std::int64_t parts[6] = {0, 0, 0, 0, 0, 0};
  std::size_t part = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (kForm[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != kForm[i]) return std::nullopt;
    if (kForm[i] == 'd') {
      parts[part] = parts[part] * 10 + (text[i] - '0');
    } else {
      ++part;
    }
  }
  const auto [year, month, day, hour, minute, second] = parts;
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::int64_t start = days_from_civil(year, month, 1);
  const std::int64_t next = month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, month + 1, 1);
  if (start + day > next) return std::nullopt;
  return (start + day - 1) * kDay + hour * 3600 + minute * 60 + second;
}

std::string nearest_time_zone(std::string_view name) {
  std::vector<std::string_view> all;
  for (const TimeZoneRule& rule : kTimeZoneRules) {
    for (std::size_t at = 0; at <= rule.zones.size();) {
      const std::size_t end = std::min(rule.zones.find(' ', at), rule.zones.size());
      all.push_back(rule.zones.substr(at, end - at));
      at = end + 1;
    }
  }
  return nearest(name, all);
}

}  // namespace plimsoll
