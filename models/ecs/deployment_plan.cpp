#include "models/ecs/deployment_plan.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "sim/core/text.h"

namespace plimsoll::ecs {

HookFunctions HookFunctions::read(document::Fields& column, const Setting& setting, aws::PriceBook& prices) {
  HookFunctions out;
  std::vector<std::string_view> functions;
  for (const WorkloadSpec& w : setting.workloads) {
    if (w.ecs_rollout.strategy == EcsRollout::Strategy::rolling) continue;
    for (const DeploymentHook& hook : w.ecs_rollout.hooks) {
      const bool known =
          !hook.name.empty() && std::find(functions.begin(), functions.end(), hook.name) != functions.end();
      if (!hook.pause && !known) functions.push_back(hook.name);
    }
  }
  out.count = static_cast<std::int64_t>(functions.size());
  if (out.count > 0) out.prices = LambdaPrices::read(prices, column);
  return out;
}

std::string replaced_launch_type(document::Fields& f, const Setting& setting, bool on_fargate) {
  const std::string_view launch = on_fargate ? "FARGATE" : "EC2", other = on_fargate ? "EC2" : "FARGATE";
  constexpr std::string_view kTypes[] = {"EC2", "FARGATE"};
  const auto said = f.optional_one_of(
      "launchType", kTypes, "that of the capacity; said, it takes the place of the files' requiresCompatibilities");
  if (f.describing()) return {};
  if (said && kTypes[*said] != launch) {
    f.error("launchType", "the capacity of this column is of the launch type " + std::string(launch),
            "write " + std::string(launch) + ", or leave launchType out");
    return {};
  }
  std::string names;
  for (const WorkloadSpec& w : setting.workloads) {
    if (w.ecs_launch_type == other) names += (names.empty() ? "" : ", ") + w.name;
  }
  if (names.empty()) return {};
  if (!said) {
    f.error("launchType",
            "Task definition does not support launch_type " + std::string(launch) + ": the files of " + names +
                " name " + std::string(other) + " only (requiresCompatibilities, launchType)",
            "write launchType: " + std::string(launch) + " in this column to put it in their place");
    return {};
  }
  return "launch type " + std::string(launch) + " replaces " + std::string(other) + " of the files of " + names;
}

void check_deployment_alarms(document::Fields& f, const Setting& setting, const ScalingPlan& scaling) {
  if (f.describing()) return;
  std::vector<std::string_view> known;
  for (const PlannedAlarm& a : scaling.alarms) known.push_back(a.name);
  for (const WorkloadSpec& w : setting.workloads) {
    for (const std::string& name : w.ecs_rollout.alarms) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      const std::string near = nearest(name, known);
      f.warning(
          "",
          "no file gives the alarm '" + name + "' that watches the deployments of " + w.name + ": it never goes off",
          near.empty() ? "add its put-metric-alarm file under `scaling`" : "did you mean '" + near + "'?");
    }
  }
}

}  // namespace plimsoll::ecs
