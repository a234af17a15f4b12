#include "models/eks/karpenter/budgets.h"

#include <doctest/doctest.h>

namespace plimsoll::eks::karpenter {

namespace {
Budget nodes(std::int64_t n, bool percent) {
  Budget b;
  b.nodes = n;
  b.percent = percent;
  return b;
}
constexpr auto kUnder = DisruptionReason::underutilized;
}  // namespace

TEST_CASE("percentages round up and the smallest active budget counts") {
  const std::vector<Budget> ten{Budget{}};
  CHECK(allowed_disruptions(ten, 1, 0, kUnder) == 1);
  CHECK(allowed_disruptions(ten, 10, 0, kUnder) == 1);
  CHECK(allowed_disruptions(ten, 11, 0, kUnder) == 2);
  const std::vector<Budget> two{nodes(20, true), nodes(5, false)};
  CHECK(allowed_disruptions(two, 100, 0, kUnder) == 5);
  CHECK(allowed_disruptions(two, 10, 0, kUnder) == 2);
  CHECK(allowed_disruptions({}, 10, 0, kUnder) == kUnbounded);
}

TEST_CASE("a budget names its reasons or means all") {
  Budget b = nodes(0, false);
  b.reasons = {DisruptionReason::drifted};
  const std::vector<Budget> list{b};
  CHECK(allowed_disruptions(list, 10, 0, kUnder) == kUnbounded);
  CHECK(allowed_disruptions(list, 10, 0, DisruptionReason::drifted) == 0);
}

TEST_CASE("a schedule holds for its duration after each hit") {
  Budget b = nodes(0, false);
  b.schedule = kubernetes::CronSchedule::parse("0 9 * * *", kubernetes::KubernetesVersion::current).value;
  b.duration = hours(8);
  CHECK_FALSE(is_active(b, 9 * 3600 - 1));
  CHECK(is_active(b, 9 * 3600));
  CHECK(is_active(b, 17 * 3600 - 1));
  CHECK_FALSE(is_active(b, 17 * 3600));
}

}  // namespace plimsoll::eks::karpenter
