// Whole ECS columns: CPU architectures, start timeouts, events of real ARNs.
#include <doctest/doctest.h>

#include <string>

#include "models/aws/catalogue.h"
#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

const std::string kHead = "apiVersion: plimsoll/v1\nload: {constant: 10/s, for: 30m, warmup: 10m, to: web}\n";

Run run_first(const scenario::Scenario& s) {
  Run run = build(s, 0, 0, {true, true});
  run.world.run();
  return run;
}

TEST_CASE("an ECS column of Graviton instances runs, at their price") {
  const auto s = read_text(kHead +
                           "apps: {web: {size: 250m/512Mi, work: 1ms, replicas: 4}}\n"
                           "platforms: {a: {type: ecs, eniTrunking: true, capacity: {asg: {type: m7g.large, min: 2, "
                           "max: 4}}}}\n");
  const Run run = run_first(s);
  CHECK(run.world.workloads()[0].serving == 4);
  for (const Node& n : run.world.nodes()) CHECK(run.world.names.text(n.instance_type) == "m7g.large");
}

TEST_CASE("in a group of both architectures each task stands on an instance of its own") {
  const Folder folder;
  const auto definition = [&](const std::string& name, const std::string& architecture) {
    folder.put(name + ".json", R"({"family": ")" + name +
                                   R"(", "networkMode": "awsvpc", "cpu": "256", "memory": "512", )" +
                                   R"("runtimePlatform": {"cpuArchitecture": ")" + architecture +
                                   R"("}, "containerDefinitions": [{"name": "a", "image": "i"}]})");
  };
  definition("web", "ARM64");
  definition("api", "X86_64");
  const auto s = read_file(folder.put(
      "s.yaml", kHead + "files: {ecs: [web.json, api.json]}\n"
                        "apps: {web: {work: 1ms, replicas: 3, calls: {api: 1}}, api: {work: 1ms, replicas: 3}}\n"
                        "platforms: {a: {type: ecs, eniTrunking: true, capacity: {asg: {types: [m7g.large, "
                        "m7i.large], min: 6, max: 8, spot: 100%, spotAllocationStrategy: lowest-price}}}}\n"));
  const Run run = run_first(s);
  const World& w = run.world;
  std::int64_t placed = 0;
  for (const Pod& p : w.pods()) {
    if (p.node.is_none()) continue;
    ++placed;
    const bool arm = w.names.text(w.node(p.node).instance_type) == "m7g.large";
    CHECK(arm == (w.names.text(w.workload(p.workload).name) == "web"));
  }
  CHECK(placed >= 6);
}

TEST_CASE("Managed Instances of ARM64 tasks are Graviton, and say so to constraints") {
  const auto s = read_text(kHead +
                           "apps: {web: {size: 250m/512Mi, work: 1ms, replicas: 3}}\n"
                           "platforms: {a: {type: ecs, cpuArchitecture: ARM64, capacity: {managedInstances: {}}, "
                           "placementConstraints: {web: 'attribute:ecs.cpu-architecture == arm64 and "
                           "attribute:ecs.capability.task-eni exists'}}}\n");
  const Run run = run_first(s);
  CHECK(run.world.workloads()[0].serving == 3);
  REQUIRE_FALSE(run.world.nodes().empty());
  for (const Node& n : run.world.nodes()) {
    const std::string_view type = run.world.names.text(n.instance_type);
    CHECK_MESSAGE(aws::Catalogue::built_in().find_type(type)->arch == aws::Architecture::arm64, type);
  }
}

TEST_CASE("tasks whose dependency takes longer than startTimeout never serve, and are tried again") {
  const Folder folder;
  folder.put("web.json", R"({"family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
    "containerDefinitions": [{"name": "proxy", "image": "p", "startTimeout": 5, "healthCheck": {"command": ["CMD", "x"],
    "interval": 30}}, {"name": "web", "image": "w",
    "dependsOn": [{"containerName": "proxy", "condition": "HEALTHY"}]}]})");
  const auto s =
      read_file(folder.put("s.yaml", kHead + "files: {ecs: [web.json]}\napps: {web: {work: 1ms, replicas: 2}}\n"
                                             "platforms: {a: {type: ecs, capacity: fargate}}\n"));
  const Run run = run_first(s);
  CHECK(count(run.world, Fact::pod_serving) == 0);
  std::int64_t stopped = 0;
  for (const FactRecord& f : run.world.log)
    stopped += f.fact == Fact::pod_ended && f.reason == Reason::start_timeout ? 1 : 0;
  CHECK(stopped >= 4);
}

TEST_CASE("a rule of a real file goes by the cluster's ARN, and matches") {
  const Folder folder;
  folder.put("rule.json",
             R"({"Name": "r", "EventPattern": "{\"source\":[\"aws.ecs\"],\"detail-type\":[\"ECS Task State Change\"],)"
             R"(\"detail\":{\"clusterArn\":[\"arn:aws:ecs:us-east-1:111122223333:cluster/prod\"],)"
             R"(\"group\":[\"service:web\"],\"lastStatus\":[\"STOPPED\"]}}"})");
  folder.put("targets.json",
             R"({"Rule": "r", "Targets": [{"Id": "1", "Arn": "arn:aws:ecs:us-east-1:1:cluster/c", "EcsParameters":)"
             R"( {"TaskDefinitionArn": "arn:aws:ecs:us-east-1:1:task-definition/fix:3", "TaskCount": 2}}]})");
  const auto s = read_file(folder.put(
      "s.yaml", kHead +
                    "files: {ecs: [rule.json, targets.json]}\napps: {web: {size: 250m/512Mi, work: 1ms, replicas: 2}}\n"
                    "jobs: {fix: {size: 250m/512Mi, work: 10s}}\nevents: [{at: 10m, deploy: web}]\n"
                    "platforms: {a: {type: ecs, capacity: fargate}}\n"));
  const Run run = run_first(s);
  CHECK(count(run.world, Fact::rule_triggered) == 2);  // both old tasks of the deployment
  CHECK(count(run.world, Fact::job_started) == 2);
}

TEST_CASE("registeredAt is a date of the calendar, on instances of a group and on those that ECS chooses") {
  // The calendar begins on 2026-01-05.
  for (const std::string capacity : {"{asg: {type: m5.large, min: 2, max: 2}, managedScaling: false}",
                                     "{asg: {type: m5.large, min: 2, max: 4}}", "{managedInstances: {}}"}) {
    for (const auto& [expression, meets] :
         {std::pair("registeredAt > 2020-01-01", true), std::pair("registeredAt < 2020-01-01", false),
          std::pair("registeredAt >= 2026-01-04", true), std::pair("registeredAt >= 2026-01-06", false)}) {
      const auto s = read_text(kHead + "apps: {web: {size: 250m/512Mi, work: 1ms, replicas: 2}}\n" +
                               "platforms: {a: {type: ecs, eniTrunking: true, capacity: " + capacity +
                               ", placementConstraints: {web: '" + expression + "'}}}\n");
      const Run run = run_first(s);
      CAPTURE(capacity);
      CAPTURE(expression);
      CHECK(run.world.workloads()[0].serving == (meets ? 2 : 0));
    }
  }
}

}  // namespace
}  // namespace plimsoll::engine
