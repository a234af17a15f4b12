#include "models/ecs/api/run_task.h"

#include <algorithm>

namespace plimsoll::ecs::api {

using document::Diagnostics;
using document::Node;

namespace {

void read_overrides(const Node& node, Diagnostics& diagnostics, RunTask& out) {
  Object o(node, diagnostics, "overrides");
  if (const auto text = o.text("cpu")) {
    const auto cpu = parse_task_cpu(*text);
    if (!cpu) o.error("cpu", cpu.error);
    out.cpu = cpu.value;
  }
  if (const auto text = o.text("memory")) {
    const auto memory = parse_task_memory(*text);
    if (!memory) o.error("memory", memory.error);
    out.memory = memory.value;
  }
  if (const Node* storage = o.get("ephemeralStorage")) {
    Object s(*storage, diagnostics, o.path_of("ephemeralStorage"));
    out.ephemeral_gib = s.integer("sizeInGiB", 21, 200);
  }
  const auto items = o.list("containerOverrides");
  for (std::size_t i = 0; i < items.size(); ++i) {
    Object c(items[i], diagnostics, document::join_path(o.path_of("containerOverrides"), i));
    ContainerOverride container;
    container.name = c.text("name").value_or("");
    if (container.name.empty()) c.missing("name", "the container to override");
    container.cpu = c.integer("cpu", 0, 262'144);
    container.memory = c.integer("memory", 6, 1'000'000'000);
    container.memory_reservation = c.integer("memoryReservation", 6, 1'000'000'000);
    c.not_modelled("resourceRequirements", "GPU counts of overrides are not read");
    c.ignore({"command", "environment", "environmentFiles"});
    out.containers.push_back(std::move(container));
  }
  o.ignore({"taskRoleArn", "executionRoleArn"});
  o.not_modelled("inferenceAcceleratorOverrides", "the task is placed as if it needed none");
}

}  // namespace

std::string RunTask::family() const {
  const std::string last = task_definition.substr(task_definition.rfind('/') + 1);
  return last.substr(0, last.find(':'));
}

bool RunTask::on_fargate() const {
  if (launch_type) return *launch_type == LaunchType::fargate;
  return !capacity_providers.empty() && is_fargate_provider(capacity_providers.front().provider);
}

std::optional<RunTask> read_run_task(const Node& node, Diagnostics& diagnostics) {
  if (!node.is_mapping()) {
    diagnostics.error(node, "the parameters of RunTask are an object");
    return std::nullopt;
  }
  Object o(node, diagnostics, "");
  RunTask r;
  r.node = node;
  r.task_definition = o.text("taskDefinition").value_or("");
  if (r.task_definition.empty()) o.missing("taskDefinition", "what to run");
  r.count = o.integer("count", 1, 10).value_or(1);
  r.launch_type = read_launch_type(o);
  r.capacity_providers = read_provider_strategy(o);
  r.group = o.text("group").value_or("");
  r.placement = read_strategies(o);
  r.constraints = read_constraints(o, true);
  r.network = read_network(o);
  if (const Node* overrides = o.get("overrides")) read_overrides(*overrides, diagnostics, r);
  o.not_modelled("volumeConfigurations", "EBS volumes of tasks are neither attached nor priced");
  o.ignore({"cluster", "clientToken", "enableECSManagedTags", "enableExecuteCommand", "platformVersion",
            "propagateTags", "referenceId", "startedBy", "tags"});
  if (r.group.rfind("service:", 0) == 0) o.error("group", "the prefix service: is for the tasks of services");
  if (r.launch_type && !r.capacity_providers.empty()) {
    o.error("capacityProviderStrategy",
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one.");
  }
  if (r.on_fargate()) {
    if (!r.placement.empty()) o.error("placementStrategy", "Placement strategies are not supported with FARGATE.");
    if (!r.constraints.empty())
      o.error("placementConstraints", "Placement constraints are not supported with FARGATE.");
  }
  return r;
}

TaskDefinition with_overrides(const TaskDefinition& definition, const RunTask& run, Diagnostics& diagnostics) {
  TaskDefinition out = definition;
  if (run.cpu) out.cpu = run.cpu;
  if (run.memory) out.memory = run.memory;
  if (run.ephemeral_gib) out.ephemeral_gib = run.ephemeral_gib;
  for (const ContainerOverride& wanted : run.containers) {
    const auto at = std::find_if(out.containers.begin(), out.containers.end(),
                                 [&](const ContainerDefinition& c) { return c.size.name == wanted.name; });
    if (at == out.containers.end()) {
      diagnostics.error(mark_of(run.node, "overrides"),
                        "Override for container named " + wanted.name + " is not a container in the TaskDefinition.",
                        {}, "overrides");
      continue;
    }
    if (wanted.cpu) at->size.cpu = *wanted.cpu;
    if (wanted.memory) at->size.memory = wanted.memory;
    if (wanted.memory_reservation) at->size.memory_reservation = wanted.memory_reservation;
  }
  return out;
}

}  // namespace plimsoll::ecs::api
