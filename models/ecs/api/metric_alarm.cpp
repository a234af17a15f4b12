#include "models/ecs/api/metric_alarm.h"

#include <utility>

namespace plimsoll::ecs::api {

namespace {
/// SOURCE: API PutMetricAlarm.
constexpr std::size_t kMostActions = 5, kMostDimensions = 30;
}  // namespace

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
  a.described = o.has("AlarmArn");
  o.ignore({"AlarmDescription", "AlarmArn", "AlarmConfigurationUpdatedTimestamp", "StateValue", "StateReason",
            "StateReasonData", "StateUpdatedTimestamp", "StateTransitionedTimestamp", "Tags", "Unit"});
  if (o.has("ThresholdMetricId")) {
    o.not_modelled("ThresholdMetricId", "an alarm on anomalies never fires");
    o.ignore({"MetricName", "Namespace", "Dimensions", "Statistic", "Period", "EvaluationPeriods", "DatapointsToAlarm",
              "Threshold", "ComparisonOperator", "TreatMissingData", "ActionsEnabled", "AlarmActions", "OKActions",
              "InsufficientDataActions", "EvaluateLowSampleCountPercentile", "ExtendedStatistic", "Metrics"});
    return std::nullopt;
  }
  aws::AlarmDefinition& d = a.definition;
  const bool math = o.has("Metrics");
  bool bad_math = false;
  if (math) {
    a.queries = read_metric_queries(o, true);
    bad_math = !a.queries;
    for (const std::string_view key :
         {"MetricName", "Namespace", "Dimensions", "Statistic", "ExtendedStatistic", "Period"}) {
      if (!o.has(key)) continue;
      o.error(key, "an alarm has Metrics or a " + std::string(key) + ", one of the two");
      o.ignore({key});
      bad_math = true;
    }
    if (a.queries) d.period = *a.queries->period;
  } else {
    a.metric = read_metric_reference(o);
    if (!o.has("Statistic") && !o.has("ExtendedStatistic"))
      o.missing("Statistic", "Exactly one of the values for statistic or extendedStatistic must be specified.");
    if (o.has("EvaluateLowSampleCountPercentile") && o.has("Statistic"))
      o.error("EvaluateLowSampleCountPercentile",
              "Option evaluateLowSampleCountPercentile can not be applied with statistic " +
                  o.text("Statistic").value_or("") + ".",
              "it is for an ExtendedStatistic pN");
    if (a.metric.dimensions.size() > kMostDimensions)
      o.error("Dimensions", "a metric has at most " + std::to_string(kMostDimensions) + " dimensions");
  }
  const bool ignores =
      o.choice<bool>("EvaluateLowSampleCountPercentile", {{"evaluate", false}, {"ignore", true}}).value_or(false);
  if (ignores && a.metric.percentile >= 0) d.least_samples = aws::least_percentile_samples(a.metric.percentile);
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
  if (!math) {
    if (!o.has("Period")) o.missing("Period", "seconds");
    d.period = seconds(o.integer("Period", 1).value_or(60));
  }
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
    o.error(math ? "Metrics" : "Period", std::move(fault));
    return std::nullopt;
  }
  for (const std::string_view key : {"AlarmActions", "OKActions", "InsufficientDataActions"}) {
    const document::Node* list = o.get(key);
    if (list != nullptr && list->size() > kMostActions)
      o.error(key, std::string(key) + " has at most " + std::to_string(kMostActions) + " actions");
  }
  const bool enabled = o.boolean("ActionsEnabled").value_or(true);
  a.actions = o.texts("AlarmActions");
  a.ok_actions = o.texts("OKActions");
  a.insufficient_data_actions = o.texts("InsufficientDataActions");
  if (!enabled) {
    for (auto* list : {&a.actions, &a.ok_actions, &a.insufficient_data_actions}) list->clear();
  }
  if (bad_math) return std::nullopt;
  return a;
}

}  // namespace plimsoll::ecs::api
