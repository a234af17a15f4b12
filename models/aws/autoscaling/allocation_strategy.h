#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sim/core/units.h"

namespace plimsoll::aws {

/// How a group chooses among the instance types of its overrides, within one zone.
enum class AllocationStrategy : std::uint8_t {
  prioritized,                     ///< on-demand default: the order of the overrides
  lowest_price,                    ///< Spot default of the API: spread over the cheapest pools
  capacity_optimized,              ///< the deepest pool
  capacity_optimized_prioritized,  ///< the deepest pools, in the order of the overrides
  price_capacity_optimized         ///< the cheapest of the deepest pools
};
/// By the name of the API ("price-capacity-optimized", ...); none when unknown.
std::optional<AllocationStrategy> allocation_strategy(std::string_view name);
std::string_view to_string(AllocationStrategy strategy);

/// One pool that a launch could come from.
struct PoolOffer {
  std::size_t option = 0;  ///< place in the overrides: its priority
  Rate price;
  double depth = 0;       ///< spare capacity beside the others; 0 = none now
  std::int64_t used = 0;  ///< instances that the group has in it
};

/// The offers in the order in which the group tries them; those without capacity come last, in the same order.
/// lowest-price: of the `lowest_price_pools` cheapest that have capacity the one least used, then the others by price.
/// price-capacity-optimized: the deeper half by price, then the other half by price. AWS does not publish how it weighs
/// depth against price: this split is our reading. Equals: the first listed.
/// SOURCE: "Allocation strategies for multiple instance types" (EC2 Auto Scaling user guide).
std::vector<std::size_t> rank_offers(std::span<const PoolOffer> offers, AllocationStrategy strategy,
                                     std::int64_t lowest_price_pools = 2);

}  // namespace plimsoll::aws
