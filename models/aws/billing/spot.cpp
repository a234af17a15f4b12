#include "models/aws/billing/spot.h"

#include <algorithm>

#include "models/aws/billing/ratio.h"
#include "sim/core/assert.h"
#include "sim/core/math.h"

namespace plimsoll::aws::charges {

InstanceCharge spot_charge(Rate per_hour, Duration running, SpotEnd end) {
  if (end == SpotEnd::interrupted && running < hours(1)) return {};
  return ec2_on_demand_charge(per_hour, std::span(&running, 1));
}

Rate spot_price_estimate(Rate on_demand, Ppm savings) {
  return round_rate(in_dollars(on_demand) * (Ratio{1} - fraction(savings)));
}

std::optional<Money> spot_history_cost(std::span<const SpotPriceStep> steps, std::int64_t start, std::int64_t end) {
  if (steps.empty()) return std::nullopt;
  Ratio usd;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::int64_t from = i == 0 ? start : std::max(start, steps[i].effective);
    const std::int64_t until = i + 1 == steps.size() ? end : std::min(end, steps[i + 1].effective);
    if (until > from) usd += in_dollars(steps[i].rate) * seconds_as_hours(until - from);
  }
  return round_money(usd);
}

std::span<const SpotPriceStep> steps_of_zone(std::span<const SpotPriceStep> all, std::string_view zone) {
  const auto range = std::ranges::equal_range(all, zone, {}, &SpotPriceStep::zone);
  return {range.begin(), range.end()};
}

double interruption_hazard_per_hour(double monthly_probability) {
  PLIMSOLL_ASSERT(monthly_probability >= 0 && monthly_probability < 1);
  return -math::log1p(-monthly_probability) / static_cast<double>(kHoursPerMonth);
}

double band_probability(std::int32_t band) {
  constexpr double kMiddle[] = {0.025, 0.075, 0.125, 0.175, 0.25};
  PLIMSOLL_ASSERT(band >= 0 && band < 5);
  return kMiddle[band];
}

}  // namespace plimsoll::aws::charges
