#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/core/time.h"

namespace plimsoll::aws {

/// A predictive scaling policy of an ECS service or of an EC2 Auto Scaling group, which have the same parameters.
/// SOURCE: Application Auto Scaling API, PredictiveScalingPolicyConfiguration; EC2 Auto Scaling API,
/// PredictiveScalingConfiguration; user guides, "How predictive scaling works" (hourly forecast for 48 h from up to
/// 14 days, at least 24 h of them, made anew every 6 h).
struct PredictivePolicy {
  enum class Mode : std::uint8_t { forecast_only, forecast_and_scale } mode = Mode::forecast_only;
  std::int64_t target = 0;          ///< of the scaling metric, millionths
  Duration buffer = seconds(300);   ///< SchedulingBufferTime
  bool increase_maximum = false;    ///< MaxCapacityBreachBehavior IncreaseMaxCapacity
  std::int64_t maximum_buffer = 0;  ///< MaxCapacityBuffer, percent of the forecast
};

inline constexpr std::int64_t kForecastHours = 48, kHistoryHours = 14 * 24, kLeastHistoryHours = 24;
inline constexpr std::int64_t kForecastEveryHours = 6;

/// Load of each of the next 48 hours from that of past hours, oldest first; none with less than a day of history.
/// Ours, since the real model is not published: the mean of the same hour of the week when a week is known, else of the
/// same hour of the day, over at most 14 days.
std::optional<std::vector<std::int64_t>> forecast_load(std::span<const std::int64_t> hours);

/// Load of past hours, and the forecast that is made anew from them every six hours.
class HourlyForecast {
 public:
  /// Closes an hour with its mean load.
  void add_hour(std::int64_t load);
  /// Of the hour that is so many after the running one; none while there is no forecast, and beyond its end.
  std::optional<std::int64_t> ahead(std::int64_t hours) const;

 private:
  std::vector<std::int64_t> hours_;     // oldest first
  std::vector<std::int64_t> forecast_;  // from the hour after the last one known when it was made
  std::int64_t made_at_ = 0;            // hours known then
};

/// Capacity that a load (the scaling metric summed over the tasks) takes at the target: rounded up.
/// @pre target > 0.
std::int64_t forecast_capacity(std::int64_t load, std::int64_t target);

/// Largest capacity that the policy may set: the maximum, or with IncreaseMaxCapacity the forecast and its buffer,
/// rounded up, once the forecast with its buffer reaches the maximum. SOURCE: as above; forecast 50, maximum 40, buffer
/// 10 % is 55.
std::int64_t effective_maximum(const PredictivePolicy& policy, std::int64_t forecast, std::int64_t maximum);

}  // namespace plimsoll::aws
