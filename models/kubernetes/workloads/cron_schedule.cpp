#include "models/kubernetes/workloads/cron_schedule.h"

#include <array>
#include <charconv>
#include <chrono>
#include <vector>

namespace plimsoll::kubernetes {

namespace {

struct Field {
  std::uint64_t bits = 0;
  bool star = false;
};

/// What a Go duration is written with (h, m, s, ms, us, ns): it knows no days.
constexpr std::string_view kGoDuration = "0123456789.hmsun\u00b5\u03bc";
constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t at = text.find(by);
    out.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

std::optional<int> number(std::string_view text, int low, int high) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size() && !text.empty()) return value;
  std::string lower;
  for (const char c : text) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (high == 12) {
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
      if (kMonths[i] == lower) return static_cast<int>(i) + 1;
    }
  }
  if (low == 0 && high == 6) {
    for (std::size_t i = 0; i < kWeekdays.size(); ++i) {
      if (kWeekdays[i] == lower) return static_cast<int>(i);
    }
  }
  return std::nullopt;
}

std::optional<Field> parse_field(std::string_view text, int low, int high, KubernetesVersion version) {
  Field field;
  for (const std::string_view part : split(text, ',')) {
    if (part.empty()) continue;  // the real parser leaves out what stands between two commas
    const auto range_and_step = split(part, '/');
    const auto ends = split(range_and_step[0], '-');
    if (range_and_step.size() > 2 || ends.size() > 2) return std::nullopt;
    int first = low, last = high, step = 1;
    bool star = false;
    if (ends[0] == "*" || ends[0] == "?") {
      star = true;  // an end after it ("*-5") is not read
    } else {
      const auto a = number(ends[0], low, high);
      if (!a) return std::nullopt;
      first = last = *a;
      if (ends.size() == 2) {
        const auto b = number(ends[1], low, high);
        if (!b) return std::nullopt;
        last = *b;
      }
    }
    if (range_and_step.size() == 2) {
      const auto s = number(range_and_step[1], 1, 1000);
      if (!s || *s <= 0) return std::nullopt;
      step = *s;
      if (!star && ends.size() == 1) last = high;
      if (step > 1 && version != KubernetesVersion::v1_20) star = false;
    }
    if (first < low || last > high || first > last) return std::nullopt;
    for (int i = first; i <= last; i += step) field.bits |= std::uint64_t{1} << i;
    field.star = field.star || star;
  }
  return field;
}

}  // namespace

Parsed<CronSchedule> CronSchedule::parse(std::string_view text, KubernetesVersion version) {
  const auto fail = [&](const char* why) {
    return Parsed<CronSchedule>{{}, "schedule \"" + std::string(text) + "\": " + why};
  };
  CronSchedule out;
  std::string_view body = text;
  if (!body.empty() && body[0] == '@') {
    if (body.starts_with("@every ")) {
      const auto every = parse_duration(body.substr(7));
      if (!every || body.find_first_not_of(kGoDuration, 7) != std::string_view::npos)
        return fail("not a duration after @every");
      out.every_ = std::max<std::int64_t>(1, *every.value / seconds(1));
      return {out, ""};
    }
    static constexpr std::pair<std::string_view, std::string_view> kMacros[] = {
        {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"}, {"@weekly", "0 0 * * 0"},
        {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@hourly", "0 * * * *"}};
    std::string_view found;
    for (const auto& [name, fields] : kMacros) {
      if (body == name) found = fields;
    }
    if (found.empty()) return fail("unknown macro");
    body = found;
  }
  std::vector<std::string_view> fields;
  for (const std::string_view line : split(body, '\t')) {
    for (const std::string_view field : split(line, ' ')) {
      if (!field.empty()) fields.push_back(field);
    }
  }
  if (fields.size() != 5) return fail("expected five fields: minute hour day-of-month month day-of-week");
  const auto minute = parse_field(fields[0], 0, 59, version), hour = parse_field(fields[1], 0, 23, version),
             day = parse_field(fields[2], 1, 31, version), month = parse_field(fields[3], 1, 12, version),
             weekday = parse_field(fields[4], 0, 6, version);
  if (!minute) return fail("bad minute (0-59)");
  if (!hour) return fail("bad hour (0-23)");
  if (!day) return fail("bad day of month (1-31)");
  if (!month) return fail("bad month (1-12 or names)");
  if (!weekday) return fail("bad day of week (0-6 or names)");
  out.minutes_ = minute->bits;
  out.hours_ = hour->bits;
  out.days_ = day->bits;
  out.months_ = month->bits;
  out.weekdays_ = weekday->bits;
  out.day_star_ = day->star;
  out.weekday_star_ = weekday->star;
  return {out, ""};
}

bool CronSchedule::day_matches(std::int64_t days) const {
  const std::chrono::sys_days date{std::chrono::days{days}};
  const std::chrono::year_month_day ymd{date};
  if ((months_ >> static_cast<unsigned>(ymd.month()) & 1u) == 0) return false;
  const bool day = (days_ >> static_cast<unsigned>(ymd.day()) & 1u) != 0;
  const bool weekday = (weekdays_ >> std::chrono::weekday{date}.c_encoding() & 1u) != 0;
  return day_star_ || weekday_star_ ? day && weekday : day || weekday;
}

std::optional<std::int64_t> CronSchedule::next(std::int64_t after) const {
  if (every_ > 0) return after + every_;
  constexpr std::int64_t kDay = 86'400;
  const std::int64_t first = div_floor(after, 60) * 60 + 60;  // the next whole minute
  const std::int64_t first_day = div_floor(first, kDay);
  // Years are counted from that of the next second.
  const auto first_date =
      std::chrono::year_month_day{std::chrono::sys_days{std::chrono::days{div_floor(after + 1, kDay)}}};
  for (std::int64_t day = first_day;; ++day) {
    const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
    if (static_cast<int>(date.year()) > static_cast<int>(first_date.year()) + 5) return std::nullopt;
    if (!day_matches(day)) continue;
    for (std::int64_t minute = day == first_day ? (first - day * kDay) / 60 : 0; minute < 1'440; ++minute) {
      if ((hours_ >> (minute / 60) & 1u) != 0 && (minutes_ >> (minute % 60) & 1u) != 0) return day * kDay + minute * 60;
    }
  }
}

}  // namespace plimsoll::kubernetes
