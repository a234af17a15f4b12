#pragma once

#include <cstdint>

#include "models/aws/billing/ratio.h"

namespace plimsoll::aws::charges {

struct LambdaCharge {
  Ratio gb_seconds;
  Money requests{}, duration{};
  constexpr Money total() const { return requests + duration; }
};
inline constexpr std::int64_t kLambdaFreeRequests = 1'000'000;
inline constexpr std::int64_t kLambdaFreeGbSeconds = 400'000;

/// Requests of one memory size and one billed duration (milliseconds). The free tier takes a million requests and
/// 400,000 GB-seconds a month off. SOURCE: AWS Lambda pricing page.
LambdaCharge lambda_charge(std::int64_t requests, Ratio duration_ms, std::int64_t memory_mb, Rate per_million_requests,
                           Rate per_gb_second, bool free_tier);

}  // namespace plimsoll::aws::charges
