#pragma once

#include "models/aws/billing/ratio.h"
#include "models/aws/catalogue.h"

namespace plimsoll::aws::charges {

/// Surplus CPU credits of an unlimited burstable instance: vCPU-hours above the baseline times the rate of the family.
/// SOURCE: Unlimited mode for burstable performance instances (EC2 user guide).
Money surplus_credit_charge(Rate per_vcpu_hour, Ratio vcpu_hours);

/// vCPU-hours above the baseline over a span in which `used` vCPU-hours were run, when the launch credits are spent:
/// max(used - baseline x span, 0). The charge falls due when the 24-hour mean exceeds the baseline, or at termination.
Ratio surplus_vcpu_hours(const InstanceType& type, Ratio used, Duration span);

}  // namespace plimsoll::aws::charges
