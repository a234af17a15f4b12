#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/core/time.h"
#include "sim/core/units.h"

namespace plimsoll::aws::charges {

/// Hours in the month of price calculators (AWS calculators, Infracost).
inline constexpr std::int64_t kHoursPerMonth = 730;
/// Minimum of one start of an EC2 Linux instance, a Fargate Linux task, an EBS volume, a management fee.
/// SOURCE: Amazon EC2, AWS Fargate and Amazon EBS pricing pages.
inline constexpr std::int64_t kMinimumSeconds = 60;
/// Minimum of a Fargate task on Windows.
inline constexpr std::int64_t kWindowsFargateMinimumSeconds = 300;

/// Whole seconds begun, and at least the minimum of one start.
constexpr std::int64_t billed_seconds(Duration running, std::int64_t minimum = kMinimumSeconds) {
  return std::max(div_ceil(to_microseconds(running), 1'000'000), minimum);
}

}  // namespace plimsoll::aws::charges
