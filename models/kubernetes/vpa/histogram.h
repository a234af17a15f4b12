#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/core/time.h"

namespace plimsoll::kubernetes {

/// Exponential buckets: bucket 0 is [0, first), bucket k begins at first x (ratio^k - 1) / (ratio - 1).
struct HistogramScale {
  double first = 0.01, ratio = 1.05;
  std::size_t buckets = 0;

  std::size_t bucket_of(double value) const;
  double start_of(std::size_t bucket) const;
};
/// CPU in cores: from 0.01 to 1000, growing by 5 %; memory in bytes: from 1e7 to 1e12.
HistogramScale cpu_scale();
HistogramScale memory_scale();

/// A histogram whose older samples weigh less: a sample's weight doubles every half-life of its age less, from a moving
/// reference, so that nothing has to be rescaled but now and then.
/// SOURCE: kubernetes/autoscaler vertical-pod-autoscaler pkg/recommender/util (histogram.go, decaying_histogram.go,
/// histogram_options.go).
class DecayingHistogram {
 public:
  DecayingHistogram(HistogramScale scale, Duration half_life);

  void add(double value, double weight, Time at);
  /// Takes a sample back that was added at the same instant with the same weight.
  void subtract(double value, double weight, Time at);
  /// The end of the bucket that the percentile lies in (the next bucket's start; of the last bucket its own); 0 when
  /// empty. p in [0, 1].
  double percentile(double p) const;
  bool empty() const { return total_ < kLeast; }

 private:
  static constexpr double kLeast = 1e-10;  ///< weights below are noise of rounding
  double decay(Time at);
  void change(double value, double weight);

  HistogramScale scale_;
  Duration half_life_;
  Time reference_{};
  std::vector<double> weights_;
  double total_ = 0;
  std::size_t low_ = 0, high_ = 0;  ///< buckets in use
};

}  // namespace plimsoll::kubernetes
