#pragma once

#include <cstdint>
#include <optional>

#include "models/kubernetes/vpa/histogram.h"
#include "sim/core/units.h"

namespace plimsoll::kubernetes {

/// Flags of the recommender with their defaults. SOURCE: kubernetes/autoscaler vertical-pod-autoscaler docs/flags.md
/// (1.x).
struct RecommenderParameters {
  double target_cpu = 0.9, lower_cpu = 0.5, upper_cpu = 0.95;           ///< --target-cpu-percentile, ...
  double target_memory = 0.9, lower_memory = 0.5, upper_memory = 0.95;  ///< --target-memory-percentile, ...
  double safety_margin = 0.15;                                          ///< --recommendation-margin-fraction
  Cpu least_cpu = cpu_millis(25);                                       ///< --pod-recommendation-min-cpu-millicores
  Bytes least_memory = Bytes{250 * 1024 * 1024};                        ///< --pod-recommendation-min-memory-mb
  Duration cpu_half_life = hours(24), memory_half_life = hours(24);
  Duration memory_interval = hours(24);  ///< --memory-aggregation-interval: one peak counts for each
};

/// Bounds of a VerticalPodAutoscaler's containerPolicies for one container (or '*').
struct ResourcePolicy {
  std::optional<Cpu> least_cpu, most_cpu;
  std::optional<Bytes> least_memory, most_memory;
  bool controls_cpu = true, controls_memory = true;
  bool requests_only = false;  ///< controlledValues RequestsOnly: limits stay as they are
};

struct PodResources {
  Cpu cpu;
  Bytes memory;
  friend bool operator==(const PodResources&, const PodResources&) = default;
};

struct VerticalRecommendation {
  PodResources target, lower, upper;
};

/// The usage of one container over all pods of a workload, and what it recommends: decaying histograms of CPU samples
/// (weighted by the request, at least 0.1) and of daily memory peaks; percentiles for target and bounds; the safety
/// margin; bounds widened while little is known. SOURCE: pkg/recommender/model/aggregate_container_state.go,
/// logic/recommender.go, logic/estimator.go.
class Recommender {
 public:
  explicit Recommender(RecommenderParameters parameters);

  /// One sample of each of `pods` equal pods.
  void add_cpu(double cores, double request_cores, std::int64_t pods, Time at);
  void add_memory(double bytes, std::int64_t pods, Time at);
  /// A pod was killed for its memory: the peak is what it had and a fifth more, at least 100 MiB more.
  void add_out_of_memory(double bytes, Time at);
  /// None before the first samples of both.
  std::optional<VerticalRecommendation> recommend(const ResourcePolicy& policy, Time now) const;

 private:
  RecommenderParameters parameters_;
  DecayingHistogram cpu_, memory_;
  std::optional<Time> first_;
  std::int64_t samples_ = 0;
  Time interval_end_{};
  double peak_ = 0, peak_weight_ = 0;
  Time peak_at_{};
};

}  // namespace plimsoll::kubernetes
