#include "models/aws/billing/orchestrator_fee.h"

namespace plimsoll::aws::charges {

Money eks_control_plane_charge(Duration standard, Duration extended, Rate standard_per_hour, Rate extended_per_hour) {
  return round_money(in_dollars(standard_per_hour) * in_hours(standard) +
                     in_dollars(extended_per_hour) * in_hours(extended));
}

ManagedNodeCharge managed_node_charge(std::int64_t nodes, Duration each, Rate on_demand, Rate paid,
                                      Ratio fee_fraction) {
  const Ratio node_hours = in_hours(each) * Ratio{nodes};
  return {round_money(in_dollars(paid) * node_hours), round_money(in_dollars(on_demand) * fee_fraction * node_hours)};
}

Ppm managed_node_share(Ppm standard, const InstanceType& type, Date date) {
  constexpr Date kReduced{2026, 7, 1};
  if (date < kReduced || type.gpu_count + type.accelerator_count == 0) return standard;
  if (type.family.starts_with("g")) return Ppm{standard.raw() * 65 / 100};
  if (type.family.starts_with("p") || type.family.starts_with("trn")) return Ppm{standard.raw() * 40 / 100};
  return standard;
}

}  // namespace plimsoll::aws::charges
