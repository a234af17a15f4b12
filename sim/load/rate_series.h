#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/time.h"
#include "sim/policy/interfaces.h"

namespace plimsoll::load {

/// Requests are counted in millionths, so that rates, splits and backlogs stay whole numbers.
inline constexpr std::int64_t kMicroRequests = 1'000'000;

/// A request rate over time, constant between its points: value i holds over [boundary(i), boundary(i + 1)). Outside
/// [start, end) the rate is zero. Rates are whole micro-requests per second. Immutable once made; integrals are exact.
class RateSeries {
 public:
  RateSeries() = default;
  /// Points every `step` from `start`. @pre step > 0, rates >= 0.
  static RateSeries regular(Time start, Duration step, std::vector<std::int64_t> micro_rates);
  /// Points at `times` (one more than rates: the last one is the end). @pre strictly increasing, rates >= 0.
  static RateSeries irregular(std::vector<Time> times, std::vector<std::int64_t> micro_rates);

  bool empty() const { return rates_.empty(); }
  std::size_t size() const { return rates_.size(); }
  Time start() const { return start_; }
  Time end() const;
  Duration span() const { return end() - start_; }
  /// Zero when the points are not evenly spaced.
  Duration step() const { return step_; }
  std::span<const std::int64_t> rates() const { return rates_; }
  Time boundary(std::size_t i) const;

  /// Micro-requests per second at this instant.
  std::int64_t rate_at(Time at) const;
  /// Micro-requests from the start to `at`, rounded down: differences over adjoining segments add up exactly.
  std::int64_t arrivals_until(Time at) const;
  /// Micro-requests in [from, to). @pre from <= to.
  std::int64_t arrivals(Time from, Time to) const { return arrivals_until(to) - arrivals_until(from); }
  /// Mean rate over [from, to), requests/s. @pre from < to.
  double mean_rate(Time from, Time to) const;
  /// The next instant after `after` at which the rate may change; kTimeNever when none.
  Time next_change(Time after) const;

  /// Mean over the whole series and largest value, requests/s; 0 when empty.
  double mean() const;
  double peak() const;

  /// The part [from, from + span), moved so that `from` becomes the start of the simulation. @pre inside the series.
  RateSeries slice(Time from, Duration span) const;
  /// Every rate times `factor`, to the nearest micro-request per second. This keeps the shape of the rate and shrinks
  /// the relative Poisson noise. @pre factor >= 0.
  RateSeries scaled(double factor) const;
  /// The same series played `factor` times as fast (rates unchanged); it changes what an autoscaler sees. @pre > 0.
  RateSeries compressed(double factor) const;

  friend bool operator==(const RateSeries&, const RateSeries&) = default;

 private:
  void sum_up();
  std::size_t index_of(Time at) const;

  Time start_{};
  Duration step_{};
  std::vector<Time> times_;  ///< only when not evenly spaced; size() + 1
  std::vector<std::int64_t> rates_;
  std::vector<__int128> pico_requests_;  ///< before point i
};

/// A rate series as the load of a run.
class SeriesArrivals final : public ArrivalProcess {
 public:
  explicit SeriesArrivals(RateSeries series) : series_(std::move(series)) {}
  double mean_rate(Time from, Time to) const override { return series_.mean_rate(from, to); }
  const RateSeries& series() const { return series_; }

 private:
  RateSeries series_;
};

}  // namespace plimsoll::load
