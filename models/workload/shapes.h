#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/load/rate_series.h"

namespace plimsoll::workload {

/// The same rate throughout. Rates in requests/s, >= 0. @pre span > 0.
load::RateSeries constant_rate(double rate, Duration span);

/// Rate steps[i].second from steps[i].first on, to `span`. @pre not empty, first at 0, strictly increasing, below span.
load::RateSeries step_rates(const std::vector<std::pair<Duration, double>>& steps, Duration span);

/// Straight lines between the points, cut into pieces of `step` that carry the exact mean of the line.
/// @pre at least two points, first at 0, strictly increasing; span of the last point; step > 0.
load::RateSeries ramp_rates(const std::vector<std::pair<Duration, double>>& points, Duration step);

/// Days and weeks: mean * (1 + a1 cos(2 pi (t - p1) / day) + a2 cos(4 pi (t - p2) / day)) * weekday[day of week], never
/// below zero. The defaults give a trough of 40 % of the peak, one peak a day at 15:00.
struct DiurnalShape {
  double mean = 100;                                      ///< requests/s
  double daily_amplitude = 0.42857142857142855;           ///< a1: (1 - 0.4) / (1 + 0.4)
  Duration daily_peak = hours(15);                        ///< p1
  double half_daily_amplitude = 0;                        ///< a2
  Duration half_daily_peak = hours(12);                   ///< p2
  std::array<double, 7> weekday = {1, 1, 1, 1, 1, 1, 1};  ///< factor of each day, the first day of the run first
};
/// One value per `step`, taken at its middle. @pre span and step > 0.
load::RateSeries diurnal_rates(const DiurnalShape& shape, Duration span, Duration step = minutes(1));

/// A crowd: base until `at`, a straight ramp over `ramp` to base * peak_factor, a plateau of `hold`, then exponential
/// decay back to the base with time constant `decay`.
struct FlashCrowdShape {
  double base = 100;  ///< requests/s
  Duration at = hours(1);
  Duration ramp = minutes(10);
  double peak_factor = 10;
  Duration hold = minutes(30);
  Duration decay = minutes(20);
};
/// One value per `step`, taken at its middle. @pre span and step > 0.
load::RateSeries flash_crowd_rates(const FlashCrowdShape& shape, Duration span, Duration step = seconds(15));

}  // namespace plimsoll::workload
