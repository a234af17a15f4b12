#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/ecs/api/metric_queries.h"
#include "models/ecs/api/scaling_policy.h"

namespace plimsoll::ecs::api {

/// The JSON of `aws cloudwatch put-metric-alarm`, or one of the MetricAlarms of describe-alarms.
/// SOURCE: API PutMetricAlarm.
struct MetricAlarm {
  std::string name;
  MetricReference metric;                                          ///< when `queries` is none
  std::optional<MetricQueries> queries;                            ///< Metrics: metric math
  aws::AlarmDefinition definition;                                 ///< threshold in millionths
  std::vector<std::string> actions;                                ///< AlarmActions: ARNs of policies
  std::vector<std::string> ok_actions, insufficient_data_actions;  ///< likewise
  bool described = false;  ///< out of an answer of describe-alarms, which holds all alarms of the account
  document::Node node;

  /// The name of the scaling policy that an action's ARN ends with (...:policyName/NAME); the text itself when it is
  /// no ARN.
  static std::string policy_name(std::string_view action);
};

/// Nothing when the node is no object or the alarm is of a kind that is not modelled (a warning).
std::optional<MetricAlarm> read_metric_alarm(const document::Node& node, document::Diagnostics& diagnostics);

}  // namespace plimsoll::ecs::api
