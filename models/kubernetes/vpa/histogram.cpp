#include "models/kubernetes/vpa/histogram.h"

#include <algorithm>

#include "sim/core/math.h"

namespace plimsoll::kubernetes {

namespace {

HistogramScale make_scale(double first, double most) {
  HistogramScale s;
  s.first = first;
  // As many buckets as reach the largest value, and one for what lies beyond.
  const double count = math::log(1.0 + most * (s.ratio - 1.0) / first) / math::log(s.ratio);
  const auto whole = static_cast<std::size_t>(count);
  s.buckets = whole + (static_cast<double>(whole) < count ? 1 : 0) + 1;
  return s;
}

/// Past so many half-lives from the reference the weights are rescaled.
constexpr std::int64_t kMostHalfLives = 100;

}  // namespace

HistogramScale cpu_scale() { return make_scale(0.01, 1000.0); }
HistogramScale memory_scale() { return make_scale(1e7, 1e12); }

std::size_t HistogramScale::bucket_of(double value) const {
  if (value < first) return 0;
  const auto bucket = static_cast<std::size_t>(math::log(value * (ratio - 1.0) / first + 1.0) / math::log(ratio));
  return std::min(bucket, buckets - 1);
}

double HistogramScale::start_of(std::size_t bucket) const {
  if (bucket == 0) return 0;
  return first * (math::pow(ratio, static_cast<double>(bucket)) - 1.0) / (ratio - 1.0);
}

DecayingHistogram::DecayingHistogram(HistogramScale scale, Duration half_life)
    : scale_(scale), half_life_(half_life), weights_(scale.buckets, 0.0) {
  low_ = scale.buckets;
}

double DecayingHistogram::decay(Time at) {
  const std::int64_t ahead = (at - reference_) / half_life_;
  if (ahead > kMostHalfLives) {
    const Duration shift = half_life_ * ahead;
    const double factor = math::pow(0.5, static_cast<double>(ahead));
    total_ = 0;
    for (double& w : weights_) {
      w *= factor;
      total_ += w;
    }
    reference_ += shift;
  }
  const double age = static_cast<double>((at - reference_).count()) / static_cast<double>(half_life_.count());
  return math::pow(2.0, age);
}

void DecayingHistogram::change(double value, double weight) {
  const std::size_t b = scale_.bucket_of(value);
  weights_[b] = std::max(weights_[b] + weight, 0.0);
  total_ = std::max(total_ + weight, 0.0);
  low_ = std::min(low_, b);
  high_ = std::max(high_, b);
}

void DecayingHistogram::add(double value, double weight, Time at) { change(value, weight * decay(at)); }

void DecayingHistogram::subtract(double value, double weight, Time at) { change(value, -weight * decay(at)); }

double DecayingHistogram::percentile(double p) const {
  if (empty()) return 0;
  const double threshold = p * total_;
  double sum = 0;
  std::size_t b = low_;
  for (; b < high_; ++b) {
    sum += weights_[b];
    if (sum >= threshold) break;
  }
  return b + 1 < scale_.buckets ? scale_.start_of(b + 1) : scale_.start_of(b);
}

}  // namespace plimsoll::kubernetes
