#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "models/kubernetes/hpa/tolerance.h"
#include "models/kubernetes/version.h"
#include "sim/core/time.h"

namespace plimsoll::kubernetes {

enum class PodPhase : std::uint8_t { pending, running, succeeded, failed, unknown };
enum class ReadyCondition : std::uint8_t { absent, yes, no, unknown };

/// One sample of a metric: thousandths (milliCPU; thousandths of a byte; thousandths of a custom metric's unit).
struct MetricSample {
  std::int64_t milli = 0;
  Time at{};
  Duration window{};
};

/// A pod of the scale target as the calculator sees it, or `count` pods that are alike in all of this.
struct MeasuredPod {
  PodPhase phase = PodPhase::running;
  ReadyCondition ready = ReadyCondition::yes;
  bool deleting = false;
  std::optional<Time> start;
  Time ready_transition{};
  std::optional<std::int64_t> request_milli;  // absent: some container names none
  std::optional<MetricSample> metric;
  std::int64_t count = 1;  // >= 1
};

/// no_samples: the metrics API has none at all; no_metrics: none of a pod that counts; disjoint: only of unknown pods.
enum class ReplicaError : std::uint8_t { none, no_samples, no_pods, no_metrics, missing_request, disjoint };

/// The size that one metric asks for, or why it cannot say.
struct ReplicaProposal {
  ReplicaError error = ReplicaError::none;
  std::int64_t replicas = 0;
  std::int64_t utilization = 0;        // percent of the request, or the value in thousandths
  std::int64_t raw_average_milli = 0;  // utilisation kinds only
  bool ok() const { return error == ReplicaError::none; }
};

struct CalculatorSettings {
  KubernetesVersion version = KubernetesVersion::current;
  Tolerance tolerance;
  Duration cpu_initialization = seconds(300);
  Duration initial_readiness_delay = seconds(30);
};

/// Pod metrics that belong to none of the pods (the metrics API lags behind deletions).
struct StrayMetrics {
  std::int64_t count = 0;
  std::int64_t milli = 0;  // their sum
};

/// The pure size calculations of the HorizontalPodAutoscaler, one function a kind of target.
/// Source: kubernetes/kubernetes pkg/controller/podautoscaler/replica_calculator.go and metrics/utilization.go
/// (1.20.2 and a current copy).
class ReplicaCalculator {
 public:
  explicit ReplicaCalculator(CalculatorSettings settings) : settings_(settings) {}

  /// Resource and ContainerResource with averageUtilization (percent of the request).
  ReplicaProposal utilization(std::int64_t current, std::int64_t target_percent, bool is_cpu,
                              std::span<const MeasuredPod> pods, StrayMetrics stray, Time now) const;
  /// The same of `count` pods that have long been ready and whose samples are alike. @pre count > 0.
  ReplicaProposal utilization_of_alike(std::int64_t current, std::int64_t target_percent, std::int64_t count,
                                       std::int64_t milli, std::int64_t request_milli) const;
  /// Resource with averageValue, and Pods metrics: the mean over pods against a target in thousandths. `is_cpu` applies
  /// the start-up rules for CPU samples.
  ReplicaProposal average_value(std::int64_t current, std::int64_t target_milli, bool is_cpu,
                                std::span<const MeasuredPod> pods, StrayMetrics stray, Time now) const;
  /// Object and External with value.
  ReplicaProposal value(std::int64_t current, std::int64_t target_milli, std::int64_t value_milli,
                        std::span<const MeasuredPod> pods) const;
  /// Object and External with averageValue; `status_replicas` is the observed size.
  ReplicaProposal value_per_pod(std::int64_t status_replicas, std::int64_t target_milli,
                                std::int64_t value_milli) const;

 private:
  struct Groups;
  Groups group(std::span<const MeasuredPod> pods, bool is_cpu, Time now) const;

  CalculatorSettings settings_;
};

}  // namespace plimsoll::kubernetes
