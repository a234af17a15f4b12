#include "models/aws/eventbridge/schedule.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/aws/data/pack.h"

namespace plimsoll::aws {
namespace {

constexpr std::int32_t kFirstYear = 1970, kLastYear = 2199;

std::int64_t days_from_civil(std::int32_t year, std::int32_t month, std::int32_t day) {
  // Years from March, so that the leap day is the last one (Gregorian rule).
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

std::optional<std::int32_t> number(std::string_view text) {
  std::int64_t v = 0;
  if (text.empty() || text.size() > 4 || !data::parse_fixed(text, 0, v) || v < 0 || text[0] == '-') return std::nullopt;
  return static_cast<std::int32_t>(v);
}

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t at = text.find(by);
    out.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

/// One field of a cron expression: its range, its names and what went wrong.
class Field {
 public:
  constexpr Field(std::string_view name, std::int32_t low, std::int32_t high, std::string_view names = {})
      : name_(name), low_(low), high_(high), names_(names) {}

  /// A number or a three-letter name within the range.
  std::optional<std::int32_t> value(std::string_view text, std::string& error) const {
    auto v = number(text);
    if (!v && text.size() == 3 && !names_.empty()) {
      std::string upper;
      for (const char c : text) upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      for (std::size_t i = 0; i * 4 < names_.size(); ++i) {
        if (names_.substr(i * 4, 3) == upper) v = low_ + static_cast<std::int32_t>(i);
      }
    }
    if (!v) {
      error = std::string(name_) + " \"" + std::string(text) + "\" is not a value";
    } else if (*v < low_ || *v > high_) {
      error = std::string(name_) + " out of range";
      return std::nullopt;
    }
    return v;
  }

  /// Sets the values of a list of numbers, ranges and steps. `set(v)` for each.
  template <class Set>
  bool list(std::string_view text, std::string& error, Set set) const {
    for (std::string_view item : split(text, ',')) {
      std::int32_t step = 1;
      const std::size_t slash = item.find('/');
      const bool stepped = slash != std::string_view::npos;
      if (stepped) {
        const auto s = number(item.substr(slash + 1));
        if (!s || *s < 1) {
          error = std::string(name_) + " has a step that is not a positive number";
          return false;
        }
        step = *s;
        item = item.substr(0, slash);
      }
      std::int32_t from = low_, to = high_;
      if (item != "*") {
        const std::size_t dash = item.find('-');
        const auto first = value(item.substr(0, dash), error);
        if (!first) return false;
        from = *first;
        if (dash != std::string_view::npos) {
          const auto last = value(item.substr(dash + 1), error);
          if (!last) return false;
          to = *last;
        } else {
          to = stepped ? high_ : from;
        }
      }
      // A range that ends before it starts goes on from the low end of the field.
      const std::int32_t size = high_ - low_ + 1;
      const std::int32_t length = to >= from ? to - from : to - from + size;
      for (std::int32_t i = 0; i <= length; i += step) set(low_ + (from - low_ + i) % size);
    }
    return true;
  }

 private:
  std::string_view name_;
  std::int32_t low_, high_;
  std::string_view names_;
};

constexpr Field kMinutes("minute", 0, 59);
constexpr Field kHours("hour", 0, 23);
constexpr Field kDays("day of month", 1, 31);
constexpr Field kMonths("month", 1, 12, "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC ");
constexpr Field kWeekdays("day of week", 1, 7, "SUN MON TUE WED THU FRI SAT ");
constexpr Field kYears("year", kFirstYear, kLastYear);

bool parse_days(std::string_view text, CronSchedule& cron, std::string& error) {
  if (text == "L") {
    cron.last_day = true;
    return true;
  }
  if (text.ends_with("W")) {
    const auto day = kDays.value(text.substr(0, text.size() - 1), error);
    if (!day) return false;
    cron.nearest_weekday_to = *day;
    return true;
  }
  return kDays.list(text, error, [&](std::int32_t d) { cron.days.set(static_cast<std::size_t>(d)); });
}

bool parse_weekdays(std::string_view text, CronSchedule& cron, std::string& error) {
  const auto hashes = std::count(text.begin(), text.end(), '#');
  if (hashes > 1) {
    error = "two # expressions";
    return false;
  }
  if (hashes == 1) {
    const std::size_t at = text.find('#');
    const auto day = kWeekdays.value(text.substr(0, at), error);
    const auto nth = number(text.substr(at + 1));
    if (!day) return false;
    if (!nth || *nth < 1 || *nth > 5) {
      error = "the number after # must be from 1 to 5";
      return false;
    }
    cron.nth_weekday = *day;
    cron.nth = *nth;
    return true;
  }
  if (text == "L") {
    cron.weekdays.set(7);
    return true;
  }
  if (text.ends_with("L") && text.find(',') == std::string_view::npos) {
    const auto day = kWeekdays.value(text.substr(0, text.size() - 1), error);
    if (!day) return false;
    cron.last_weekday = *day;
    return true;
  }
  return kWeekdays.list(text, error, [&](std::int32_t d) { cron.weekdays.set(static_cast<std::size_t>(d)); });
}

ParsedSchedule parse_cron(std::string_view inside) {
  std::vector<std::string_view> fields;
  for (const std::string_view f : split(inside, ' ')) {
    if (!f.empty()) fields.push_back(f);
  }
  if (fields.size() != 6) return {std::nullopt, "six fields required", 0};
  const bool no_day = fields[2] == "?", no_weekday = fields[4] == "?";
  if (no_day && no_weekday)
    return {std::nullopt, "? in both day fields", static_cast<std::size_t>(fields[4].data() - inside.data())};
  if (!no_day && !no_weekday)
    return {std::nullopt, "? required in one day field", static_cast<std::size_t>(fields[2].data() - inside.data())};
  CronSchedule cron;
  cron.by_weekday = no_day;
  std::string error;
  const auto bit = [](auto& set) { return [&set](std::int32_t v) { set.set(static_cast<std::size_t>(v)); }; };
  const auto years = [&](std::int32_t y) { cron.years.set(static_cast<std::size_t>(y - kFirstYear)); };
  std::size_t at = 0;  // the field that is read
  const auto field = [&](std::size_t index) {
    at = static_cast<std::size_t>(fields[index].data() - inside.data());
    return fields[index];
  };
  const bool good = kMinutes.list(field(0), error, bit(cron.minutes)) &&
                    kHours.list(field(1), error, bit(cron.hours)) && (no_day || parse_days(field(2), cron, error)) &&
                    kMonths.list(field(3), error, bit(cron.months)) &&
                    (no_weekday || parse_weekdays(field(4), cron, error)) && kYears.list(field(5), error, years);
  if (!good) return {std::nullopt, error, at};
  return {cron, {}, 0};
}

ParsedSchedule parse_rate(std::string_view inside) {
  const std::size_t space = inside.find(' ');
  if (space == std::string_view::npos) return {std::nullopt, "a value and a unit required", 0};
  std::int64_t value = 0;
  const std::string_view digits = inside.substr(0, space), unit = inside.substr(space + 1);
  if (!data::parse_fixed(digits, 0, value) || digits.find('.') != std::string_view::npos) {
    return {std::nullopt, "value must be a whole number", 0};
  }
  if (value <= 0) return {std::nullopt, "value must be positive", 0};
  struct Unit {
    std::string_view singular, plural;
    std::int64_t in_minutes;
  };
  constexpr Unit kUnits[] = {{"minute", "minutes", 1}, {"hour", "hours", 60}, {"day", "days", 24 * 60}};
  for (const Unit& u : kUnits) {
    if (unit == u.singular || unit == u.plural) {
      if (value == 1 && unit == u.plural) return {std::nullopt, "singular unit required", 0};
      if (value != 1 && unit == u.singular) return {std::nullopt, "plural unit required", 0};
      if (value > 1'000'000'000 / u.in_minutes) return {std::nullopt, "value too large", 0};
      return {RateSchedule{minutes(value * u.in_minutes)}, {}, 0};
    }
  }
  return {std::nullopt, "unit must be minute, hour or day", 0};
}

/// The day of month that a cron without a weekday rule runs on, or 0 for "see the set".
bool day_matches(const CronSchedule& c, std::int32_t year, std::int32_t month, std::int32_t day) {
  const std::int32_t last = days_in_month(year, month);
  const std::int32_t weekday = weekday_of(year, month, day);
  if (!c.by_weekday) {
    if (c.last_day) return day == last;
    if (c.nearest_weekday_to == 0) return c.days.test(static_cast<std::size_t>(day));
    const std::int32_t wanted = c.nearest_weekday_to;
    if (wanted > last) return false;
    const std::int32_t of_wanted = weekday_of(year, month, wanted);
    std::int32_t nearest = wanted;
    if (of_wanted == 7) nearest = wanted == 1 ? 3 : wanted - 1;
    if (of_wanted == 1) nearest = wanted == last ? wanted - 2 : wanted + 1;
    return day == nearest;
  }
  if (c.last_weekday != 0) return weekday == c.last_weekday && day + 7 > last;
  if (c.nth != 0) return weekday == c.nth_weekday && (day - 1) / 7 + 1 == c.nth;
  return c.weekdays.test(static_cast<std::size_t>(weekday));
}

}  // namespace

std::int32_t days_in_month(std::int32_t year, std::int32_t month) {
  constexpr std::int32_t kDaysOf[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return kDaysOf[month - 1] + (leap && month == 2 ? 1 : 0);
}

std::int32_t weekday_of(std::int32_t year, std::int32_t month, std::int32_t day) {
  // 1970-01-01 was a Thursday, 5 in this numbering.
  const std::int64_t d = (days_from_civil(year, month, day) + 4) % 7;
  return static_cast<std::int32_t>((d + 7) % 7) + 1;
}

EpochSeconds from_civil(const CivilTime& t) {
  return days_from_civil(t.year, t.month, t.day) * 86400 + t.hour * 3600 + t.minute * 60 + t.second;
}

CivilTime to_civil(EpochSeconds t) {
  std::int64_t days = t / 86400, of_day = t % 86400;
  if (of_day < 0) {
    of_day += 86400;
    --days;
  }
  const std::int64_t z = days + 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
  const std::int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  CivilTime c;
  c.day = static_cast<std::int32_t>(doy - (153 * mp + 2) / 5 + 1);
  c.month = static_cast<std::int32_t>(mp < 10 ? mp + 3 : mp - 9);
  c.year = static_cast<std::int32_t>(yoe + era * 400 + (c.month <= 2 ? 1 : 0));
  c.hour = static_cast<std::int32_t>(of_day / 3600);
  c.minute = static_cast<std::int32_t>(of_day / 60 % 60);
  c.second = static_cast<std::int32_t>(of_day % 60);
  return c;
}

std::optional<EpochSeconds> CronSchedule::next(EpochSeconds after) const {
  CivilTime t = to_civil(after - ((after % 60) + 60) % 60 + 60);
  t.second = 0;
  for (; t.year <= kLastYear; ++t.year, t.month = 1, t.day = 1, t.hour = 0, t.minute = 0) {
    if (t.year < kFirstYear || !years.test(static_cast<std::size_t>(t.year - kFirstYear))) continue;
    for (; t.month <= 12; ++t.month, t.day = 1, t.hour = 0, t.minute = 0) {
      if (!months.test(static_cast<std::size_t>(t.month))) continue;
      for (; t.day <= days_in_month(t.year, t.month); ++t.day, t.hour = 0, t.minute = 0) {
        if (!day_matches(*this, t.year, t.month, t.day)) continue;
        for (; t.hour < 24; ++t.hour, t.minute = 0) {
          if (!hours.test(static_cast<std::size_t>(t.hour))) continue;
          for (; t.minute < 60; ++t.minute) {
            if (minutes.test(static_cast<std::size_t>(t.minute))) return from_civil(t);
          }
        }
      }
    }
  }
  return std::nullopt;
}

ParsedSchedule parse_schedule(std::string_view expression) {
  const std::size_t open = expression.find('(');
  if (open == std::string_view::npos || !expression.ends_with(")")) {
    return {std::nullopt, "cron(...), rate(...) or at(...) required", 0};
  }
  const std::string_view kind = expression.substr(0, open);
  const std::string_view inside = expression.substr(open + 1, expression.size() - open - 2);
  if (kind == "cron" || kind == "rate") {
    ParsedSchedule parsed = kind == "cron" ? parse_cron(inside) : parse_rate(inside);
    if (!parsed.schedule) parsed.position += open + 1;
    return parsed;
  }
  if (kind == "at") {
    std::int64_t when = 0;
    if (!data::parse_instant(std::string(inside) + "Z", when))
      return {std::nullopt, "at(yyyy-mm-ddThh:mm:ss) required", 0};
    const CivilTime t = to_civil(when);
    const std::string there_is =
        fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", t.year, t.month, t.day, t.hour, t.minute, t.second);
    if (inside != there_is) {
      // 2026-02-30 and 24:00:00 read as a day later.
      const bool no_day = inside.substr(0, 10) != std::string_view(there_is).substr(0, 10);
      return {std::nullopt,
              std::string("at(yyyy-mm-ddThh:mm:ss) required: ") + (no_day ? "no such day" : "no such time"), open + 1};
    }
    return {AtSchedule{when}, {}, 0};
  }
  return {std::nullopt, "cron(...), rate(...) or at(...) required", 0};
}

std::optional<EpochSeconds> next_occurrence(const Schedule& schedule, EpochSeconds created, EpochSeconds after,
                                            const TimeZone& zone) {
  if (const auto* rate = std::get_if<RateSchedule>(&schedule)) {
    const std::int64_t period = to_microseconds(rate->period) / 1'000'000;
    if (after < created) return created + period;
    return created + ((after - created) / period + 1) * period;
  }
  if (const auto* at = std::get_if<AtSchedule>(&schedule)) {
    const auto when = zone.to_utc(at->when);
    return when && *when > after ? when : std::nullopt;
  }
  const auto& cron = std::get<CronSchedule>(schedule);
  // Where the clock goes back it shows some times twice: look from before the first of them.
  constexpr EpochSeconds kOverlap = 3 * 3600;
  for (EpochSeconds local = zone.to_local(after) - kOverlap;;) {
    const auto next = cron.next(local);
    if (!next) return std::nullopt;
    const auto utc = zone.to_utc(*next);
    if (utc && *utc > after) return utc;
    local = *next;
  }
}

ParsedSchedule schedule_of_crontab(std::string_view crontab) {
  std::vector<std::string> fields;
  for (std::size_t at = 0; at < crontab.size();) {
    const std::size_t end = std::min(crontab.find(' ', at), crontab.size());
    if (end > at) fields.emplace_back(crontab.substr(at, end - at));
    at = end + 1;
  }
  if (fields.size() != 5) return {std::nullopt, "five fields required: minute hour day-of-month month day-of-week", 0};
  std::string& weekday = fields[4];
  if (fields[2] != "*" && weekday != "*") return {std::nullopt, "give days of the month or of the week, not both", 0};
  if (weekday == "*") {
    weekday = "?";
  } else {
    fields[2] = "?";
    // 0 or 7 is Sunday there, 1 here.
    std::string shifted;
    bool step = false;  // what follows a / is no day
    for (const char c : weekday) {
      step = c == '/' || (step && c != ',');
      if (c >= '0' && c <= '7' && !step) {
        shifted += static_cast<char>(c == '7' ? '1' : c + 1);
      } else {
        shifted += c;
      }
    }
    weekday = shifted;
  }
  return parse_schedule("cron(" + fields[0] + " " + fields[1] + " " + fields[2] + " " + fields[3] + " " + weekday +
                        " *)");
}

}  // namespace plimsoll::aws
