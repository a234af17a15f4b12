#include "models/aws/application_auto_scaling/predictive.h"

#include <algorithm>

#include "sim/core/assert.h"
#include "sim/core/units.h"

namespace plimsoll::aws {

std::optional<std::vector<std::int64_t>> forecast_load(std::span<const std::int64_t> hours) {
  if (hours.size() < static_cast<std::size_t>(kLeastHistoryHours)) return std::nullopt;
  if (hours.size() > static_cast<std::size_t>(kHistoryHours)) hours = hours.last(kHistoryHours);
  const auto known = static_cast<std::int64_t>(hours.size());
  const std::int64_t cycle = known >= 7 * 24 ? 7 * 24 : 24;
  std::vector<std::int64_t> out;
  for (std::int64_t ahead = 0; ahead < kForecastHours; ++ahead) {
    __int128 sum = 0;
    std::int64_t count = 0;
    for (std::int64_t at = known + ahead - cycle; at >= 0; at -= cycle) {
      if (at >= known) continue;
      sum += hours[static_cast<std::size_t>(at)];
      ++count;
    }
    out.push_back(static_cast<std::int64_t>(div_round(sum, std::max<std::int64_t>(count, 1))));
  }
  return out;
}

void HourlyForecast::add_hour(std::int64_t load) {
  hours_.push_back(load);
  if (hours_.size() > static_cast<std::size_t>(kHistoryHours)) {
    hours_.erase(hours_.begin());
    --made_at_;
  }
  const auto known = static_cast<std::int64_t>(hours_.size());
  if (known < kLeastHistoryHours || (!forecast_.empty() && known - made_at_ < kForecastEveryHours)) return;
  forecast_ = *forecast_load(hours_);
  made_at_ = known;
}

std::optional<std::int64_t> HourlyForecast::ahead(std::int64_t hours) const {
  const std::int64_t at = static_cast<std::int64_t>(hours_.size()) + hours - made_at_;
  if (forecast_.empty() || at < 0 || at >= static_cast<std::int64_t>(forecast_.size())) return std::nullopt;
  return forecast_[static_cast<std::size_t>(at)];
}

std::int64_t forecast_capacity(std::int64_t load, std::int64_t target) {
  PLIMSOLL_ASSERT(target > 0);
  return div_ceil(std::max<std::int64_t>(load, 0), target);
}

std::int64_t effective_maximum(const PredictivePolicy& policy, std::int64_t forecast, std::int64_t maximum) {
  if (!policy.increase_maximum) return maximum;
  const std::int64_t with_buffer = div_ceil(forecast * (100 + policy.maximum_buffer), 100);
  return std::max(maximum, with_buffer);
}

}  // namespace plimsoll::aws
