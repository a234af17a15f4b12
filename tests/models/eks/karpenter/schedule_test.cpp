#include "models/eks/karpenter/schedule.h"

#include <doctest/doctest.h>

namespace plimsoll::eks::karpenter {

namespace {

std::int64_t at(std::int64_t year, int month, int day, int hour = 0, int minute = 0) {
  return days_from_civil(year, month, day) * 86'400 + hour * 3600 + minute * 60;
}
std::int64_t next(std::string_view text, std::int64_t from) {
  std::string error;
  const auto s = Schedule::parse(text, error);
  REQUIRE(s);
  return s->next_after(from).value_or(-1);
}

}  // namespace

TEST_CASE("days and dates convert both ways over leap years and centuries") {
  CHECK(days_from_civil(1970, 1, 1) == 0);
  CHECK(days_from_civil(2000, 3, 1) == 11'017);
  for (std::int64_t d = -800'000; d < 800'000; d += 997) {
    const CivilDate c = civil_from_days(d);
    CHECK(days_from_civil(c.year, c.month, c.day) == d);
  }
}

TEST_CASE("hits are strictly after the instant") {
  CHECK(next("0 9 * * 1-5", at(2024, 5, 10, 9)) == at(2024, 5, 13, 9));  // Friday to Monday
  CHECK(next("*/15 * * * *", at(2024, 5, 10, 9, 14) + 59) == at(2024, 5, 10, 9, 15));
  CHECK(next("@daily", at(2024, 2, 28, 12)) == at(2024, 2, 29));
  CHECK(next("0 12 1 * *", at(2024, 1, 1, 12)) == at(2024, 2, 1, 12));
  CHECK(next("30 17 * * fri", at(2024, 5, 8)) == at(2024, 5, 10, 17, 30));
  CHECK(next("0 0 29 2 *", at(2024, 3, 1)) == at(2028, 2, 29));
}

TEST_CASE("two restricted day fields mean either") {
  // The 13th or a Friday; 2024-09-06 is a Friday.
  CHECK(next("0 0 13 * 5", at(2024, 9, 1)) == at(2024, 9, 6));
  CHECK(next("0 0 13 * 5", at(2024, 10, 11)) == at(2024, 10, 13));
}

TEST_CASE("what is not a schedule is refused") {
  std::string error;
  for (const char* text :
       {"", "* * * *", "60 * * * *", "* * * * 8", "@often", "a * * * *", "5-1 * * * *", "*/0 * * * *"}) {
    CAPTURE(text);
    CHECK_FALSE(Schedule::parse(text, error));
    CHECK_FALSE(error.empty());
  }
  CHECK(Schedule::parse("0 0 30 2 *", error)->next_after(0) == std::nullopt);
}

}  // namespace plimsoll::eks::karpenter
