#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "models/aws/billing/ec2.h"
#include "models/aws/catalogue.h"

namespace plimsoll::aws::charges {

/// How a Spot instance ended.
enum class SpotEnd : std::uint8_t { by_user, interrupted };

/// Linux Spot: as on-demand, but free when AWS interrupts the instance within its first hour.
/// SOURCE: Billing for interrupted Spot Instances (EC2 user guide).
InstanceCharge spot_charge(Rate per_hour, Duration running, SpotEnd end);

/// The mean price of the last month by the Spot Advisor: on_demand x (1 - savings).
Rate spot_price_estimate(Rate on_demand, Ppm savings);

/// The price in effect each second of [start, end), summed; seconds since 1970. `steps` hold one zone, in order of
/// time; before its first step the first price counts. None when there is no step.
std::optional<Money> spot_history_cost(std::span<const SpotPriceStep> steps, std::int64_t start, std::int64_t end);
/// The steps of one zone. @pre sorted by zone, then time.
std::span<const SpotPriceStep> steps_of_zone(std::span<const SpotPriceStep> all, std::string_view zone);

/// Hazard of an interruption per hour from a monthly probability p in (0, 1): -ln(1 - p) / 730.
double interruption_hazard_per_hour(double monthly_probability);
/// The monthly probability that stands for a band of the Spot Advisor: the middle of the band; 0.25 for "> 20 %".
/// SOURCE: bands <5, 5-10, 10-15, 15-20, >20 % (AWS Spot Instance Advisor); the middle is a choice of this model.
double band_probability(std::int32_t band);

}  // namespace plimsoll::aws::charges
