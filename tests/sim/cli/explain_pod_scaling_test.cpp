#include <set>

#include "sim/cli/explain_log.h"
#include "tests/sim/engine/columns.h"

using namespace plimsoll;
using namespace plimsoll::cli;
using namespace plimsoll::engine::testing;

namespace {

/// What the decisions about one application that changed its size were told to be.
std::set<std::string> reasons_of(const std::string& manifest, const std::string& more) {
  const Folder folder;
  folder.put("scale.yaml", manifest);
  const scenario::Scenario s =
      read_file(folder.put("s.yaml",
                           "apiVersion: plimsoll/v1\nseed: 3\nload: {constant: 400/s, for: 2h, warmup: 30m}\n"
                           "files: {kubernetes: [scale.yaml]}\napps: {web: {size: 500m/1Gi, work: 5ms, image: 120MB, "
                           "replicas: 3}}\n" +
                               more +
                               "platforms: {pods: {type: eks, capacity: {nodeGroup: {type: m5.xlarge, min: 6, max: "
                               "6}}}}\n"));
  engine::Run run = engine::build(s, 0, 0, {.keep_series = true, .keep_events = true});
  const DecisionLog& log = DecisionLog::attach(run.world, {});
  run.world.run();
  std::set<std::string> out;
  std::size_t changes = 0;
  for (const ScalingRow& r : log.scalings) {
    if (!r.changed) continue;
    ++changes;
    // Without the figures that differ from sync to sync.
    out.insert(r.why.substr(0, r.why.find_first_of("0123456789")));
  }
  CHECK(changes == static_cast<std::size_t>(count(run.world, Fact::desired_changed)));
  return out;
}

std::string hpa_on(const std::string& metric) {
  return "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n"
         "  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  maxReplicas: 30\n  metrics: [" +
         metric + "]\n";
}

TEST_CASE("the metric that an HPA went by is told by its kind and name") {
  const std::string rps = "metrics: {rps: web.arrived, depth: web.arrived}\n";
  CHECK(
      reasons_of(hpa_on("{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}"),
                 "") == std::set<std::string>{"HorizontalPodAutoscaler: CPU "});
  CHECK(reasons_of(hpa_on("{type: Resource, resource: {name: cpu, target: {type: AverageValue, averageValue: 100m}}}"),
                   "") == std::set<std::string>{"HorizontalPodAutoscaler: CPU at "});
  CHECK(
      reasons_of(hpa_on("{type: Pods, pods: {metric: {name: rps}, target: {type: AverageValue, averageValue: '25'}}}"),
                 rps) == std::set<std::string>{"HorizontalPodAutoscaler: rps at "});
  CHECK(reasons_of(hpa_on("{type: Object, object: {metric: {name: depth}, describedObject: {apiVersion: v1, kind: "
                          "Service, name: web}, target: {type: AverageValue, averageValue: '25'}}}"),
                   rps) == std::set<std::string>{"HorizontalPodAutoscaler: depth at "});
}

TEST_CASE("what KEDA sets beside its HPA is a decision as well") {
  const std::set<std::string> told = reasons_of(R"(apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web}
spec:
  scaleTargetRef: {name: web}
  maxReplicaCount: 20
  triggers:
  - {type: cron, metadata: {timezone: UTC, start: 30 9 * * *, end: 30 10 * * *, desiredReplicas: "8"}}
)",
                                                "calendar: 2026-01-05T09:00:00Z\n");
  CHECK(told.contains("KEDA: no trigger is active"));
  CHECK(told.contains("KEDA: a trigger is active"));
  CHECK(told.contains("HorizontalPodAutoscaler: cron trigger at "));
}

}  // namespace
