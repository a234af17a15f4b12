#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "sim/core/statistics.h"

namespace plimsoll::load {

/// Several measures of independent replications of one simulation, with confidence intervals of their means.
class Replications {
 public:
  /// One replication's values; the number of measures is that of the first one.
  void add(const std::vector<double>& values);

  std::size_t measures() const { return measures_.size(); }
  std::uint64_t count() const { return measures_.empty() ? 0 : measures_.front().count(); }
  double mean(std::size_t measure) const { return measures_[measure].mean(); }
  /// Half width of the two-sided interval, Student's t. Infinite below two replications. @pre 0 < confidence < 1.
  double half_width(std::size_t measure, double confidence) const;

  struct Interval {
    double mean = 0;
    double half_width = 0;
  };
  /// The mean of `measure` corrected by how far `control`, whose true mean is known, came out by chance (linear control
  /// variate, coefficient by least squares), with the half width that is left. @pre at least four replications.
  Interval controlled(std::size_t measure, std::size_t control, double known_mean, double confidence) const;

 private:
  std::vector<Welford> measures_;
  std::vector<std::vector<double>> values_;  ///< by replication
};

/// How narrow the 99 % interval of a measure should be: half width at most `relative` of the mean, or at most
/// `absolute`. Both zero: as it comes.
struct Precision {
  double relative = 0;
  double absolute = 0;
};

/// Adds replications 0, 1, 2, ... until every measure is as precise as asked, which is tested whenever their number has
/// grown by half, from `first` on, or until `most` were made. `run` answers the measures of replication i.
Replications replicate(const std::function<std::vector<double>(std::uint64_t)>& run,
                       const std::vector<Precision>& precision, std::uint64_t first, std::uint64_t most);

/// Counts of values >= 0 in buckets of 1/256 of their power of two, with the zeros apart; quantiles are interpolated
/// within a bucket, so that they are good to about 0.1 %.
class ValueHistogram {
 public:
  ValueHistogram() : buckets_(kBuckets, 0) {}
  void add(double value);
  /// Value below which the part p lies. 0 when empty. @pre 0 <= p <= 1.
  double quantile(double p) const;
  std::uint64_t count() const { return count_; }

 private:
  static constexpr std::size_t kLowest = (1023 - 40) << 8;  // 2^-40 and less
  static constexpr std::size_t kBuckets = std::size_t{80} << 8;
  std::vector<std::uint32_t> buckets_;
  std::uint64_t zeros_ = 0;
  std::uint64_t count_ = 0;
};

/// Time (or sample) shares of whole-number levels.
class LevelShares {
 public:
  void add(std::int64_t level, double weight) {
    const auto at = static_cast<std::size_t>(level);
    if (at >= weight_.size()) weight_.resize(at + at / 2 + 16, 0.0);
    weight_[at] += weight;
    total_ += weight;
  }
  double total() const { return total_; }
  /// Share of levels <= level.
  double at_most(std::int64_t level) const;
  double share(std::int64_t level) const {
    return level < 0 || static_cast<std::size_t>(level) >= weight_.size()
               ? 0.0
               : weight_[static_cast<std::size_t>(level)] / total_;
  }
  double mean() const;
  double variance() const;

 private:
  std::vector<double> weight_;
  double total_ = 0;
};

}  // namespace plimsoll::load
