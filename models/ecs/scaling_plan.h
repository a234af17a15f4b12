#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/aws/cloudwatch/alarm_rule.h"
#include "models/aws/controllers/meters.h"
#include "models/aws/controllers/service_auto_scaling.h"
#include "models/aws/price_book.h"
#include "models/aws/surroundings.h"
#include "models/ecs/capacity_plan.h"
#include "models/ecs/log_metrics.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

/// A CloudWatch metric before the world exists: applications by their index in Setting::workloads.
struct PlannedMetric {
  aws::MetricName name = aws::MetricName::service_cpu;
  std::optional<std::size_t> app;
  std::shared_ptr<const MetricExpression> expression;  ///< of custom metrics
  std::string label;
  std::shared_ptr<const aws::MetricMath> math{};                     ///< of metric math, whose text is the label
  std::vector<std::pair<PlannedMetric, aws::Statistic>> operands{};  ///< what its ids stand for
  std::int64_t percentile = -1;                                      ///< as MetricSource has it

  /// Calls `f` with each metric that is no expression.
  template <class F>
  void each(F&& f) const {
    if (math == nullptr) f(*this);
    for (const auto& operand : operands) operand.first.each(f);
  }
};

struct PlannedTracking {
  std::string name;
  PlannedMetric metric;
  aws::TrackingConfig config;  ///< without the metric
};

struct PlannedAlarm {
  std::string name;
  PlannedMetric metric;
  aws::AlarmDefinition definition;
  aws::Statistic statistic = aws::Statistic::average;
};

struct PlannedComposite {
  std::string name;
  aws::AlarmRule rule;
};

struct PlannedStep {
  aws::StepConfig config;  ///< without the alarm
  std::size_t alarm = 0;   ///< index in ScalingPlan::alarms
};

struct PlannedPrediction {
  aws::PredictiveLoad load{};
  aws::PredictivePolicy policy;
  /// Customized: load and scaling metric, and the capacity's when it is given.
  std::vector<std::pair<PlannedMetric, aws::Statistic>> metrics{};
};

/// How one service's desired count is scaled.
struct ServiceScaling {
  std::size_t app = 0;
  std::optional<std::int64_t> minimum, maximum;  ///< of a registered scalable target; else the application's
  std::optional<std::int64_t> desired{};         ///< at the start; else the application's
  aws::SuspendedScaling suspended;
  std::vector<PlannedTracking> tracking;
  std::vector<PlannedStep> steps;
  std::vector<aws::ScheduledAction> actions;
  std::vector<PlannedPrediction> predictions;
};

/// What one column's CloudWatch watches and its Application Auto Scaling does.
struct ScalingPlan {
  aws::CloudWatchParameters cloudwatch;
  aws::CooldownReading cooldown_reading = aws::CooldownReading::without_added;
  std::vector<ServiceScaling> services;
  std::vector<PlannedAlarm> alarms;
  std::vector<PlannedComposite> composites;                   ///< each after those that it reads
  LogPlan logs;                                               ///< whose metrics alarms and policies may watch
  std::vector<std::pair<std::string, std::int64_t>> managed;  ///< providers with managed scaling, target in percent
  Rate high_resolution_month, custom_metric_month, composite_month;

  /// Alarms on datapoints of a minute or longer, and shorter ones; one on metric math counts as its metrics.
  std::int64_t standard_alarms() const;
  std::int64_t high_resolution_alarms() const;
  std::int64_t custom_metrics() const;
  std::int64_t policies() const;

  /// Sets the bounds of the workloads, attaches CloudWatch and Application Auto Scaling to the world and adds their
  /// lines to the bill; `other_alarms` are the column's own (capacity providers). ids: of Setting::workloads.
  void build(BuildContext& context, aws::Meters& meters, const aws::SurroundingPrices& around,
             const std::vector<WorkloadId>& ids, std::int64_t other_alarms) const;
};

/// Reads the column's keys about scaling (`scaling`, `metricPeriod`) and joins them with the application's own block
/// and the real files. Of one service the first of these that speaks of it counts, whole: the column's files, the
/// scenario's `scale` block, the real files under `files`, what the other side's files say in neutral words. Scheduled
/// actions of Auto Scaling groups among the files go to the groups of `capacity`.
ScalingPlan read_scaling(document::Fields& column, const Setting& setting, aws::PriceBook& prices,
                         CapacityPlan& capacity);

/// Label of a provider's CapacityProviderReservation, which its managed scaling puts to CloudWatch.
std::string provider_metric(const std::string& provider);
/// Name of the alarm that managed scaling makes for a provider: "AlarmHigh", "AlarmLow".
std::string provider_alarm(const std::string& provider, std::string_view which);
/// Has every managed scaling of the world do so, and tell the states of its alarms.
void publish_reservations(World& world);

}  // namespace plimsoll::ecs
