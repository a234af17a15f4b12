#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/time.h"

namespace plimsoll {

/// Running mean and variance (Welford 1962; merging by Chan, Golub, LeVeque 1979).
class Welford {
 public:
  void add(double x) {
    ++count_;
    const double delta = x - mean_;
    mean_ += delta / static_cast<double>(count_);
    squares_ += delta * (x - mean_);
  }
  void merge(const Welford& other);

  std::uint64_t count() const { return count_; }
  /// 0 when nothing was added.
  double mean() const { return mean_; }
  /// Sample variance (divisor n - 1); 0 below two values.
  double variance() const { return count_ < 2 ? 0.0 : squares_ / static_cast<double>(count_ - 1); }
  double deviation() const;

  friend bool operator==(const Welford&, const Welford&) = default;

 private:
  std::uint64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

/// Half width of the 95% confidence interval of the mean: t(n-1, 0.975) * s / sqrt(n). Infinite below two values.
double half_width95(const Welford& w);

/// Exact integral over time of a whole-number signal that is constant between changes: value x microseconds in 128
/// bits.
class TimeIntegral {
 public:
  explicit TimeIntegral(Time start = kTimeZero, std::int64_t value = 0)
      : start_(start), last_(start), value_(value), max_(value) {}

  /// The signal has `value` from `at` on. Several changes at one instant: the last one counts, except for max().
  /// @pre at is not before the previous change.
  void set(Time at, std::int64_t value);
  void add(Time at, std::int64_t delta) { set(at, value_ + delta); }

  std::int64_t value() const { return value_; }
  /// Largest value ever set, also those that lasted no time.
  std::int64_t max() const { return max_; }
  Time start() const { return start_; }
  /// Value x microseconds from the start to `at`. @pre at is not before the last change.
  __int128 integral_until(Time at) const;
  /// Time average from the start to `at`; the present value when no time has passed.
  double mean_until(Time at) const;
  /// Average between two instants whose integrals were taken before and after; `from` < `to`.
  static double window_mean(__int128 integral_at_from, Time from, __int128 integral_at_to, Time to);

  friend bool operator==(const TimeIntegral&, const TimeIntegral&) = default;

 private:
  Time start_;
  Time last_;
  std::int64_t value_;
  std::int64_t max_;
  __int128 integral_ = 0;
};

/// Counts of whole numbers >= 0 in buckets whose width is 1/128 of their power of two, so that a value read back is
/// within 0.4% of what went in (exact below 256). Merging is exact, whatever the order.
class LogLinearHistogram {
 public:
  /// @pre value >= 0, weight >= 0.
  void add(std::int64_t value, std::int64_t weight = 1);
  void merge(const LogLinearHistogram& other);

  std::int64_t count() const { return count_; }
  /// Exact mean (sums are kept in 128 bits); 0 when empty.
  double mean() const;
  /// The nearest-rank quantile, as the middle of its bucket; the first and last ranks are exact. 0 when empty. @pre 0
  /// <= q <= 1.
  std::int64_t quantile(double q) const;
  /// How many values are at most `value` (buckets that straddle it count in full).
  std::int64_t count_at_most(std::int64_t value) const;
  std::int64_t min() const { return count_ == 0 ? 0 : min_; }
  std::int64_t max() const { return count_ == 0 ? 0 : max_; }
  bool empty() const { return count_ == 0; }

  friend bool operator==(const LogLinearHistogram&, const LogLinearHistogram&) = default;

 private:
  static std::size_t bucket_of(std::int64_t value);
  static std::int64_t bucket_low(std::size_t bucket);

  std::vector<std::int64_t> buckets_;  ///< grown to the largest bucket in use
  std::int64_t count_ = 0;
  std::int64_t min_ = 0;
  std::int64_t max_ = 0;
  __int128 sum_ = 0;
};

/// Nearest-rank quantile of a sample (rank ceil(q n), at least 1); reorders the values. 0 when empty.
double sample_quantile(std::span<double> values, double q);
std::int64_t sample_quantile(std::span<std::int64_t> values, double q);

}  // namespace plimsoll
