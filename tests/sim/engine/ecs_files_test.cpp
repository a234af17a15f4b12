// What the files of ECS services say, in whole columns.
#include <doctest/doctest.h>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

/// The end of a run on one column with a task definition and a service "web" in files.
World end_of(const std::string& service, const std::string& app, const std::string& column,
             const std::string& network = "\"networkMode\":\"bridge\",\"memory\":\"512\",\"cpu\":\"256\"",
             const std::string& more = "") {
  const Folder folder;
  folder.put("web.td.json", "{\"family\":\"web\"," + network +
                                ",\"containerDefinitions\":[{\"name\":\"a\",\"image\":\"i\",\"portMappings\":[{"
                                "\"containerPort\":80,\"hostPort\":80}]}]}");
  folder.put("web.service.json",
             "{\"serviceName\":\"web\",\"taskDefinition\":\"web\",\"desiredCount\":8" + service + "}");
  const std::string file =
      folder.put("s.yaml",
                 "apiVersion: plimsoll/v1\nload: {constant: 8/s, for: 1h, warmup: 10m}\n"
                 "files: {ecs: [web.td.json, web.service.json]}\nsizes: as-written\napps: {web: {work: 1ms" +
                     app + "}}\n" + more + "platforms:\n  a: {type: ecs, " + column + "}\n");
  const scenario::Scenario s = read_file(file);
  Run run = build(s, 0, 0, {true, true});
  run.world.run();
  return std::move(run.world);
}

const std::string kOnFargate =
    "\"networkMode\":\"awsvpc\",\"requiresCompatibilities\":[\"FARGATE\"],\"memory\":\"512\",\"cpu\":\"256\"";
const std::string kSubnets = ",\"networkConfiguration\":{\"awsvpcConfiguration\":{\"subnets\":[\"s\"]}}";

TEST_CASE("the strategy of a service's file splits its tasks on a plain column on Fargate") {
  const World world = end_of(kSubnets +
                                 ",\"capacityProviderStrategy\":[{\"capacityProvider\":\"FARGATE\",\"base\":2,"
                                 "\"weight\":1},{\"capacityProvider\":\"FARGATE_SPOT\",\"weight\":3}]",
                             "", "capacity: fargate", kOnFargate);
  std::int64_t spot = 0;
  for (const PodId pod : world.workload(WorkloadId{0}).pods)
    spot += world.node(world.pod(pod).node).purchase == PurchaseOption::spot ? 1 : 0;
  // Two of the base; of the other six a quarter is 1.5: four or five on Spot.
  CHECK(spot >= 4);
  CHECK(spot <= 5);
}

TEST_CASE("tasks with a host port get an instance each, at the first datapoint") {
  // One m5.large holds eight by their size; the port asks for eight more than the one that has not registered yet.
  const World world = end_of("", "", "capacity: {asg: {type: m5.large, min: 1, max: 20}}");
  std::vector<std::int64_t> sizes;
  for (const FactRecord& f : world.log) {
    if (f.fact == Fact::group_resized) sizes.push_back(f.value);
  }
  CHECK(sizes == std::vector<std::int64_t>{9, 8});  // the ninth stays empty and goes
  CHECK(world.group(NodeGroupId{0}).desired == 8);
  CHECK(world.workload(WorkloadId{0}).serving == 8);
}

TEST_CASE("on Managed Instances the constraints of the file choose the types") {
  const std::string constraint =
      ",\"placementConstraints\":[{\"type\":\"memberOf\",\"expression\":\"attribute:ecs.instance-type =~ m6i.*\"}]";
  const World world = end_of(constraint, "", "capacity: {managedInstances: {}}");
  CHECK(world.workload(WorkloadId{0}).serving == 8);
  std::int64_t launched = 0;
  for (const Node& n : world.nodes()) {
    CHECK(world.names.text(n.instance_type).substr(0, 3) == "m6i");
    ++launched;
  }
  CHECK(launched >= 8);  // the host port again
}

TEST_CASE("a slow start needs a grace period behind a load balancer") {
  // 150 s: two checks 30 s apart fail it at 60 s at the latest.
  const World without = end_of(kSubnets, ", start: {wait: 150s}", "capacity: fargate", kOnFargate);
  CHECK(without.workload(WorkloadId{0}).serving == 0);
  CHECK(count(without, Fact::pod_unhealthy) > 8 * 10);
  const World with = end_of(kSubnets + ",\"healthCheckGracePeriodSeconds\":180", ", start: {wait: 150s}",
                            "capacity: fargate", kOnFargate);
  CHECK(with.workload(WorkloadId{0}).serving == 8);
  CHECK(count(with, Fact::pod_unhealthy) == 0);
}

TEST_CASE("a call of RunTask that no job stands for is one warning, which says how to make it a job") {
  const Folder folder;
  folder.put("rt.json", "{\"taskDefinition\":\"nightly\",\"count\":2}");
  const std::string file = folder.put("s.yaml",
                                      "apiVersion: plimsoll/v1\nload: {constant: 8/s, for: 1h}\nfiles: {ecs: "
                                      "[rt.json]}\napps: {web: {size: 500m/1Gi, work: 1ms}}\nplatforms:\n  a: {type: "
                                      "ecs, capacity: fargate}\n  b: {type: ecs, capacity: fargate-spot}\n");
  document::Diagnostics diagnostics;
  CHECK(scenario::read_scenario(file, registry(), {}, diagnostics).has_value());
  const std::string said = diagnostics.text();
  CAPTURE(said);
  CHECK(said.find("run-task 'nightly' belongs to no entry of 'jobs' and is left out") != std::string::npos);
  CHECK(said.find("add jobs: {nightly: {work: 5min, at: 0s}}") != std::string::npos);
  CHECK(diagnostics.warning_count() == 1);
}

TEST_CASE("the classic design sees its datapoints after metricPublication") {
  const auto first_resize = [](const std::string& delays) {
    const World world =
        end_of("", "",
               delays +
                   "capacity: {asg: {type: m5.large, min: 8, max: 20}, managedScaling: false, scalingPolicies: "
                   "[{policyType: StepScaling, metric: MemoryReservation, comparisonOperator: GreaterThanThreshold, "
                   "threshold: 5%, "
                   "scalingAdjustment: 1}]}");
    for (const FactRecord& f : world.log) {
      if (f.fact == Fact::group_resized) return f.at;
    }
    return kTimeNever;
  };
  const Time usual = first_resize(""), late = first_resize("delays: {metricPublication: 180s}, ");
  REQUIRE(usual < kTimeNever);
  CHECK(late - usual == minutes(2));  // beside the minute without the key
}

}  // namespace
}  // namespace plimsoll::engine
