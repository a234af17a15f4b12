#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "models/ecs/api/composite_alarm.h"
#include "models/ecs/api/group_action.h"
#include "models/ecs/api/metric_alarm.h"
#include "models/ecs/api/metric_filter.h"
#include "models/ecs/api/run_task.h"
#include "models/ecs/api/scaling_policy.h"
#include "models/ecs/api/service.h"
#include "models/ecs/api/task_definition.h"

namespace plimsoll::ecs::api {

enum class DocumentKind : std::uint8_t {
  unknown,
  task_definition,
  service,
  run_task,
  scalable_target,
  scaling_policy,
  scheduled_scaling,
  metric_alarm,
  metric_filter,
  group_action,
  composite_alarm,
  update_service,
};
/// "task definition", "service", ...
std::string_view to_string(DocumentKind kind);

/// What a JSON object is, by its parameters; the answers of describe-task-definition ({"taskDefinition": {...}}),
/// describe-services ({"services": [...]}) and describe-scaling-policies ({"ScalingPolicies": [...]}) count as what
/// they hold; so does a list of objects.
DocumentKind detect(const document::Node& node);

/// The objects in an answer of the AWS command line; the node itself otherwise.
std::vector<document::Node> unwrap(const document::Node& node);

/// Everything that a set of files holds.
struct Documents {
  std::vector<TaskDefinition> task_definitions;
  std::vector<Service> services;
  std::vector<RunTask> run_tasks;
  std::vector<ScalableTarget> scalable_targets;
  std::vector<ScalingPolicy> scaling_policies;
  std::vector<ScheduledScaling> scheduled;
  std::vector<MetricAlarm> alarms;
  std::vector<MetricFilter> filters;
  std::vector<GroupScheduledAction> group_actions;
  std::vector<CompositeAlarm> composites;

  /// The definition that a service names: by family, or family:revision when the file gives a revision; null otherwise.
  const TaskDefinition* definition_of(const Service& service) const;
};

/// Reads one document into `out`; what is neither is one error naming the kinds. Rules between parameters are not
/// checked yet (check_task_definition, check_service), so that a column may override first.
void read_document(const document::Node& node, document::Diagnostics& diagnostics, Documents& out);

}  // namespace plimsoll::ecs::api
