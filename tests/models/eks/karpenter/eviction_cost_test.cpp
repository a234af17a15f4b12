#include "models/eks/karpenter/eviction_cost.h"

#include <doctest/doctest.h>

namespace plimsoll::eks::karpenter {

TEST_CASE("eviction cost starts at one and stays within ten") {
  CHECK(eviction_cost(0, 0) == 1.0);
  CHECK(eviction_cost(1 << 27, 0) == 2.0);
  CHECK(eviction_cost(0, 1 << 25) == 2.0);
  CHECK(eviction_cost(2'147'483'647, 1'000'000'000) == 10.0);
  CHECK(eviction_cost(-2'147'483'647, -1'000'000'000) == -10.0);
}

TEST_CASE("lifetime runs from one to zero") {
  CHECK(lifetime_remaining(hours(0), hours(720)) == 1.0);
  CHECK(lifetime_remaining(hours(180), hours(720)) == doctest::Approx(0.75));
  CHECK(lifetime_remaining(hours(900), hours(720)) == 0.0);
  CHECK(lifetime_remaining(hours(900), std::nullopt) == 1.0);
}

}  // namespace plimsoll::eks::karpenter
