#include "models/ecs/api/documents.h"

#include <array>
#include <utility>

namespace plimsoll::ecs::api {

using document::Node;

namespace {

/// Answers of `aws ... describe-*` and `register-*`: the key around the object or the list of objects.
constexpr std::array<std::string_view, 11> kWrappers{
    "taskDefinition",   "service",         "services",     "ScalableTargets", "ScalingPolicies",
    "ScheduledActions", "taskDefinitions", "MetricAlarms", "metricFilters",   "ScheduledUpdateGroupActions",
    "CompositeAlarms"};

/// An empty list only where there is nothing else.
const Node* wrapped(const Node& node) {
  const Node* empty = nullptr;
  for (const std::string_view key : kWrappers) {
    const Node* inner = node.find(key);
    if (inner == nullptr) continue;
    if (inner->is_mapping()) return inner;
    if (inner->is_sequence() && inner->size() == 0) empty = inner;
    if (inner->is_sequence() && inner->size() > 0 && inner->at(0).is_mapping()) return inner;
  }
  return empty;
}

bool has(const Node& node, std::string_view key) { return node.find(key) != nullptr; }

}  // namespace

std::string_view to_string(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::unknown:
      return "unknown";
    case DocumentKind::task_definition:
      return "task definition";
    case DocumentKind::service:
      return "service";
    case DocumentKind::run_task:
      return "run-task";
    case DocumentKind::scalable_target:
      return "scalable target";
    case DocumentKind::scaling_policy:
      return "scaling policy";
    case DocumentKind::scheduled_scaling:
      return "scheduled action";
    case DocumentKind::metric_alarm:
      return "metric alarm";
    case DocumentKind::metric_filter:
      return "metric filter";
    case DocumentKind::group_action:
      return "scheduled action of a group";
    case DocumentKind::composite_alarm:
      return "composite alarm";
    case DocumentKind::update_service:
      return "update-service";
  }
  return "";
}

std::vector<Node> unwrap(const Node& node) {
  if (node.is_sequence() && node.size() > 0) return node.items();
  if (!node.is_mapping() || has(node, "containerDefinitions") || has(node, "serviceName") || is_group_action(node))
    return {node};
  const Node* inner = wrapped(node);
  if (inner == nullptr) return {node};
  if (inner->is_mapping()) return {*inner};
  std::vector<Node> out = inner->items();
  // describe-alarms answers with two lists.
  const Node* composites = node.find("CompositeAlarms");
  if (composites != nullptr && composites != inner)
    out.insert(out.end(), composites->items().begin(), composites->items().end());
  return out;
}

DocumentKind detect(const Node& node) {
  if (node.is_sequence() && node.size() > 0 && node.at(0).is_mapping()) return detect(node.at(0));
  if (!node.is_mapping()) return DocumentKind::unknown;
  if (has(node, "containerDefinitions")) return DocumentKind::task_definition;
  if (has(node, "serviceName")) return DocumentKind::service;
  if (has(node, "AlarmName") && has(node, "AlarmRule")) return DocumentKind::composite_alarm;
  if (has(node, "AlarmName") && !has(node, "containerDefinitions")) return DocumentKind::metric_alarm;
  if (has(node, "filterName") && has(node, "metricTransformations")) return DocumentKind::metric_filter;
  if (is_group_action(node)) return DocumentKind::group_action;
  if (has(node, "ScheduledActionName")) return DocumentKind::scheduled_scaling;
  if (has(node, "PolicyName") || has(node, "TargetValue") ||
      (has(node, "AdjustmentType") && has(node, "StepAdjustments"))) {
    return DocumentKind::scaling_policy;
  }
  if (has(node, "ScalableDimension")) return DocumentKind::scalable_target;
  if (const Node* inner = wrapped(node)) {
    if (inner->is_mapping()) return detect(*inner);
    return inner->size() > 0 ? detect(inner->at(0)) : DocumentKind::unknown;
  }
  const Node* service = node.find("service");
  if (service != nullptr && service->is_string() &&
      (has(node, "desiredCount") || has(node, "taskDefinition") || has(node, "forceNewDeployment")))
    return DocumentKind::update_service;
  if (has(node, "taskDefinition") && node.find("taskDefinition")->is_string()) return DocumentKind::run_task;
  return DocumentKind::unknown;
}

const TaskDefinition* Documents::definition_of(const Service& service) const {
  const std::string family = service.family();
  const TaskDefinition* found = nullptr;
  const std::size_t colon = service.task_definition.rfind(':');
  const std::string tail = colon == std::string::npos ? "" : service.task_definition.substr(colon + 1);
  for (const TaskDefinition& d : task_definitions) {
    if (d.family != family) continue;
    if (d.revision && std::to_string(*d.revision) == tail) return &d;
    // Without a revision the newest counts: the highest number, else the last read.
    if (found == nullptr || d.revision.value_or(0) >= found->revision.value_or(0)) found = &d;
  }
  return found;
}

void read_document(const Node& node, document::Diagnostics& diagnostics, Documents& out) {
  const auto keep = [](auto& list, auto value) {
    if (value) list.push_back(std::move(*value));
  };
  const bool described = node.is_mapping() && (has(node, "MetricAlarms") || has(node, "CompositeAlarms"));
  for (const Node& item : unwrap(node)) {
    switch (detect(item)) {
      case DocumentKind::task_definition:
        keep(out.task_definitions, read_task_definition(item, diagnostics));
        break;
      case DocumentKind::service:
        keep(out.services, read_service(item, diagnostics));
        break;
      case DocumentKind::run_task:
        keep(out.run_tasks, read_run_task(item, diagnostics));
        break;
      case DocumentKind::scalable_target:
        keep(out.scalable_targets, read_scalable_target(item, diagnostics));
        break;
      case DocumentKind::scaling_policy:
        keep(out.scaling_policies, read_scaling_policy(item, diagnostics));
        break;
      case DocumentKind::scheduled_scaling:
        keep(out.scheduled, read_scheduled_scaling(item, diagnostics));
        break;
      case DocumentKind::metric_alarm:
        if (auto alarm = read_metric_alarm(item, diagnostics)) {
          alarm->described = alarm->described || described;
          out.alarms.push_back(std::move(*alarm));
        }
        break;
      case DocumentKind::metric_filter:
        keep(out.filters, read_metric_filter(item, diagnostics));
        break;
      case DocumentKind::group_action:
        for (GroupScheduledAction& a : read_group_actions(item, diagnostics)) out.group_actions.push_back(std::move(a));
        break;
      case DocumentKind::composite_alarm:
        if (auto alarm = read_composite_alarm(item, diagnostics)) {
          alarm->described = alarm->described || described;
          out.composites.push_back(std::move(*alarm));
        }
        break;
      case DocumentKind::update_service: {
        const std::string name = item.find("service")->text();
        diagnostics.warning(item, "this call of update-service for '" + name + "' says no time: it is left out",
                            "write events: [{at: 1h, scale: " + name +
                                ", replicas: 5}], or a create-schedule with the target "
                                "arn:aws:scheduler:::aws-sdk:ecs:updateService");
        break;
      }
      case DocumentKind::unknown:
        diagnostics.error(item, "this is none of the ECS documents that can be read",
                          "a task definition, a service, run-task, register-scalable-target, put-scaling-policy, "
                          "put-scheduled-action, put-metric-alarm, put-composite-alarm, put-metric-filter or "
                          "put-scheduled-update-group-action");
        break;
    }
  }
}

}  // namespace plimsoll::ecs::api
