#include "models/ecs/api/metric_alarm.h"

#include <utility>

namespace plimsoll::ecs::api {

std::string MetricAlarm::policy_name(std::string_view action) {
  constexpr std::string_view kMark = "policyName/";
  const std::size_t at = action.find(kMark);
  return std::string(at == std::string_view::npos ? action : action.substr(at + kMark.size()));
}

std::optional<MetricAlarm> read_metric_alarm(const document::Node& node, document::Diagnostics& diagnostics) {
  if (!node.is_mapping()) {
    diagnostics.error(node, "an alarm is an object");
    return std::nullopt;
  }
  Object o(node, diagnostics, "");
  MetricAlarm a;
  a.node = node;
  a.name = o.text("AlarmName").value_or("");
  o.ignore({"AlarmDescription", "AlarmArn", "AlarmConfigurationUpdatedTimestamp", "StateValue", "StateReason",
            "StateReasonData", "StateUpdatedTimestamp", "StateTransitionedTimestamp", "Tags", "Unit"});
  for (const std::string_view key : {"Metrics", "ExtendedStatistic", "ThresholdMetricId"}) {
    if (!o.has(key)) continue;
    o.not_modelled(key, "an alarm on metric math, percentiles or anomalies never fires");
    o.ignore({"MetricName", "Namespace", "Dimensions", "Statistic", "Period", "EvaluationPeriods", "DatapointsToAlarm",
              "Threshold", "ComparisonOperator", "TreatMissingData", "ActionsEnabled", "AlarmActions", "OKActions",
              "InsufficientDataActions", "EvaluateLowSampleCountPercentile", "ExtendedStatistic", "ThresholdMetricId",
              "Metrics"});
    return std::nullopt;
  }
  o.ignore({"EvaluateLowSampleCountPercentile"});
  a.metric = read_metric_reference(o);
  aws::AlarmDefinition& d = a.definition;
  using aws::AlarmComparison;
  const auto comparison = o.choice<AlarmComparison>(
      "ComparisonOperator", {{"GreaterThanThreshold", AlarmComparison::greater},
                             {"GreaterThanOrEqualToThreshold", AlarmComparison::greater_or_equal},
                             {"LessThanThreshold", AlarmComparison::less},
                             {"LessThanOrEqualToThreshold", AlarmComparison::less_or_equal}});
  if (!comparison && !o.has("ComparisonOperator")) o.missing("ComparisonOperator", "how the metric is compared");
  d.comparison = comparison.value_or(AlarmComparison::greater);
  if (!o.has("Threshold")) o.missing("Threshold", "what the metric is compared with");
  const double threshold = o.number("Threshold").value_or(0);
  d.threshold = static_cast<std::int64_t>(threshold * 1e6 + (threshold < 0 ? -0.5 : 0.5));
  if (!o.has("Period")) o.missing("Period", "seconds");
  d.period = seconds(o.integer("Period", 1).value_or(60));
  if (!o.has("EvaluationPeriods")) o.missing("EvaluationPeriods", "how many periods are compared");
  d.evaluation_periods = o.integer("EvaluationPeriods", 1).value_or(1);
  d.datapoints_to_alarm = o.integer("DatapointsToAlarm", 1);
  using aws::MissingData;
  d.treat_missing = o.choice<MissingData>("TreatMissingData", {{"missing", MissingData::missing},
                                                               {"ignore", MissingData::ignore},
                                                               {"breaching", MissingData::breaching},
                                                               {"notBreaching", MissingData::not_breaching}})
                        .value_or(MissingData::missing);
  if (std::string fault = alarm_error(d); !fault.empty()) {
    o.error("Period", std::move(fault));
    return std::nullopt;
  }
  const bool enabled = o.boolean("ActionsEnabled").value_or(true);
  a.actions = o.texts("AlarmActions");
  if (!enabled) a.actions.clear();
  for (const std::string_view key : {"OKActions", "InsufficientDataActions"}) {
    o.not_modelled(key, "only AlarmActions are carried out");
  }
  return a;
}

}  // namespace plimsoll::ecs::api
