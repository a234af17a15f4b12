#include "models/aws/eventbridge/schedule.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::aws;

namespace {

CronSchedule cron(const char* text) {
  const ParsedSchedule p = parse_schedule(text);
  REQUIRE_MESSAGE(p.schedule.has_value(), text << ": " << p.error);
  return std::get<CronSchedule>(*p.schedule);
}
EpochSeconds at(std::int32_t y, std::int32_t mo, std::int32_t d, std::int32_t h = 0, std::int32_t mi = 0) {
  return from_civil({y, mo, d, h, mi, 0});
}

}  // namespace

TEST_CASE("civil time goes there and back, and weekdays advance by one") {
  std::int32_t weekday = weekday_of(1970, 1, 1);
  CHECK(weekday == 5);
  for (EpochSeconds day = 0; day < 84'000; ++day) {
    const CivilTime c = to_civil(day * 86'400 + 3'661);
    REQUIRE(from_civil(c) == day * 86'400 + 3'661);
    REQUIRE(weekday_of(c.year, c.month, c.day) == weekday);
    weekday = weekday % 7 + 1;
  }
  CHECK(to_civil(-1).year == 1969);
  CHECK(to_civil(at(2024, 2, 29)).day == 29);
}

TEST_CASE("the next run equals a scan minute by minute") {
  const char* expressions[] = {"cron(0/15 * * * ? *)",    "cron(5 20-2 ? * MON-FRI *)", "cron(30 6 1,15 * ? *)",
                               "cron(0 0 L * ? *)",       "cron(0 12 ? * 6L *)",        "cron(0 9 ? * 3#2 *)",
                               "cron(10/20 8 15W * ? *)", "cron(0 3 1W * ? *)",         "cron(59 23 31W * ? *)",
                               "cron(0 0 ? JAN,MAR L *)", "cron(7 1/5 ? * 2,4 2026)"};
  for (const char* text : expressions) {
    CAPTURE(text);
    const CronSchedule c = cron(text);
    EpochSeconds t = at(2026, 1, 1);
    const EpochSeconds end = at(2026, 2, 8);
    std::vector<EpochSeconds> runs;
    for (auto next = c.next(t); next && *next < end; next = c.next(*next)) runs.push_back(*next);
    REQUIRE_FALSE(runs.empty());
    // A minute matches when it is the next one after the second before it.
    std::size_t seen = 0;
    for (EpochSeconds m = t + 60; m < end; m += 60) {
      const bool hit = c.next(m - 1) == m;
      if (hit) {
        REQUIRE(seen < runs.size());
        REQUIRE(runs[seen] == m);
        ++seen;
      }
    }
    CHECK(seen == runs.size());
  }
}

TEST_CASE("special days are read as the guide reads them") {
  CHECK(cron("cron(0 9 ? * 3#2 *)").next(at(2026, 3, 1)) == at(2026, 3, 10, 9));
  CHECK(cron("cron(15 10 ? * 6L 2019-2022)").next(at(2022, 10, 1)) == at(2022, 10, 28, 10, 15));
  CHECK_FALSE(cron("cron(15 10 ? * 6L 2019-2022)").next(at(2022, 12, 30, 10, 15)).has_value());
  // 2026-08-01 is a Saturday, so its nearest weekday within the month is Monday the 3rd; 2026-05-31 is a Sunday.
  CHECK(cron("cron(0 0 1W * ? *)").next(at(2026, 7, 31, 12)) == at(2026, 8, 3));
  CHECK(cron("cron(0 0 31W * ? *)").next(at(2026, 5, 2)) == at(2026, 5, 29));
  CHECK(cron("cron(0 6 ? * 1 *)").next(at(2026, 3, 2)) == at(2026, 3, 8, 6));
  CHECK(cron("cron(1/10 * * * ? *)").next(at(2026, 3, 2, 0, 1)) == at(2026, 3, 2, 0, 11));
}

TEST_CASE("rates take a singular unit for one and a plural one else") {
  const auto period = [](const char* text) {
    const ParsedSchedule p = parse_schedule(text);
    return p.schedule ? std::get<RateSchedule>(*p.schedule).period : Duration{-1};
  };
  CHECK(period("rate(1 minute)") == minutes(1));
  CHECK(period("rate(5 hours)") == hours(5));
  CHECK(period("rate(2 days)") == hours(48));
  for (const char* bad : {"rate(1 hours)", "rate(5 hour)", "rate(0 minutes)", "rate(-1 minutes)", "rate(1.5 hours)",
                          "rate(5)", "rate(5 weeks)"}) {
    CAPTURE(bad);
    CHECK(period(bad) == Duration{-1});
  }
}

TEST_CASE("what EventBridge refuses is refused") {
  for (const char* bad : {"cron(0 10 * * * *)", "cron(0 10 ? * ? *)", "cron(60 10 * * ? *)", "cron(0 24 * * ? *)",
                          "cron(0 10 32 * ? *)", "cron(0 10 ? * 8 *)", "cron(0 10 ? * 3#1,6#3 *)",
                          "cron(0 10 ? * 3#6 *)", "cron(0 10 * * ?)", "cron(x 10 * * ? *)", "cron(0/0 10 * * ? *)",
                          "cron(0 10 * FOO ? *)", "cron(0 10 * * ? 1969)", "0 10 * * ? *", "at(tomorrow)", ""}) {
    CAPTURE(bad);
    const ParsedSchedule p = parse_schedule(bad);
    CHECK_FALSE(p.schedule.has_value());
    CHECK_FALSE(p.error.empty());
  }
  CHECK(std::get<AtSchedule>(*parse_schedule("at(2026-03-02T10:00:00)").schedule).when == at(2026, 3, 2, 10));
}

TEST_CASE("the next occurrence on the clock of a zone") {
  const TimeZone utc, berlin = *TimeZone::find("Europe/Berlin");
  const Schedule daily = cron("cron(30 2 * * ? *)");
  CHECK(next_occurrence(daily, 0, at(2026, 1, 5), utc) == at(2026, 1, 5, 2, 30));
  CHECK(next_occurrence(daily, 0, at(2026, 1, 5, 2, 30), utc) == at(2026, 1, 6, 2, 30));
  CHECK(next_occurrence(daily, 0, at(2026, 1, 5), berlin) == at(2026, 1, 5, 1, 30));
  // 2:30 is skipped on 29 March and shown twice on 25 October.
  CHECK(next_occurrence(daily, 0, at(2026, 3, 28, 12), berlin) == at(2026, 3, 30, 0, 30));
  CHECK(next_occurrence(daily, 0, at(2026, 10, 24, 12), berlin) == at(2026, 10, 25, 0, 30));
  CHECK(next_occurrence(daily, 0, at(2026, 10, 25, 0, 30), berlin) == at(2026, 10, 26, 1, 30));
  const Schedule rate = RateSchedule{minutes(5)};
  CHECK(next_occurrence(rate, 1000, 0, utc) == 1300);
  CHECK(next_occurrence(rate, 1000, 1300, utc) == 1600);
  CHECK(next_occurrence(rate, 1000, 1301, utc) == 1600);
  const Schedule once = AtSchedule{at(2026, 7, 1, 12)};
  CHECK(next_occurrence(once, 0, at(2026, 1, 1), utc) == at(2026, 7, 1, 12));
  CHECK(next_occurrence(once, 0, at(2026, 1, 1), berlin) == at(2026, 7, 1, 10));
  CHECK_FALSE(next_occurrence(once, 0, at(2026, 7, 1, 12), utc).has_value());
}

TEST_CASE("a crontab line in the other dialect") {
  const auto next = [](const char* text, EpochSeconds after) {
    const ParsedSchedule p = schedule_of_crontab(text);
    REQUIRE_MESSAGE(p.schedule.has_value(), text << ": " << p.error);
    return std::get<CronSchedule>(*p.schedule).next(after);
  };
  // 5 January 2026 is a Monday.
  CHECK(next("0 8 * * 1-5", at(2026, 1, 5, 9)) == at(2026, 1, 6, 8));
  CHECK(next("0 8 * * 1-5", at(2026, 1, 9, 9)) == at(2026, 1, 12, 8));
  CHECK(next("30 6 * * 0", at(2026, 1, 5)) == at(2026, 1, 11, 6, 30));
  CHECK(next("30 6 * * 7", at(2026, 1, 5)) == at(2026, 1, 11, 6, 30));
  CHECK(next("0 0 1 * *", at(2026, 1, 5)) == at(2026, 2, 1));
  CHECK(next("*/20 * * * *", at(2026, 1, 5, 0, 1)) == at(2026, 1, 5, 0, 20));
  CHECK(schedule_of_crontab("0 8 1 * 1").error == "give days of the month or of the week, not both");
  CHECK_FALSE(schedule_of_crontab("0 8 * *").schedule.has_value());
  CHECK_FALSE(schedule_of_crontab("0 25 * * *").schedule.has_value());
}

TEST_CASE("at() wants a date that the calendar has") {
  CHECK(parse_schedule("at(2024-02-29T10:00:00)").schedule.has_value());
  CHECK(parse_schedule("at(2026-12-31T23:59:59)").schedule.has_value());
  for (const char* wrong : {"at(2026-02-30T10:00:00)", "at(2026-02-29T10:00:00)", "at(2026-04-31T00:00:00)"}) {
    const ParsedSchedule p = parse_schedule(wrong);
    CHECK_FALSE(p.schedule.has_value());
    CHECK(p.error.find("no such day") != std::string::npos);
    CHECK(p.position == 3);
  }
  CHECK(parse_schedule("at(2026-02-28T10:00:60)").error.find("no such time") != std::string::npos);
  CHECK_FALSE(parse_schedule("at(2026-02-28)").schedule.has_value());
}
