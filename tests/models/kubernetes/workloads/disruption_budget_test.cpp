#include "models/kubernetes/workloads/disruption_budget.h"

#include <doctest/doctest.h>

namespace plimsoll::kubernetes {
namespace {

std::int64_t disruptions_allowed(const DisruptionBudgetSpec& spec, std::int64_t expected, std::int64_t matched,
                                 std::int64_t healthy) {
  return budget_status(spec, expected, matched, healthy).disruptions_allowed;
}

TEST_CASE("percentages round up in both forms") {
  // 25 % of 3 is 0.75, one pod.
  CHECK(disruptions_allowed({{}, IntOrPercent{25, true}}, 3, 3, 3) == 1);
  CHECK(disruptions_allowed({IntOrPercent{50, true}, {}}, 3, 3, 3) == 1);  // 2 must stay
  CHECK(disruptions_allowed({IntOrPercent{2, false}, {}}, 9, 3, 3) == 1);
  CHECK(disruptions_allowed({{}, IntOrPercent{1, false}}, 3, 3, 2) == 0);
  CHECK(disruptions_allowed({IntOrPercent{0, false}, {}}, 0, 0, 0) == 0);
}

TEST_CASE("an unready pod goes while enough others are healthy, or always where its budget says so") {
  const auto goes = [](DisruptionBudgetSpec spec, std::int64_t expected, std::int64_t healthy) {
    return unready_pod_goes(spec, budget_status(spec, expected, expected, healthy), healthy);
  };
  const DisruptionBudgetSpec one{{}, IntOrPercent{1, false}};
  CHECK(goes(one, 4, 3));
  CHECK_FALSE(goes(one, 4, 2));
  CHECK_FALSE(goes(one, 1, 0));  // nobody has to stay: the budget decides
  DisruptionBudgetSpec always = one;
  always.unready_always_allowed = true;
  CHECK(goes(always, 4, 0));
}

TEST_CASE("an eviction asks the one budget that matches") {
  CHECK(answer_eviction(false, false, 0, 0) == EvictionAnswer::evict);
  CHECK(answer_eviction(false, false, 1, 0) == EvictionAnswer::too_many_requests);
  CHECK(answer_eviction(false, false, 1, 2) == EvictionAnswer::evict_and_count);
  CHECK(answer_eviction(false, false, 2, 2) == EvictionAnswer::server_error);
  CHECK(answer_eviction(true, false, 2, 0) == EvictionAnswer::evict);
  CHECK(answer_eviction(false, true, 1, 0) == EvictionAnswer::evict);
}

}  // namespace
}  // namespace plimsoll::kubernetes
