#include "models/aws/billing/elb.h"

#include <algorithm>

namespace plimsoll::aws::charges {
namespace {

LoadBalancerCharge by_units(Duration provisioned, Ratio units, Rate per_hour, Rate per_unit_hour) {
  const Ratio h = in_hours(provisioned);
  return {round_money(in_dollars(per_hour) * h), round_money(in_dollars(per_unit_hour) * units * h)};
}

}  // namespace

std::string_view to_string(LcuDimension d) {
  constexpr std::string_view kNames[] = {"new_connections", "active_connections", "processed_bytes",
                                         "rule_evaluations"};
  return kNames[static_cast<std::size_t>(d)];
}

AlbUnits alb_units(const AlbTraffic& t) {
  AlbUnits units;
  units.by_dimension[0] = t.new_connections_per_s / Ratio{25};
  units.by_dimension[1] = t.active_connections / Ratio{t.mutual_tls ? 1500 : 3000};
  units.by_dimension[2] = t.lambda_targets ? t.gb_per_hour / Ratio{2, 5} : t.gb_per_hour;
  constexpr std::int64_t kFreeRules = 10;
  units.by_dimension[3] = t.requests_per_s * Ratio{std::max<std::int64_t>(t.rules - kFreeRules, 0), 1000};
  for (std::size_t i = 0; i < units.by_dimension.size(); ++i) {
    if (units.by_dimension[i] > units.lcu) {
      units.lcu = units.by_dimension[i];
      units.binding = static_cast<LcuDimension>(i);
    }
  }
  return units;
}

LoadBalancerCharge alb_charge(Duration provisioned, Ratio lcu, Rate per_hour, Rate per_lcu_hour) {
  return by_units(provisioned, lcu, per_hour, per_lcu_hour);
}

Ratio nlb_units(NlbProtocol protocol, const NlbProtocolTraffic& t) {
  constexpr std::int64_t kNew[] = {800, 400, 50};
  constexpr std::int64_t kActive[] = {100'000, 50'000, 3'000};
  const auto p = static_cast<std::size_t>(protocol);
  return max(max(t.new_per_s / Ratio{kNew[p]}, t.active / Ratio{kActive[p]}), t.gb_per_hour);
}

LoadBalancerCharge nlb_charge(Duration provisioned, Ratio nlcu, Rate per_hour, Rate per_nlcu_hour) {
  return by_units(provisioned, nlcu, per_hour, per_nlcu_hour);
}

LoadBalancerCharge clb_charge(Duration provisioned, Bytes processed, Rate per_hour, Rate per_gb) {
  return {round_money(in_dollars(per_hour) * in_hours(provisioned)),
          round_money(in_dollars(per_gb) * in_gb(processed))};
}

}  // namespace plimsoll::aws::charges
