#include "sim/load/rate_series.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/core/assert.h"

namespace plimsoll::load {

RateSeries RateSeries::regular(Time start, Duration step, std::vector<std::int64_t> micro_rates) {
  PLIMSOLL_ASSERT(step.count() > 0);
  RateSeries series;
  series.start_ = start;
  series.step_ = step;
  series.rates_ = std::move(micro_rates);
  series.sum_up();
  return series;
}

RateSeries RateSeries::irregular(std::vector<Time> times, std::vector<std::int64_t> micro_rates) {
  PLIMSOLL_ASSERT(times.size() == micro_rates.size() + 1);
  PLIMSOLL_ASSERT(std::adjacent_find(times.begin(), times.end(), std::greater_equal<>()) == times.end());
  RateSeries series;
  series.start_ = times.front();
  series.times_ = std::move(times);
  series.rates_ = std::move(micro_rates);
  series.sum_up();
  return series;
}

void RateSeries::sum_up() {
  pico_requests_.resize(rates_.size() + 1);
  __int128 sum = 0;
  for (std::size_t i = 0; i < rates_.size(); ++i) {
    PLIMSOLL_ASSERT(rates_[i] >= 0);
    pico_requests_[i] = sum;
    sum += static_cast<__int128>(rates_[i]) * (boundary(i + 1) - boundary(i)).count();
  }
  pico_requests_[rates_.size()] = sum;
}

Time RateSeries::boundary(std::size_t i) const {
  return times_.empty() ? start_ + step_ * static_cast<std::int64_t>(i) : times_[i];
}

Time RateSeries::end() const { return boundary(rates_.size()); }

std::size_t RateSeries::index_of(Time at) const {
  if (times_.empty()) return static_cast<std::size_t>((at - start_) / step_);
  return static_cast<std::size_t>(std::upper_bound(times_.begin(), times_.end(), at) - times_.begin()) - 1;
}

std::int64_t RateSeries::rate_at(Time at) const {
  if (empty() || at < start_ || at >= end()) return 0;
  return rates_[index_of(at)];
}

std::int64_t RateSeries::arrivals_until(Time at) const {
  if (empty() || at <= start_) return 0;
  constexpr __int128 kPicoPerMicro = 1'000'000;
  if (at >= end()) return static_cast<std::int64_t>(pico_requests_.back() / kPicoPerMicro);
  const std::size_t i = index_of(at);
  const __int128 sum = pico_requests_[i] + static_cast<__int128>(rates_[i]) * (at - boundary(i)).count();
  return static_cast<std::int64_t>(sum / kPicoPerMicro);
}

double RateSeries::mean_rate(Time from, Time to) const {
  return static_cast<double>(arrivals(from, to)) / static_cast<double>((to - from).count());
}

Time RateSeries::next_change(Time after) const {
  if (empty() || after >= end()) return kTimeNever;
  if (after < start_) return start_;
  return boundary(index_of(after) + 1);
}

double RateSeries::mean() const { return empty() ? 0.0 : mean_rate(start_, end()); }

double RateSeries::peak() const {
  return empty() ? 0.0 : static_cast<double>(*std::max_element(rates_.begin(), rates_.end())) * 1e-6;
}

RateSeries RateSeries::slice(Time from, Duration span) const {
  const Time to = from + span;
  PLIMSOLL_ASSERT(span.count() > 0 && from >= start_ && to <= end());
  const std::size_t first = index_of(from);
  const bool on_grid = times_.empty() && boundary(first) == from && span % step_ == Duration::zero();
  if (on_grid) {
    const auto begin = rates_.begin() + static_cast<std::ptrdiff_t>(first);
    return regular(kTimeZero, step_, {begin, begin + span / step_});
  }
  std::vector<Time> times{kTimeZero};
  std::vector<std::int64_t> rates;
  for (std::size_t i = first; i < rates_.size() && boundary(i) < to; ++i) {
    rates.push_back(rates_[i]);
    times.push_back(kTimeZero + (std::min(boundary(i + 1), to) - from));
  }
  return irregular(std::move(times), std::move(rates));
}

RateSeries RateSeries::scaled(double factor) const {
  PLIMSOLL_ASSERT(factor >= 0);
  RateSeries series = *this;
  for (std::int64_t& rate : series.rates_) {
    rate = static_cast<std::int64_t>(std::floor(static_cast<double>(rate) * factor + 0.5));
  }
  series.sum_up();
  return series;
}

RateSeries RateSeries::compressed(double factor) const {
  PLIMSOLL_ASSERT(factor > 0);
  std::vector<Time> times;
  for (std::size_t i = 0; i <= rates_.size(); ++i) {
    times.push_back(kTimeZero + from_seconds(to_seconds(boundary(i) - start_) / factor));
  }
  if (!times_.empty()) return irregular(std::move(times), rates_);
  const Duration faster = from_seconds(to_seconds(step_) / factor);
  // An even step stays even when it is a whole number of microseconds.
  if (from_seconds(to_seconds(faster) * factor) == step_) return regular(kTimeZero, faster, rates_);
  return irregular(std::move(times), rates_);
}

}  // namespace plimsoll::load
