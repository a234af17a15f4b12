#include "models/aws/billing/network.h"

#include "models/aws/billing/meter.h"

namespace plimsoll::aws::charges {

NatCharge nat_gateway_charge(Duration provisioned, Bytes processed, Rate per_hour, Rate per_gb) {
  return {round_money(in_dollars(per_hour) * in_hours(provisioned)),
          round_money(in_dollars(per_gb) * in_gb(processed))};
}

Money public_ipv4_charge(std::int64_t addresses, Duration each, Rate per_hour) {
  return round_money(in_dollars(per_hour) * seconds_as_hours(billed_seconds(each)) * Ratio{addresses});
}

std::vector<Money> tiered_charge(Ratio gb, std::span<const Tier> tiers) {
  std::vector<Money> out;
  for (const Tier& t : tiers) {
    const Ratio here = t.gb ? min(gb, *t.gb) : gb;
    out.push_back(round_money(in_dollars(t.per_gb) * here));
    gb -= here;
  }
  return out;
}

Money tiered_increment(Ratio before, Ratio gb, std::span<const Tier> tiers) {
  Money with{}, without{};
  for (const Money m : tiered_charge(before + gb, tiers)) with += m;
  for (const Money m : tiered_charge(before, tiers)) without += m;
  return with - without;
}

Money cross_zone_charge(Ratio gb, Rate per_gb_each_direction) {
  return round_money(in_dollars(per_gb_each_direction) * gb * Ratio{2});
}

}  // namespace plimsoll::aws::charges
