#include "models/aws/autoscaling/mixed_instances.h"

#include <algorithm>

#include "sim/core/assert.h"

namespace plimsoll::aws {

PurchaseSplit split_purchase_options(std::int64_t capacity, std::int64_t on_demand_base,
                                     std::int64_t on_demand_percent_above_base) {
  PLIMSOLL_ASSERT(capacity >= 0 && on_demand_base >= 0);
  const std::int64_t base = std::min(capacity, on_demand_base);
  const std::int64_t on_demand = base + div_ceil((capacity - base) * on_demand_percent_above_base, 100);
  return {on_demand, capacity - on_demand};
}

Rate price_per_unit(Rate per_hour, std::int64_t weight) {
  PLIMSOLL_ASSERT(weight > 0);
  return Rate{static_cast<std::int64_t>(div_round(per_hour.raw(), weight))};
}

std::int64_t warm_pool_size(std::int64_t prepared_or_maximum, std::int64_t desired, std::int64_t minimum_pool) {
  return std::max({prepared_or_maximum - desired, minimum_pool, std::int64_t{0}});
}

std::int64_t predictive_maximum(std::int64_t forecast, std::int64_t maximum, std::int64_t buffer_percent) {
  return std::max(maximum, div_ceil(forecast * (100 + buffer_percent), 100));
}

std::int64_t rebalance_maximum(std::int64_t maximum) { return maximum + std::max<std::int64_t>(maximum / 10, 1); }

}  // namespace plimsoll::aws
