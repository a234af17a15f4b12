#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "models/ecs/api/documents.h"
#include "models/ecs/capacity_plan.h"
#include "sim/document/fields.h"

namespace plimsoll::ecs {

/// What a column has that a CloudWatch metric may be about.
struct AlarmScope {
  std::vector<std::string> apps;
  std::vector<std::string> providers;  ///< capacity providers
  /// Whether a metric filter or the scenario's `metrics` publish the metric of this namespace and name.
  std::function<bool(const std::string& name_space, const std::string& name)> publishes;
};

/// Takes alarms of describe-alarms out of `files` that are about other things than the column's: it answers with all
/// alarms of an account and Region. Foreign is an alarm with a metric of another service (ServiceName), cluster
/// (ClusterName: the column's `cluster`, else that of the service's file, else those of all service files), capacity
/// provider or target group (where service files name theirs), or of a namespace that nothing of the column publishes
/// in; and a composite alarm whose rule reads a foreign one. An alarm that sets off a scaling policy of an app stays,
/// since the app's size depends on it. One warning with their number. Alarms of put-metric-alarm are the user's own
/// words and stay: what they name wrongly is an error. SOURCE: API DescribeAlarms, MetricAlarm (AlarmArn, StateValue
/// are in answers only).
void leave_out_foreign_alarms(document::Fields& column, const AlarmScope& scope,
                              const std::vector<api::Documents*>& files);

}  // namespace plimsoll::ecs
