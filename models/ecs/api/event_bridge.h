#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/aws/eventbridge/event_pattern.h"
#include "models/aws/eventbridge/schedule.h"
#include "sim/core/time_zone.h"
#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::ecs::api {

/// What a rule or schedule invokes. SOURCE: API Target and EcsParameters of EventBridge and of EventBridge Scheduler.
struct EventTarget {
  std::string id, arn;
  std::string family;      ///< EcsParameters.TaskDefinitionArn without ARN and revision; empty: it runs no task
  std::int64_t count = 1;  ///< EcsParameters.TaskCount
  /// Universal target aws-sdk:ecs:updateService: Service and DesiredCount of its Input; empty: another target. SOURCE:
  /// EventBridge Scheduler user guide, "Using universal targets".
  std::string service;
  std::optional<std::int64_t> desired;
  document::Node node;

  bool function() const { return arn.find(":lambda:") != std::string::npos; }
};

/// `aws events put-rule`, or a rule that describe-rule or list-rules gives. SOURCE: API PutRule.
struct PutRule {
  std::string name;
  std::optional<aws::EventPattern> pattern;
  std::optional<aws::Schedule> schedule;  ///< in UTC
  bool enabled = true;
  document::Node pattern_node;  ///< of the pattern, all of it at its place in the file
  document::Node node;
};

/// `aws events put-targets`. SOURCE: API PutTargets; "Amazon EventBridge quotas" (five targets a rule).
struct PutTargets {
  std::string rule;
  std::vector<EventTarget> targets;
  document::Node node;
};

/// `aws scheduler create-schedule`, or what get-schedule gives. SOURCE: API CreateSchedule.
struct CreateSchedule {
  std::string name;
  std::optional<aws::Schedule> schedule;
  TimeZone zone;
  Duration window{};  ///< FlexibleTimeWindow; zero: OFF
  bool enabled = true;
  EventTarget target;
  document::Node node;
};

/// What a set of files says of events and schedules.
struct EventDocuments {
  std::vector<PutRule> rules;
  std::vector<PutTargets> targets;
  std::vector<CreateSchedule> schedules;
};

enum class EventDocumentKind : std::uint8_t { none, rule, targets, schedule };
/// "event rule", "event targets", "schedule".
std::string_view to_string(EventDocumentKind kind);
/// What a JSON object is, by its parameters; a list of rules ({"Rules": [...]}) counts as what it holds.
EventDocumentKind detect_event(const document::Node& node);

/// Reads one document; what EventBridge refuses is an error at its place. A fault inside an EventPattern, which is JSON
/// within JSON, is told at that text.
void read_event_document(const document::Node& node, document::Diagnostics& diagnostics, EventDocuments& out);

}  // namespace plimsoll::ecs::api
