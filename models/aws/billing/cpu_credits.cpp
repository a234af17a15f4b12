#include "models/aws/billing/cpu_credits.h"

namespace plimsoll::aws::charges {

Money surplus_credit_charge(Rate per_vcpu_hour, Ratio vcpu_hours) {
  return round_money(in_dollars(per_vcpu_hour) * vcpu_hours);
}

Ratio surplus_vcpu_hours(const InstanceType& type, Ratio used, Duration span) {
  // A credit is one vCPU for one minute, so credits an hour / 60 is the baseline in vCPUs.
  const Ratio baseline = Ratio{type.credits_per_hour_milli, 60'000};
  return max(used - baseline * in_hours(span), Ratio{0});
}

}  // namespace plimsoll::aws::charges
