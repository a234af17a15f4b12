#include "models/aws/billing/fargate.h"

#include "models/aws/billing/ratio.h"

namespace plimsoll::aws::charges {

FargateCharge fargate_charge(Cpu cpu, Bytes memory, Bytes ephemeral, Duration each, std::int64_t runs,
                             const FargateRates& rates, Ppm spot_discount, std::int64_t minimum_seconds) {
  FargateCharge charge;
  charge.billed_seconds_each = billed_seconds(each, minimum_seconds);
  const Ratio hours = seconds_as_hours(charge.billed_seconds_each) * Ratio{runs};
  const Ratio paid = Ratio{1} - fraction(spot_discount);
  charge.vcpu = round_money(in_dollars(rates.vcpu_hour) * in_vcpus(cpu) * hours * paid);
  charge.memory = round_money(in_dollars(rates.gb_hour) * in_gb(memory) * hours * paid);
  const Ratio extra = max(in_gb(ephemeral - kFargateIncludedStorage), Ratio{0});
  charge.storage = round_money(in_dollars(rates.ephemeral_gb_hour) * extra * hours);
  return charge;
}

Rate fargate_hour(Cpu cpu, Bytes memory, const FargateRates& rates) {
  return round_rate(in_dollars(rates.vcpu_hour) * in_vcpus(cpu) + in_dollars(rates.gb_hour) * in_gb(memory));
}

}  // namespace plimsoll::aws::charges
