#include "models/kubernetes/keda/cron_trigger.h"

#include <doctest/doctest.h>

namespace plimsoll::kubernetes {
namespace {

CronSchedule cron(const char* text) { return *CronSchedule::parse(text, KubernetesVersion::current).value; }
std::int64_t utc(const char* text) { return *parse_instant(text); }

TEST_CASE("a trigger is active from its start to its end on the clock of its zone") {
  const CronTrigger t{cron("0 8 * * 1-5"), cron("0 18 * * 1-5"), *TimeZone::find("Europe/Berlin"), 10};
  // Monday 5 January 2026, Berlin is an hour ahead.
  CHECK_FALSE(t.active(utc("2026-01-05T06:59:59")));
  CHECK(t.active(utc("2026-01-05T07:00:00")));
  CHECK(t.active(utc("2026-01-05T16:59:59")));
  CHECK_FALSE(t.active(utc("2026-01-05T17:00:00")));
  CHECK_FALSE(t.active(utc("2026-01-10T12:00:00")));  // Saturday
  CHECK(t.value(utc("2026-01-05T12:00")) == 10);
  CHECK(t.value(utc("2026-01-05T20:00")) == 1);
}

TEST_CASE("a window may span midnight") {
  const CronTrigger t{cron("0 22 * * *"), cron("0 4 * * *"), {}, 3};
  CHECK(t.active(utc("2026-01-05T23:00")));
  CHECK(t.active(utc("2026-01-06T03:00")));
  CHECK_FALSE(t.active(utc("2026-01-06T12:00")));
}

TEST_CASE("the next start skips times that the clock skips") {
  const TimeZone berlin = *TimeZone::find("Europe/Berlin");
  const CronSchedule at = cron("30 2 * * *");
  CHECK(next_in_zone(at, berlin, utc("2026-03-28T12:00")) == utc("2026-03-30T00:30"));
  CHECK(next_in_zone(at, berlin, utc("2026-10-24T12:00")) == utc("2026-10-25T00:30"));
  CHECK(next_in_zone(at, {}, utc("2026-01-05T02:30")) == utc("2026-01-06T02:30"));
  CHECK_FALSE(next_in_zone(cron("0 0 30 2 *"), {}, utc("2026-01-05")).has_value());
}

}  // namespace
}  // namespace plimsoll::kubernetes
