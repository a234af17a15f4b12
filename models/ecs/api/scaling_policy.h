#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/aws/cloudwatch/cloudwatch.h"
#include "models/aws/eventbridge/schedule.h"
#include "models/ecs/api/object.h"
#include "sim/core/time.h"
#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

/// Application Auto Scaling on the desired count of ECS services: the JSON of `aws application-autoscaling
/// register-scalable-target`, `put-scaling-policy` and `put-scheduled-action`.
namespace plimsoll::ecs::api {

/// SOURCE: API RegisterScalableTarget.
struct ScalableTarget {
  std::string cluster, service;  ///< of ResourceId service/CLUSTER/SERVICE
  std::optional<std::int64_t> minimum, maximum;
  bool scale_in_suspended = false;   ///< SuspendedState.DynamicScalingInSuspended
  bool scale_out_suspended = false;  ///< DynamicScalingOutSuspended
  bool schedules_suspended = false;  ///< ScheduledScalingSuspended
  document::Node node{};
};

enum class ScalingMetric : std::uint8_t { cpu, memory, alb_requests_per_target, custom };

/// A CloudWatch metric as a policy or an alarm names it. SOURCE: API MetricAlarm, CustomizedMetricSpecification.
struct MetricReference {
  std::string name_space, name;
  std::vector<std::pair<std::string, std::string>> dimensions;
  aws::Statistic statistic = aws::Statistic::average;
  std::int64_t percentile = -1;  ///< ExtendedStatistic pN, or such a Stat, in millionths of 1; -1: none

  /// Value of a dimension, empty when absent.
  std::string dimension(std::string_view name) const;
};

struct MetricQueries;

/// "p99", "p99.9" in millionths of 1; none for anything else, and beyond p0 to p100.
std::optional<std::int64_t> percentile_of(std::string_view statistic);

/// SOURCE: API TargetTrackingScalingPolicyConfiguration; cooldowns of 300 s for ECS: documented.
struct TargetTracking {
  double target = 0;
  ScalingMetric metric = ScalingMetric::cpu;
  std::string resource_label;                    ///< of ALBRequestCountPerTarget
  MetricReference custom;                        ///< of ScalingMetric::custom, when `queries` is null
  std::shared_ptr<const MetricQueries> queries;  ///< Metrics: metric math
  Duration scale_out_cooldown = seconds(300);
  Duration scale_in_cooldown = seconds(300);
  bool disable_scale_in = false;
};

enum class AdjustmentType : std::uint8_t { change_in_capacity, exact_capacity, percent_change_in_capacity };
enum class MetricAggregation : std::uint8_t { average, minimum, maximum };

/// Bounds are relative to the alarm's threshold; absent is infinite.
struct StepAdjustment {
  std::optional<double> lower, upper;
  std::int64_t adjustment = 0;
};

/// SOURCE: API StepScalingPolicyConfiguration.
struct StepScaling {
  AdjustmentType type = AdjustmentType::change_in_capacity;
  std::vector<StepAdjustment> steps;
  std::int64_t minimum_magnitude = 0;  ///< MinAdjustmentMagnitude, of percent changes
  Duration cooldown = seconds(300);
  MetricAggregation aggregation = MetricAggregation::average;
};

/// SOURCE: API PredictiveScalingPolicyConfiguration; one metric pair of ECS.
struct PredictiveScaling {
  ScalingMetric metric = ScalingMetric::cpu;
  double target = 0;
  bool scale = false;  ///< Mode ForecastAndScale
  Duration buffer = seconds(300);
  bool increase_maximum = false;
  std::int64_t maximum_buffer = 0;  ///< percent
  /// Customized load, scaling and capacity metrics; load and scaling are given together, the last may be null.
  std::shared_ptr<const MetricQueries> load, scaling, capacity;
};

/// One of the three is set.
struct ScalingPolicy {
  std::string name;
  std::string cluster, service;  ///< empty when the file is a bare configuration
  std::optional<TargetTracking> target_tracking;
  std::optional<StepScaling> step;
  std::optional<PredictiveScaling> predictive;
  document::Node node{};
};

/// SOURCE: API PutScheduledAction.
struct ScheduledScaling {
  std::string name, cluster, service;
  std::string schedule;  ///< at(...), rate(...) or cron(...)
  std::string time_zone = "UTC";
  std::optional<std::int64_t> minimum, maximum;
  std::optional<aws::EpochSeconds> begins{}, ends{};  ///< StartTime, EndTime
  document::Node node{};
};

/// Nothing when the node is no object, or is for something else than the desired count of an ECS service (an error).
std::optional<ScalableTarget> read_scalable_target(const document::Node& node, document::Diagnostics& diagnostics);
/// Takes the whole put-scaling-policy, or only the file of --target-tracking-scaling-policy-configuration or
/// --step-scaling-policy-configuration.
std::optional<ScalingPolicy> read_scaling_policy(const document::Node& node, document::Diagnostics& diagnostics);
std::optional<ScheduledScaling> read_scheduled_scaling(const document::Node& node, document::Diagnostics& diagnostics);

/// MetricName, Namespace, Dimensions and Statistic of an object; what is missing is an error.
MetricReference read_metric_reference(Object& object);

/// Why a set of steps is refused: gaps, overlaps, no step, more than 20, two without lower or upper bound. Documented:
/// API StepAdjustment.
std::vector<std::string> step_errors(const std::vector<StepAdjustment>& steps);

}  // namespace plimsoll::ecs::api
