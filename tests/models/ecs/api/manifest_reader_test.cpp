#include "models/ecs/api/manifest_reader.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "sim/policy/machine_needs.h"
#include "tests/models/ecs/api/fixture.h"

namespace plimsoll::ecs::api {
namespace {

std::vector<ManifestFacts> read(const std::vector<document::Node>& nodes, document::Diagnostics& diagnostics) {
  const auto reader = ecs_manifest_reader();
  std::vector<ManifestFacts> out;
  for (const document::Node& node : nodes) CHECK(reader->accepts(node));
  reader->read_all(nodes, diagnostics, out);
  return out;
}

TEST_CASE("a task definition and its service give one entry each, joined by the family") {
  document::Diagnostics d;
  const auto facts = read({manifest("retail-ui.service.json", d), manifest("retail-ui.taskdef.json", d)}, d);
  CHECK_MESSAGE(d.empty(), d.text());
  REQUIRE(facts.size() == 4);
  // Both a second time, nameless: for the columns, which read the documents themselves.
  for (const std::size_t i : {2u, 3u}) {
    CHECK(facts[i].name.empty());
    CHECK(facts[i].scaling.has_value());
  }
  const ManifestFacts& task = facts[0];
  CHECK(task.side == Side::ecs);
  CHECK(task.kind == "task definition");
  CHECK(task.name == "retail-store-ecs-ui");
  CHECK(task.size->cpu == cpu_ecs_units(1024));
  CHECK(task.size->memory == mebibytes(2048));
  CHECK(task.size->cpu_limit == cpu_ecs_units(1024));
  CHECK(task.launch_type == "FARGATE");
  REQUIRE(task.containers.size() == 1);
  CHECK(task.containers[0].name == "ui-service");
  CHECK_FALSE(task.containers[0].cpu_request.has_value());
  REQUIRE(task.containers[0].probes.size() == 1);
  CHECK(task.containers[0].probes[0].kind == "health check");
  CHECK(task.containers[0].probes[0].period == seconds(10));
  CHECK(task.containers[0].probes[0].start == seconds(60));
  const ManifestFacts& service = facts[1];
  CHECK(service.kind == "service");
  CHECK(service.name == "ui");
  CHECK(service.definition == task.name);
  CHECK(service.replicas == 1);
  CHECK(service.service_connect);
  CHECK(service.behind_balancer);
  CHECK(service.launch_type == "FARGATE");
  CHECK_FALSE(service.grace.has_value());
}

TEST_CASE("scaling documents speak of the service that they name") {
  document::Diagnostics d;
  const auto facts = read(
      {json("{'ServiceNamespace':'ecs','ResourceId':'service/shop/ui','ScalableDimension':'ecs:service:DesiredCount',"
            "'MinCapacity':2,'MaxCapacity':40}"),
       json("{'PolicyName':'cpu','ServiceNamespace':'ecs','ResourceId':'service/shop/ui',"
            "'ScalableDimension':'ecs:service:DesiredCount','PolicyType':'TargetTrackingScaling',"
            "'TargetTrackingScalingPolicyConfiguration':{'TargetValue':62.5,'PredefinedMetricSpecification':"
            "{'PredefinedMetricType':'ECSServiceAverageCPUUtilization'}}}")},
      d);
  CHECK_MESSAGE(d.empty(), d.text());
  REQUIRE(facts.size() == 2);
  CHECK(facts[0].name == "ui");
  CHECK(facts[0].scale_minimum == 2);
  CHECK(facts[0].scale_maximum == 40);
  CHECK(facts[1].name == "ui");
  CHECK(facts[1].scale_cpu == Ppm{625'000});  // 62.5 %
}

TEST_CASE("scaling of a service of the same name in another cluster is left out with a warning") {
  const auto target = [](const std::string& cluster) {
    return json("{'ServiceNamespace':'ecs','ResourceId':'service/" + cluster +
                "/ui','ScalableDimension':'ecs:service:DesiredCount','MinCapacity':2,'MaxCapacity':40}");
  };
  const auto bounds = [&](const std::string& cluster, const std::string& of_service, std::string& said) {
    document::Diagnostics d;
    const auto facts = read(
        {target(cluster), json("{'serviceName':'ui','taskDefinition':'ui','desiredCount':2" + of_service + "}")}, d);
    said = d.text();
    return std::count_if(facts.begin(), facts.end(), [](const auto& f) { return f.scale_maximum == 40; });
  };
  std::string said;
  CHECK(bounds("dev", ",'cluster':'prod'", said) == 0);
  CHECK(said.find("service/dev/ui") != std::string::npos);
  CHECK(said.find("the cluster 'prod': it is left out") != std::string::npos);
  for (const char* of_service : {"", ",'cluster':'dev'", ",'cluster':'arn:aws:ecs:us-east-1:1:cluster/dev'"}) {
    CAPTURE(of_service);
    CHECK(bounds("dev", of_service, said) == 1);
    CHECK(said.find("left out") == std::string::npos);
  }
}

TEST_CASE("what ECS refuses of the files is an error, also between a service and its definition") {
  document::Diagnostics d;
  read({manifest("tomcat_ec2.json", d)}, d);
  CHECK(d.has_errors());  // awsvpc with a host port that differs
  document::Diagnostics between;
  read({json("{'family':'a','containerDefinitions':[{'name':'c','image':'i','memory':64}],"
             "'requiresCompatibilities':['EC2']}"),
        json("{'serviceName':'s','taskDefinition':'a','desiredCount':1,'launchType':'FARGATE'}")},
       between);
  CHECK(says(between, "Task definition does not support launch_type FARGATE."));
}

TEST_CASE("policies that are not modelled say so and change nothing") {
  document::Diagnostics d;
  const auto facts = read({json("{'TargetValue':50,'PredefinedMetricSpecification':"
                                "{'PredefinedMetricType':'ECSServiceAverageCPUUtilization'}}")},
                          d);
  CHECK(says(d, "names no service"));
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].name.empty());
}

TEST_CASE("manifests of Kubernetes are left to the other side") {
  const auto reader = ecs_manifest_reader();
  CHECK_FALSE(reader->accepts(json("{'apiVersion':'apps/v1','kind':'Deployment'}")));
  CHECK_FALSE(reader->accepts(json("{'services':{'web':{'image':'nginx'}}}")));
}

TEST_CASE("a service whose task definition is missing among others is told, with the nearest family") {
  const document::Node task = json("{'family':'web','memory':'512','containerDefinitions':[{'name':'c','image':'i'}]}");
  document::Diagnostics d;
  read({task, json("{'serviceName':'web','taskDefinition':'wbe:3','desiredCount':1}")}, d);
  CHECK(says(d, "service 'web' runs the task definition 'wbe', which is not among the files"));
  CHECK(says(d, "did you mean 'web'?"));
}

TEST_CASE("of a family given twice the last counts, and of revisions the one that runs") {
  const auto task = [](int memory, const std::string& revision) {
    return json("{'family':'web','networkMode':'awsvpc'," + revision + "'memory':'" + std::to_string(memory) +
                "','containerDefinitions':[{'name':'c','image':'i'}]}");
  };
  document::Diagnostics d;
  const auto twice = read({task(512, ""), task(1024, "")}, d);
  REQUIRE(twice.size() == 2);  // the second for the columns
  CHECK(twice[0].size->memory == mebibytes(1024));
  CHECK(says(d, "task definition 'web' stands again at test.json:1:1: that one counts"));
  document::Diagnostics plain;
  CHECK(read({task(512, "'revision':2,"), task(1024, "'revision':1,")}, plain).at(0).size->memory == mebibytes(512));
  const auto pinned = read({task(512, "'revision':2,"), task(1024, "'revision':1,"),
                            json("{'serviceName':'web','taskDefinition':'web:1','desiredCount':1,"
                                 "'networkConfiguration':{'awsvpcConfiguration':{'subnets':['a']}}}")},
                           plain);
  REQUIRE(pinned.size() == 4);
  CHECK(pinned[0].size->memory == mebibytes(1024));
  CHECK_MESSAGE(plain.empty(), plain.text());
}

TEST_CASE("GPUs and Windows of a task definition are told in neutral words") {
  document::Diagnostics d;
  const auto facts = read(
      {json("{'family':'web','memory':'512','containerDefinitions':[{'name':'c','image':'i','resourceRequirements':"
            "[{'type':'GPU','value':'2'}]}]}")},
      d);
  REQUIRE_FALSE(facts.empty());
  const ManifestFacts& task = facts.front();
  CHECK(needs_of(task.pod.get()).gpus == 2);
  CHECK_FALSE(needs_of(task.pod.get()).windows);
}

TEST_CASE("a service without deploymentConfiguration has the API's percentages") {
  document::Diagnostics d;
  const auto facts = read({json("{'serviceName':'web','taskDefinition':'web','desiredCount':2}"),
                           json("{'serviceName':'half','taskDefinition':'web','desiredCount':2,"
                                "'deploymentConfiguration':{'minimumHealthyPercent':50}}")},
                          d);
  REQUIRE(facts.size() >= 2);
  REQUIRE(facts[0].ecs_rollout);
  CHECK(facts[0].ecs_rollout->minimum_healthy_percent == 100);
  CHECK(facts[0].ecs_rollout->maximum_percent == 200);
  CHECK_FALSE(facts[0].max_unavailable);  // no word about the other side's PodDisruptionBudget
  CHECK(facts[1].ecs_rollout->minimum_healthy_percent == 50);
  CHECK(facts[1].ecs_rollout->maximum_percent == 200);
}

}  // namespace
}  // namespace plimsoll::ecs::api
