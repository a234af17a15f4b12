#include "sim/core/time_zone.h"

#include <doctest/doctest.h>

namespace plimsoll {
namespace {

std::int64_t utc(const char* text) { return *parse_instant(text); }
std::int64_t offset(const char* zone, const char* text) { return TimeZone::find(zone)->offset_at(utc(text)); }

TEST_CASE("instants are read to the second") {
  CHECK(utc("1970-01-01") == 0);
  CHECK(utc("1970-01-02T00:00Z") == 86'400);
  CHECK(utc("2026-01-05T00:00:00Z") == 1'767'571'200);
  CHECK(utc("2024-02-29T12:30:15") == 1'709'209'815);
  for (const char* bad : {"", "2026", "2026-13-01", "2026-02-29", "2026-01-05 00:00", "2026-01-05T24:00", "x026-01-05"})
    CHECK_FALSE(parse_instant(bad).has_value());
}

TEST_CASE("zones have their summer") {
  CHECK(offset("UTC", "2026-07-01") == 0);
  CHECK(offset("Asia/Kolkata", "2026-07-01") == 19'800);
  CHECK(offset("Asia/Kathmandu", "2026-07-01") == 20'700);
  CHECK(offset("Europe/Berlin", "2026-01-15") == 3'600);
  CHECK(offset("Europe/Berlin", "2026-07-15") == 7'200);
  // From the last Sunday of March (29th) to that of October (25th), 1:00 UTC both.
  CHECK(offset("Europe/Berlin", "2026-03-29T00:59:59") == 3'600);
  CHECK(offset("Europe/Berlin", "2026-03-29T01:00:00") == 7'200);
  CHECK(offset("Europe/Berlin", "2026-10-25T00:59:59") == 7'200);
  CHECK(offset("Europe/Berlin", "2026-10-25T01:00:00") == 3'600);
  // Second Sunday of March (8th), 2:00 on the clock: 7:00 UTC.
  CHECK(offset("America/New_York", "2026-03-08T06:59:59") == -18'000);
  CHECK(offset("America/New_York", "2026-03-08T07:00:00") == -14'400);
  // The southern summer spans the new year.
  CHECK(offset("Australia/Sydney", "2026-01-01") == 39'600);
  CHECK(offset("Australia/Sydney", "2026-07-01") == 36'000);
  CHECK(offset("Australia/Lord_Howe", "2026-01-01") == 39'600);
  CHECK(offset("Australia/Lord_Howe", "2026-07-01") == 37'800);
}

TEST_CASE("a skipped time does not exist, of a doubled one the first counts") {
  const TimeZone berlin = *TimeZone::find("Europe/Berlin");
  CHECK_FALSE(berlin.to_utc(utc("2026-03-29T02:30")).has_value());
  CHECK(berlin.to_utc(utc("2026-03-29T03:00")) == utc("2026-03-29T01:00"));
  CHECK(berlin.to_utc(utc("2026-10-25T02:30")) == utc("2026-10-25T00:30"));
  CHECK(berlin.to_utc(utc("2026-10-25T03:30")) == utc("2026-10-25T02:30"));
}

TEST_CASE("the clock and back again is the same instant, unless the clock shows it twice") {
  for (const char* name : {"UTC", "Europe/London", "America/Los_Angeles", "Pacific/Auckland", "America/St_Johns"}) {
    const TimeZone zone = *TimeZone::find(name);
    for (std::int64_t t = utc("2026-01-01"); t < utc("2027-01-01"); t += 5'400) {
      const auto back = zone.to_utc(zone.to_local(t));
      REQUIRE(back.has_value());
      CHECK((*back == t || (*back == t - 3'600 && zone.to_local(*back) == zone.to_local(t))));
    }
  }
}

TEST_CASE("unknown zones have a nearest name") {
  CHECK_FALSE(TimeZone::find("Europe/Berln").has_value());
  CHECK_FALSE(TimeZone::find("").has_value());
  CHECK(nearest_time_zone("Europe/Berln") == "Europe/Berlin");
}

}  // namespace
}  // namespace plimsoll
