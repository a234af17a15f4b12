#include "models/workload/shapes.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "sim/core/assert.h"
#include "sim/core/math.h"

namespace plimsoll::workload {

namespace {

constexpr double kTwoPi = 6.283185307179586;

std::int64_t micro_rate(double rate) {
  PLIMSOLL_ASSERT(rate >= 0 && rate < 9e12);
  return static_cast<std::int64_t>(std::floor(rate * 1e6 + 0.5));
}

load::RateSeries sampled(Duration span, Duration step, const std::function<double(Duration)>& rate) {
  PLIMSOLL_ASSERT(span.count() > 0 && step.count() > 0);
  std::vector<std::int64_t> rates;
  for (Duration at{}; at < span; at += step) rates.push_back(micro_rate(rate(at + step / 2)));
  return load::RateSeries::regular(kTimeZero, step, std::move(rates));
}

}  // namespace

load::RateSeries constant_rate(double rate, Duration span) {
  return load::RateSeries::regular(kTimeZero, span, {micro_rate(rate)});
}

load::RateSeries step_rates(const std::vector<std::pair<Duration, double>>& steps, Duration span) {
  PLIMSOLL_ASSERT(!steps.empty() && steps.front().first == Duration::zero());
  std::vector<Time> times;
  std::vector<std::int64_t> rates;
  for (const auto& [from, rate] : steps) {
    times.push_back(kTimeZero + from);
    rates.push_back(micro_rate(rate));
  }
  times.push_back(kTimeZero + span);
  return load::RateSeries::irregular(std::move(times), std::move(rates));
}

load::RateSeries ramp_rates(const std::vector<std::pair<Duration, double>>& points, Duration step) {
  PLIMSOLL_ASSERT(points.size() >= 2 && points.front().first == Duration::zero() && step.count() > 0);
  std::vector<Time> times{kTimeZero};
  std::vector<std::int64_t> rates;
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    const auto [from, low] = points[i];
    const auto [to, high] = points[i + 1];
    const double length = to_seconds(to - from);
    for (Duration at = from; at < to; at += step) {
      const Duration until = std::min(at + step, to);
      const double middle = 0.5 * (to_seconds(at - from) + to_seconds(until - from));
      rates.push_back(micro_rate(low + (high - low) * middle / length));
      times.push_back(kTimeZero + until);
    }
  }
  return load::RateSeries::irregular(std::move(times), std::move(rates));
}

load::RateSeries diurnal_rates(const DiurnalShape& shape, Duration span, Duration step) {
  const auto wave = [](Duration at, Duration peak, double period_s) {
    return math::cos(kTwoPi * to_seconds(at - peak) / period_s);
  };
  return sampled(span, step, [&](Duration at) {
    double day = 1 + shape.daily_amplitude * wave(at, shape.daily_peak, 86'400);
    if (shape.half_daily_amplitude != 0) day += shape.half_daily_amplitude * wave(at, shape.half_daily_peak, 43'200);
    const auto weekday = static_cast<std::size_t>((at / hours(24)) % 7);
    return std::max(0.0, shape.mean * day * shape.weekday[weekday]);
  });
}

load::RateSeries flash_crowd_rates(const FlashCrowdShape& shape, Duration span, Duration step) {
  return sampled(span, step, [&](Duration at) {
    const Duration since = at - shape.at;
    const double extra = shape.base * (shape.peak_factor - 1);
    if (since < Duration::zero()) return shape.base;
    if (since < shape.ramp) return shape.base + extra * to_seconds(since) / to_seconds(shape.ramp);
    const Duration after = since - shape.ramp - shape.hold;
    if (after < Duration::zero()) return shape.base + extra;
    return shape.base + extra * math::exp(-to_seconds(after) / to_seconds(shape.decay));
  });
}

}  // namespace plimsoll::workload
