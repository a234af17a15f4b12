#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/kubernetes/hpa/replica_calculator.h"
#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// What the metrics API says of the pods of one workload at one sync.
struct Sampling {
  /// The sample of a pod in traffic; pods outside traffic use nothing. None: no pod has one.
  std::optional<MetricSample> sample;
  /// A pod has a sample when it was started at or before this (a difference of counters needs two readings of it).
  Time started_by{};
  std::int64_t request_milli = 0;
  Duration cpu_initialization = seconds(300);
};

/// One pod as the size calculation sees it.
MeasuredPod measure(const Pod& pod, const Sampling& sampling);

/// The pods of one scale target for the size calculation, without a look at each of them: pods that have been in
/// traffic for longer than every start-up rule are alike and only counted; the young and the leaving ones are measured
/// one by one. Calculations on its answer equal those on `measure` of every pod. Kept up to date by facts.
class PodCensus {
 public:
  /// Takes in the pods that there are.
  void start(const World& world, WorkloadId workload);
  /// @pre the fact is of the workload.
  void on_fact(const World& world, const FactRecord& fact);
  /// Replaces `out`. `sampling.started_by`, `now` never go back between calls, and cpu_initialization stays the same.
  void measure_all(const World& world, const Sampling& sampling, std::vector<MeasuredPod>& out);
  /// How many there are, when all of them are alike: then measure_all answers with one entry for them. Else 0.
  std::int64_t alike() const { return watched_.empty() ? settled_count_ : 0; }

 private:
  std::vector<PodId> watched_;         ///< young, leaving or ended since the last look
  std::vector<std::uint8_t> settled_;  ///< by ordinal: counted in settled_count_
  std::int64_t settled_count_ = 0;
};

}  // namespace plimsoll::kubernetes
