#include "sim/load/cpu_quota.h"

#include <doctest/doctest.h>

using namespace plimsoll::load;

namespace {
constexpr std::int64_t kMs = 1'000'000;
QuotaResult run(std::int64_t work, std::int64_t threads, std::int64_t quota, std::int64_t cores) {
  return simulate_quota({work * kMs, threads, quota * kMs, 100 * kMs, cores});
}
}  // namespace

TEST_CASE("work beyond the quota stops until the next period") {
  const QuotaResult r = run(130, 1, 40, 4);  // 40 + 40 + 40 + 10: three full periods, then 10 ms
  CHECK(r.end_ms() == 310);
  CHECK(r.throttled_periods == 3);
  CHECK(r.periods_used == 4);
}

TEST_CASE("threads use the quota up sooner, cores bound the threads") {
  CHECK(run(90, 3, 45, 8).end_ms() == 115);  // 45 at speed 3 = 15 ms, twice
  CHECK(run(90, 8, 45, 3).end_ms() == 115);
  CHECK(run(100, 3, 1'000, 8).end_ms() == doctest::Approx(100.0 / 3));
}

TEST_CASE("a quota that a period cannot use never throttles") {
  const QuotaResult whole = run(250, 1, 100, 1);
  CHECK(whole.end_ms() == 250);
  CHECK(whole.throttled_periods == 0);
  CHECK(whole.periods_used == 3);
  const QuotaResult exact = run(40, 1, 40, 1);
  CHECK(exact.throttled_periods == 0);
  CHECK(exact.periods_used == 1);
}
