#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/aws/cloudwatch/alarm_rule.h"
#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::ecs::api {

/// The JSON of `aws cloudwatch put-composite-alarm`, or one of the CompositeAlarms of describe-alarms. Its actions go
/// to topics and functions, which are no part of a column; deployments, refreshes and event rules may watch it. SOURCE:
/// API PutCompositeAlarm. Left out: ActionsSuppressor (a warning).
struct CompositeAlarm {
  std::string name;
  aws::AlarmRule rule;
  bool described = false;  ///< out of an answer of describe-alarms
  document::Node node;
};

/// Nothing when the node is no object or the rule cannot be read (an error, with its position in the rule).
std::optional<CompositeAlarm> read_composite_alarm(const document::Node& node, document::Diagnostics& diagnostics);

}  // namespace plimsoll::ecs::api
