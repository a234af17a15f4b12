#include "models/aws/autoscaling/allocation_strategy.h"

#include <doctest/doctest.h>

namespace plimsoll::aws {
namespace {

using Order = std::vector<std::size_t>;

Rate cents(std::int64_t n) { return Rate{n * 10'000'000'000}; }

/// Four pools: prices 9, 7, 8, 6 cents; depths 3, 1, 3, 2; the third has two instances, the second one.
std::vector<PoolOffer> four() {
  return {{0, cents(9), 3, 0}, {1, cents(7), 1, 1}, {2, cents(8), 3, 2}, {3, cents(6), 2, 0}};
}

TEST_CASE("names of the API") {
  for (const char* name : {"prioritized", "lowest-price", "capacity-optimized", "capacity-optimized-prioritized",
                           "price-capacity-optimized"}) {
    REQUIRE(allocation_strategy(name).has_value());
    CHECK(to_string(*allocation_strategy(name)) == name);
  }
  CHECK_FALSE(allocation_strategy("cheapest").has_value());
}

TEST_CASE("each strategy's order") {
  CHECK(rank_offers(four(), AllocationStrategy::prioritized) == Order{0, 1, 2, 3});
  // The two cheapest are 3 (none used) and 1 (one used).
  CHECK(rank_offers(four(), AllocationStrategy::lowest_price, 2) == Order{3, 1, 2, 0});
  // Depth, then price.
  CHECK(rank_offers(four(), AllocationStrategy::capacity_optimized) == Order{2, 0, 3, 1});
  // Depth, then the order of the overrides.
  CHECK(rank_offers(four(), AllocationStrategy::capacity_optimized_prioritized) == Order{0, 2, 3, 1});
  // The deeper half is {0, 2}: by price 2, 0; then 3, 1.
  CHECK(rank_offers(four(), AllocationStrategy::price_capacity_optimized) == Order{2, 0, 3, 1});
}

TEST_CASE("lowest-price spreads over its pools by use") {
  std::vector<PoolOffer> offers = four();
  offers[3].used = 5;
  CHECK(rank_offers(offers, AllocationStrategy::lowest_price, 2).front() == 1);
  CHECK(rank_offers(offers, AllocationStrategy::lowest_price, 1).front() == 3);
}

TEST_CASE("a pool without capacity is the last resort") {
  std::vector<PoolOffer> offers = four();
  offers[2].depth = 0;
  for (const auto s : {AllocationStrategy::prioritized, AllocationStrategy::lowest_price,
                       AllocationStrategy::capacity_optimized, AllocationStrategy::price_capacity_optimized}) {
    CHECK(rank_offers(offers, s).back() == 2);
  }
}

TEST_CASE("equal depths all belong to the deeper half") {
  std::vector<PoolOffer> offers = four();
  for (PoolOffer& o : offers) o.depth = 2;
  CHECK(rank_offers(offers, AllocationStrategy::price_capacity_optimized) == Order{3, 1, 2, 0});
}

}  // namespace
}  // namespace plimsoll::aws
