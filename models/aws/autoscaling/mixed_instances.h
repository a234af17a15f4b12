#pragma once

#include <cstdint>
#include <string>

#include "sim/core/units.h"

namespace plimsoll::aws {

struct PurchaseSplit {
  std::int64_t on_demand = 0;
  std::int64_t spot = 0;
};
/// On-demand base first; of the rest, a percentage on demand, a fraction of an instance rounded towards on-demand.
/// SOURCE: "Auto Scaling groups with multiple instance types and purchase options" (EC2 Auto Scaling user guide).
PurchaseSplit split_purchase_options(std::int64_t capacity, std::int64_t on_demand_base,
                                     std::int64_t on_demand_percent_above_base);

/// Price of one unit of a weighted type, rounded to a pico-dollar. @pre weight > 0.
/// SOURCE: "Configure instance weighting" (EC2 Auto Scaling user guide).
Rate price_per_unit(Rate per_hour, std::int64_t weight);
/// The largest capacity that a weighted group may reach: desired + the largest weight.
constexpr std::int64_t weighted_capacity_limit(std::int64_t desired, std::int64_t largest_weight) {
  return desired + largest_weight;
}
/// Units above the desired capacity after a launch of `weight` units where `remaining` were missing.
/// SOURCE: "Configure instance weighting": 5 missing and a weight of 12 make 7.
constexpr std::int64_t weighted_overage(std::int64_t remaining, std::int64_t weight) {
  return weight > remaining ? weight - remaining : 0;
}
/// Whether a decrement ends any instance: a group that overshoots its desired capacity gives up the overshoot first.
constexpr bool weighted_decrement_acts(std::int64_t desired, std::int64_t current, std::int64_t decrement) {
  return decrement > current - desired;
}

/// Instances of a warm pool: prepared capacity (the group's maximum unless set) less the desired capacity, at least the
/// pool's minimum. SOURCE: "Warm pools for Amazon EC2 Auto Scaling".
std::int64_t warm_pool_size(std::int64_t prepared_or_maximum, std::int64_t desired, std::int64_t minimum_pool = 0);
/// The maximum in force under predictive scaling with MaxCapacityBreachBehavior IncreaseMaxCapacity: the forecast plus
/// a buffer in percent, rounded up, when that is above the maximum. SOURCE: "Predictive scaling" (EC2 Auto Scaling).
std::int64_t predictive_maximum(std::int64_t forecast, std::int64_t maximum, std::int64_t buffer_percent);
/// The maximum while zones are rebalanced: 10 % more, or one instance, whichever is greater.
/// SOURCE: "Availability Zone rebalancing" (EC2 Auto Scaling user guide).
std::int64_t rebalance_maximum(std::int64_t maximum);

}  // namespace plimsoll::aws
