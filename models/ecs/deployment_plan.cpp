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

void check_deployment_alarms(document::Fields& f, const Setting& setting, const std::vector<DaemonService>& daemons,
                             const ScalingPlan& scaling) {
  if (f.describing()) return;
  std::vector<std::string_view> known;
  for (const PlannedAlarm& a : scaling.alarms) known.push_back(a.name);
  for (const PlannedComposite& c : scaling.composites) known.push_back(c.name);
  std::vector<std::string> made;  // by managed scaling
  for (const auto& provider : scaling.managed) {
    for (const char* which : {"AlarmHigh", "AlarmLow"}) made.push_back(provider_alarm(provider.first, which));
  }
  known.insert(known.end(), made.begin(), made.end());
  const auto check = [&](const std::string& service, const std::vector<std::string>& alarms) {
    for (const std::string& name : alarms) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      const std::string near = nearest(name, known);
      f.warning(
          "",
          "no file gives the alarm '" + name + "' that watches the deployments of " + service + ": it never goes off",
          near.empty() ? "add its put-metric-alarm file under `scaling`" : "did you mean '" + near + "'?");
    }
  };
  for (const WorkloadSpec& w : setting.workloads) check(w.name, w.ecs_rollout.alarms);
  for (const DaemonService& d : daemons) {
    check(d.name, d.managed ? d.managed->alarms : d.guard.alarms);
  }
}

}  // namespace plimsoll::ecs
