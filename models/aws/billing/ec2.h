#pragma once

#include <cstdint>
#include <span>

#include "models/aws/billing/meter.h"
#include "sim/core/time.h"
#include "sim/core/units.h"

namespace plimsoll::aws::charges {

struct InstanceCharge {
  std::int64_t billed_seconds = 0;
  Money total{};
};

/// Linux on-demand: each segment is one start, from running until the instance leaves running; billed by the second
/// begun with 60 s a start. A reboot starts nothing.
/// SOURCE: Amazon EC2 On-Demand pricing page; Instance lifecycle (EC2 user guide).
InstanceCharge ec2_on_demand_charge(Rate per_hour, std::span<const Duration> running_segments);

}  // namespace plimsoll::aws::charges
