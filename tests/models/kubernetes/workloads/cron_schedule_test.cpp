#include "models/kubernetes/workloads/cron_schedule.h"

#include <doctest/doctest.h>

#include <chrono>

namespace plimsoll::kubernetes {
namespace {

std::int64_t next(const char* text, std::int64_t after, KubernetesVersion version = KubernetesVersion::current) {
  const auto s = CronSchedule::parse(text, version);
  REQUIRE(s);
  return s.value->next(after).value_or(-1);
}

TEST_CASE("starts lie strictly after the instant asked") {
  CHECK(next("* * * * *", 0) == 60);
  CHECK(next("* * * * *", 59) == 60);
  CHECK(next("0 0 * * *", 0) == 86'400);
  CHECK(next("30 6 29 2 *", 0) == 68'193'000);  // 29 Feb 1972 06:30: 789 days and 6.5 h
  CHECK(next("0 0 1 1 *", 0) == 365 * 86'400);
  CHECK(next("@every 1h30m", 7) == 5'407);
  CHECK(next("0 0 30 2 *", 0) == -1);
}

TEST_CASE("restricting both kinds of day asks for one of them, a star for both") {
  // 1 January 1970 was a Thursday; the 13th a Tuesday; Friday the 2nd.
  CHECK(next("0 0 13 * 5", 0) == 1 * 86'400);
  CHECK(next("0 0 13 * *", 0) == 12 * 86'400);
  // "*/2" is the odd days. In 1.20 it is a star: odd and Friday (the 9th); later one of them is enough (the 2nd).
  CHECK(next("0 0 */2 * 5", 0, KubernetesVersion::v1_20) == 8 * 86'400);
  CHECK(next("0 0 */2 * 5", 0) == 1 * 86'400);
}

TEST_CASE("hits of budgets and jobs over weekends, months and leap days") {
  const auto at = [](int year, unsigned month, unsigned day, int hour = 0, int minute = 0) {
    const std::chrono::sys_days date = std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day);
    return std::int64_t{date.time_since_epoch().count()} * 86'400 + hour * 3'600 + minute * 60;
  };
  CHECK(next("0 9 * * 1-5", at(2024, 5, 10, 9)) == at(2024, 5, 13, 9));  // Friday to Monday
  CHECK(next("*/15 * * * *", at(2024, 5, 10, 9, 14) + 59) == at(2024, 5, 10, 9, 15));
  CHECK(next("@daily", at(2024, 2, 28, 12)) == at(2024, 2, 29));
  CHECK(next("0 12 1 * *", at(2024, 1, 1, 12)) == at(2024, 2, 1, 12));
  CHECK(next("30 17 * * fri", at(2024, 5, 8)) == at(2024, 5, 10, 17, 30));
  CHECK(next("0 0 29 2 *", at(2024, 3, 1)) == at(2028, 2, 29));
  // The 13th or a Friday; 2024-09-06 is a Friday.
  CHECK(next("0 0 13 * 5", at(2024, 9, 1)) == at(2024, 9, 6));
  CHECK(next("0 0 13 * 5", at(2024, 10, 11)) == at(2024, 10, 13));
}

TEST_CASE("names, lists, ranges and steps are read, nonsense is refused") {
  CHECK(next("0 9 * jan-mar MON-FRI", 0) == 9 * 3'600);
  CHECK(next("5,10-20/5 * * * *", 300) == 600);
  for (const char* bad :
       {"", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 7", "a * * * *", "5-1 * * * *",
        "*/0 * * * *", "@often", "@every soon", "@every 1d", "* * * * * *"}) {
    CAPTURE(bad);
    const auto s = CronSchedule::parse(bad, KubernetesVersion::current);
    CHECK_FALSE(s);
    CHECK_FALSE(s.error.empty());
  }
}

TEST_CASE("what the real parser overlooks is overlooked") {
  CHECK(next("10,,20, * * * *", 600) == 1'200);
  CHECK(next("*-5 * * * *", 600) == 660);  // the end after a star is not read
  CHECK(next("0\t1\t* * *", 0) == 3'600);
  CHECK(next("@every 1.5h", 0) == 5'400);
  CHECK(next("@every 300ms", 0) == 1);  // a second at least
}

}  // namespace
}  // namespace plimsoll::kubernetes
