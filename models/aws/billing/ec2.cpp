#include "models/aws/billing/ec2.h"

#include "models/aws/billing/ratio.h"

namespace plimsoll::aws::charges {

InstanceCharge ec2_on_demand_charge(Rate per_hour, std::span<const Duration> running_segments) {
  InstanceCharge charge;
  for (const Duration d : running_segments) charge.billed_seconds += billed_seconds(d);
  charge.total = round_money(in_dollars(per_hour) * seconds_as_hours(charge.billed_seconds));
  return charge;
}

}  // namespace plimsoll::aws::charges
