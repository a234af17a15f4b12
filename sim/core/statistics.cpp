#include "sim/core/statistics.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "sim/core/assert.h"
#include "sim/core/math.h"

namespace plimsoll {

void Welford::merge(const Welford& other) {
  if (other.count_ == 0) return;
  if (count_ == 0) {
    *this = other;
    return;
  }
  const double n = static_cast<double>(count_);
  const double m = static_cast<double>(other.count_);
  const double delta = other.mean_ - mean_;
  count_ += other.count_;
  mean_ += delta * (m / (n + m));
  squares_ += other.squares_ + delta * delta * (n * m / (n + m));
}

double Welford::deviation() const { return std::sqrt(variance()); }

double half_width95(const Welford& w) {
  if (w.count() < 2) return std::numeric_limits<double>::infinity();
  const double n = static_cast<double>(w.count());
  return math::student_t_quantile(0.975, n - 1) * w.deviation() / std::sqrt(n);
}

void TimeIntegral::set(Time at, std::int64_t value) {
  integral_ = integral_until(at);
  last_ = at;
  value_ = value;
  max_ = std::max(max_, value);
}

__int128 TimeIntegral::integral_until(Time at) const {
  PLIMSOLL_ASSERT(at >= last_);
  return integral_ + static_cast<__int128>(value_) * (at - last_).count();
}

double TimeIntegral::mean_until(Time at) const {
  if (at <= start_) return static_cast<double>(value_);
  return window_mean(0, start_, integral_until(at), at);
}

double TimeIntegral::window_mean(__int128 integral_at_from, Time from, __int128 integral_at_to, Time to) {
  PLIMSOLL_ASSERT(to > from);
  return static_cast<double>(integral_at_to - integral_at_from) / static_cast<double>((to - from).count());
}

namespace {

constexpr int kSubBits = 7;  ///< 128 buckets for each power of two

}  // namespace

std::size_t LogLinearHistogram::bucket_of(std::int64_t value) {
  const std::uint64_t v = static_cast<std::uint64_t>(value);
  const int shift = std::max(0, static_cast<int>(std::bit_width(v)) - (kSubBits + 1));
  return (static_cast<std::size_t>(shift) << kSubBits) + static_cast<std::size_t>(v >> shift);
}

std::int64_t LogLinearHistogram::bucket_low(std::size_t bucket) {
  const std::size_t group = bucket >> kSubBits;
  const std::size_t shift = group == 0 ? 0 : group - 1;
  return static_cast<std::int64_t>((bucket - (shift << kSubBits)) << shift);
}

void LogLinearHistogram::add(std::int64_t value, std::int64_t weight) {
  PLIMSOLL_ASSERT(value >= 0 && weight >= 0);
  if (weight == 0) return;
  const std::size_t bucket = bucket_of(value);
  if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
  buckets_[bucket] += weight;
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = std::max(max_, value);
  count_ += weight;
  sum_ += static_cast<__int128>(value) * weight;
}

void LogLinearHistogram::merge(const LogLinearHistogram& other) {
  if (other.count_ == 0) return;
  if (other.buckets_.size() > buckets_.size()) buckets_.resize(other.buckets_.size());
  for (std::size_t i = bucket_of(other.min_); i < other.buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  count_ += other.count_;
  sum_ += other.sum_;
}

double LogLinearHistogram::mean() const {
  return count_ == 0 ? 0.0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

std::int64_t LogLinearHistogram::quantile(double q) const {
  PLIMSOLL_ASSERT(q >= 0.0 && q <= 1.0);
  if (count_ == 0) return 0;
  const double position = std::ceil(q * static_cast<double>(count_));
  const std::int64_t rank = std::clamp<std::int64_t>(static_cast<std::int64_t>(position), 1, count_);
  if (rank == 1) return min_;
  if (rank == count_) return max_;
  std::int64_t seen = 0;
  for (std::size_t i = bucket_of(min_); i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen < rank) continue;
    const std::int64_t low = bucket_low(i);
    const std::int64_t width = bucket_low(i + 1) - low;
    return std::clamp(low + (width - 1) / 2, min_, max_);
  }
  return max_;
}

std::int64_t LogLinearHistogram::count_at_most(std::int64_t value) const {
  if (value < 0 || count_ == 0) return 0;
  if (value >= max_) return count_;
  const std::size_t last = std::min(bucket_of(value), buckets_.size() - 1);
  std::int64_t seen = 0;
  for (std::size_t i = 0; i <= last; ++i) seen += buckets_[i];
  return seen;
}

namespace {

template <class T>
T nearest_rank(std::span<T> values, double q) {
  PLIMSOLL_ASSERT(q >= 0.0 && q <= 1.0);
  if (values.empty()) return T{};
  const double position = std::ceil(q * static_cast<double>(values.size()));
  const std::size_t rank = std::clamp<std::size_t>(static_cast<std::size_t>(position), 1, values.size());
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

}  // namespace

double sample_quantile(std::span<double> values, double q) { return nearest_rank(values, q); }
std::int64_t sample_quantile(std::span<std::int64_t> values, double q) { return nearest_rank(values, q); }

}  // namespace plimsoll
