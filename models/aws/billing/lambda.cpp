#include "models/aws/billing/lambda.h"

#include <algorithm>

namespace plimsoll::aws::charges {

LambdaCharge lambda_charge(std::int64_t requests, Ratio duration_ms, std::int64_t memory_mb, Rate per_million_requests,
                           Rate per_gb_second, bool free_tier) {
  LambdaCharge charge;
  charge.gb_seconds = Ratio{requests} * (duration_ms / Ratio{1000}) * Ratio{memory_mb, 1024};
  const Ratio paid = free_tier ? max(charge.gb_seconds - Ratio{kLambdaFreeGbSeconds}, Ratio{0}) : charge.gb_seconds;
  const std::int64_t paid_requests = free_tier ? std::max<std::int64_t>(requests - kLambdaFreeRequests, 0) : requests;
  charge.requests = round_money(in_dollars(per_million_requests) * Ratio{paid_requests, 1'000'000});
  charge.duration = round_money(in_dollars(per_gb_second) * paid);
  return charge;
}

}  // namespace plimsoll::aws::charges
