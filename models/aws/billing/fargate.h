#pragma once

#include "models/aws/billing/meter.h"
#include "sim/core/time.h"
#include "sim/core/units.h"

namespace plimsoll::aws::charges {

struct FargateRates {
  Rate vcpu_hour{};
  Rate gb_hour{};
  Rate ephemeral_gb_hour{};
};
struct FargateCharge {
  std::int64_t billed_seconds_each = 0;
  Money vcpu{}, memory{}, storage{};
  constexpr Money total() const { return vcpu + memory + storage; }
};
/// Disk in the price of a task; only what is above is billed.
inline constexpr Bytes kFargateIncludedStorage = gibibytes(20);

/// `runs` equal runs of one configured size, each from the start of its image download to its end; each is billed by
/// the second begun with the minimum. The Spot discount (in millionths) applies to vCPU and memory, not to storage.
/// SOURCE: AWS Fargate pricing page.
FargateCharge fargate_charge(Cpu cpu, Bytes memory, Bytes ephemeral, Duration each, std::int64_t runs,
                             const FargateRates& rates, Ppm spot_discount = Ppm{0},
                             std::int64_t minimum_seconds = kMinimumSeconds);

/// Price of one hour of a size without extra storage.
Rate fargate_hour(Cpu cpu, Bytes memory, const FargateRates& rates);

}  // namespace plimsoll::aws::charges
