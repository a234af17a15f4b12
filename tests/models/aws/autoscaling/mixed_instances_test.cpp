#include "models/aws/autoscaling/mixed_instances.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::aws;

TEST_CASE("the base is on demand and fractions go to on-demand") {
  const auto od = [](std::int64_t n, std::int64_t base, std::int64_t pct) {
    const PurchaseSplit s = split_purchase_options(n, base, pct);
    CHECK(s.on_demand + s.spot == n);
    return s.on_demand;
  };
  CHECK(od(10, 10, 50) == 10);
  CHECK(od(20, 10, 50) == 15);
  CHECK(od(10, 12, 0) == 10);
  CHECK(od(3, 0, 50) == 2);
  CHECK(od(4, 1, 33) == 2);  // 1 + ceil(0.99)
  CHECK(od(0, 5, 100) == 0);
}

TEST_CASE("on-demand never falls when the group grows") {
  for (std::int64_t pct = 0; pct <= 100; pct += 7) {
    for (std::int64_t n = 1; n < 200; ++n) {
      CHECK(split_purchase_options(n, 3, pct).on_demand >= split_purchase_options(n - 1, 3, pct).on_demand);
    }
  }
}

TEST_CASE("weights, warm pools and temporary maxima") {
  CHECK(price_per_unit(Rate{180'000'000'000}, 2) == Rate{90'000'000'000});
  CHECK_FALSE(weighted_decrement_acts(30, 32, 1));
  CHECK(weighted_decrement_acts(30, 32, 3));
  CHECK(weighted_capacity_limit(30, 12) == 42);
  CHECK(weighted_overage(5, 12) == 7);
  CHECK(weighted_overage(12, 12) == 0);
  CHECK(weighted_overage(20, 12) == 0);
  CHECK(warm_pool_size(10, 6) == 4);
  CHECK(warm_pool_size(10, 12) == 0);
  CHECK(warm_pool_size(10, 9, 3) == 3);
  CHECK(predictive_maximum(50, 40, 10) == 55);
  CHECK(predictive_maximum(30, 40, 10) == 40);
  CHECK(rebalance_maximum(5) == 6);
  CHECK(rebalance_maximum(100) == 110);
}
