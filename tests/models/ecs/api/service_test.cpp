#include "models/ecs/api/service.h"

#include <doctest/doctest.h>

#include "tests/models/ecs/api/fixture.h"

using namespace plimsoll;
using namespace plimsoll::ecs;
using namespace plimsoll::ecs::api;

namespace {

Service service(const std::string& text, document::Diagnostics& d) {
  auto s = read_service(json("{'serviceName':'s','taskDefinition':'f:3','desiredCount':2" + text + "}"), d);
  REQUIRE(s.has_value());
  return *s;
}

document::Diagnostics problems(const std::string& text) {
  document::Diagnostics d;
  service(text, d);
  return d;
}

}  // namespace

TEST_CASE("the services of the retail store fit their task definitions") {
  for (const char* app : {"ui", "carts", "catalog", "checkout", "orders"}) {
    document::Diagnostics d;
    const std::string name = app;
    const auto s = read_service(manifest("retail-" + name + ".service.json", d), d);
    const auto t = read_task_definition(manifest("retail-" + name + ".taskdef.json", d), d);
    REQUIRE(s.has_value());
    check_service(*s, *t, d);
    CAPTURE(d.text());
    CHECK(d.empty());
    CHECK(s->name == name);
    CHECK(s->family() == t->family);
    CHECK(s->desired_count == 1);
    CHECK(s->on_fargate());
    CHECK(s->maximum_percent == 200);
    CHECK(s->minimum_healthy_percent == 100);
    CHECK(s->service_connect);
    CHECK(s->connect_names.at(0).discovery_name == name);
    CHECK(s->network->subnets.size() == 3);
    CHECK_FALSE(s->network->public_ip);
    CHECK(s->load_balancers.size() == (name == "ui" ? 1 : 0));
    CHECK(s->task_group() == "service:" + name);
  }
}

TEST_CASE("the services of the developer guide") {
  document::Diagnostics d;
  const auto connect = read_service(manifest("awsdocs-create-service-connect-8.service.json", d), d);
  const auto definition = read_task_definition(manifest("awsdocs-create-service-connect-6.taskdef.json", d), d);
  CHECK(connect->minimum_healthy_percent == 0);
  CHECK(connect->network->public_ip);
  check_service(*connect, *definition, d);
  const auto discovery = read_service(manifest("awsdocs-create-service-discovery-9.service.json", d), d);
  CHECK(discovery->service_discovery);
  CHECK_FALSE(discovery->service_connect);
  CAPTURE(d.text());
  CHECK(d.empty());
}

TEST_CASE("families are found in every way to name a task definition") {
  Service s;
  for (const char* text : {"web", "web:7", "arn:aws:ecs:us-east-1:111122223333:task-definition/web:7"}) {
    s.task_definition = text;
    CHECK(s.family() == "web");
  }
}

TEST_CASE("deployment, circuit breaker, placement and zones are read") {
  document::Diagnostics d;
  const Service s = service(
      ",'launchType':'EC2','deploymentConfiguration':{'maximumPercent':150,'minimumHealthyPercent':50,"
      "'deploymentCircuitBreaker':{'enable':true,'rollback':true,'thresholdConfiguration':{'type':'COUNT','value':4}}},"
      "'placementStrategy':[{'type':'spread','field':'attribute:ecs.availability-zone'},{'type':'binpack','field':'cpu'"
      "}],"
      "'placementConstraints':[{'type':'distinctInstance'}],'availabilityZoneRebalancing':'DISABLED',"
      "'capacityProviderStrategy':[]",
      d);
  CHECK(d.empty());
  CHECK(s.maximum_percent == 150);
  CHECK(s.minimum_healthy_percent == 50);
  CHECK(s.breaker.enable);
  CHECK(s.breaker.rollback);
  CHECK(breaker_threshold(s.breaker, 100) == 4);
  CHECK(s.placement.size() == 2);
  CHECK(s.constraints.at(0).distinct_instance);
  CHECK_FALSE(s.on_fargate());
  CHECK(rebalance_obstacle(s.rebalance()) == RebalanceObstacle::disabled);
}

TEST_CASE("what decides about zone rebalancing is told apart") {
  document::Diagnostics d;
  CHECK(rebalance_obstacle(service("", d).rebalance()) == RebalanceObstacle::none);
  CHECK(rebalance_obstacle(service(",'placementStrategy':[{'type':'binpack','field':'cpu'}]", d).rebalance()) ==
        RebalanceObstacle::strategy);
  CHECK(rebalance_obstacle(
            service(",'placementStrategy':[{'type':'spread','field':'attribute:ecs.availability-zone'}]", d)
                .rebalance()) == RebalanceObstacle::none);
  CHECK(rebalance_obstacle(service(",'placementConstraints':[{'type':'memberOf','expression':"
                                   "'attribute:ecs.availability-zone == a'}]",
                                   d)
                               .rebalance()) == RebalanceObstacle::zone_constraint);
  CHECK(rebalance_obstacle(
            service(",'loadBalancers':[{'loadBalancerName':'old','containerName':'c','containerPort':80}]", d)
                .rebalance()) == RebalanceObstacle::classic_load_balancer);
  CHECK(rebalance_obstacle(service(",'launchType':'EXTERNAL'", d).rebalance()) == RebalanceObstacle::external);
}

TEST_CASE("daemon services have their own defaults and rules") {
  document::Diagnostics d;
  const auto s = read_service(json("{'serviceName':'s','taskDefinition':'f','schedulingStrategy':'DAEMON'}"), d);
  CHECK(d.empty());
  CHECK(s->maximum_percent == 100);
  CHECK(s->minimum_healthy_percent == 0);
  CHECK(says(problems(",'schedulingStrategy':'DAEMON'"), "does not support a desired count"));
  CHECK(says(problems(",'schedulingStrategy':'DAEMON','launchType':'FARGATE'"), "scheduling strategy DAEMON"));
}

TEST_CASE("percentages and resolutions have their ranges") {
  const auto deployment = [](const std::string& text) { return problems(",'deploymentConfiguration':{" + text + "}"); };
  CHECK(says(deployment("'minimumHealthyPercent':150"), "minimumHealthyPercent must be between 0 and 100, got 150"));
  CHECK(says(deployment("'maximumPercent':99999999999"), "maximumPercent must be at most 2147483647"));
  for (const char* wrong : {"2.9", "100.5", "0", "-1"})
    CHECK(says(deployment(std::string("'strategy':'LINEAR','linearConfiguration':{'stepPercent':") + wrong + "}"),
               std::string("stepPercent must be between 3.0 and 100.0, got ") + wrong));
  for (const char* wrong : {"0.05", "0", "101"})
    CHECK(says(deployment(std::string("'strategy':'CANARY','canaryConfiguration':{'canaryPercent':") + wrong + "}"),
               std::string("canaryPercent must be between 0.1 and 100.0, got ") + wrong));
  for (const char* right : {"'strategy':'LINEAR','linearConfiguration':{'stepPercent':3.0}",
                            "'strategy':'CANARY','canaryConfiguration':{'canaryPercent':0.1}"})
    CHECK_FALSE(says(deployment(right), "must be between"));
  const auto monitoring = [](const std::string& text) {
    return problems(",'monitoring':{'metricConfigurations':[{'metricNames':['CPUUtilization']" + text + "}]}");
  };
  CHECK_FALSE(says(monitoring(",'resolutionSeconds':20"), "resolutionSeconds"));
  CHECK(says(monitoring(",'resolutionSeconds':30"), "resolutionSeconds must be 20 or 60, got 30"));
  CHECK(says(monitoring(""), "missing resolutionSeconds"));
}

TEST_CASE("services that ECS refuses") {
  CHECK(says(problems(",'launchType':'FARGATE','capacityProviderStrategy':[{'capacityProvider':'FARGATE','weight':1}]"),
             "Specifying both a launch type and capacity provider strategy is not supported"));
  CHECK(
      says(problems(",'launchType':'FARGATE','placementStrategy':[{'type':'random'}]"), "not supported with FARGATE"));
  CHECK(says(problems(",'launchType':'FARGTE'"), "did you mean FARGATE?"));
  CHECK(says(problems(",'desiredcount':3"), "did you mean desiredCount?"));
  document::Diagnostics d;
  read_service(json("{'serviceName':'s','taskDefinition':'f'}"), d);
  CHECK(says(d, "missing desiredCount"));
}

TEST_CASE("a service that can never replace a task is warned about") {
  const auto d = problems(",'deploymentConfiguration':{'maximumPercent':100,'minimumHealthyPercent':100}");
  CHECK(d.error_count() == 0);
  CHECK(says(d, "leave no room"));
}

TEST_CASE("a service and its task definition must fit") {
  document::Diagnostics d;
  const auto t = read_task_definition(manifest("nginx_ec2.json", d), d);
  const auto with = [&](const std::string& text) {
    document::Diagnostics own;
    const Service s = service(text, own);
    check_service(s, *t, own);
    return own;
  };
  CHECK(with(",'launchType':'EC2'").empty());
  CHECK(says(with(",'launchType':'FARGATE'"), "Task definition does not support launch_type FARGATE."));
  CHECK(says(with(",'networkConfiguration':{'awsvpcConfiguration':{'subnets':['a']}}"),
             "not valid for the given networkMode"));
  CHECK(says(with(",'loadBalancers':[{'targetGroupArn':'t','containerName':'web','containerPort':80}]"),
             "The container web does not exist"));
  CHECK(says(with(",'loadBalancers':[{'targetGroupArn':'t','containerName':'nginx','containerPort':81}]"),
             "did not have a container port 81 defined"));
  CHECK(says(with(",'serviceConnectConfiguration':{'enabled':true,'services':[{'portName':'http'}]}"),
             "has the name 'http'"));
  const auto vpc = read_task_definition(manifest("nginx_fargate.json", d), d);
  document::Diagnostics own;
  check_service(service(",'launchType':'FARGATE'", own), *vpc, own);
  CHECK(says(own, "Network Configuration must be provided"));
}

TEST_CASE("a provider of the account's own may be one of Managed Instances") {
  document::Diagnostics d;
  const auto managed =
      read_task_definition(json("{'family':'f','requiresCompatibilities':['MANAGED_INSTANCES'],'networkMode':'bridge',"
                                "'containerDefinitions':[{'name':'web','image':'i','memory':128}]}"),
                           d);
  REQUIRE(managed.has_value());
  const auto faults = [&](const std::string& text) {
    document::Diagnostics own;
    const Service s = service(text, own);
    check_service(s, *managed, own);
    return own;
  };
  CHECK_FALSE(says(faults(",'capacityProviderStrategy':[{'capacityProvider':'mine'}]"), "does not support"));
  CHECK(says(faults(",'capacityProviderStrategy':[{'capacityProvider':'FARGATE'}]"), "launch_type FARGATE"));
  CHECK(says(faults(",'launchType':'EC2'"), "launch_type EC2"));
}

TEST_CASE("providers of Fargate make a service run there") {
  document::Diagnostics d;
  CHECK(service(",'capacityProviderStrategy':[{'capacityProvider':'FARGATE_SPOT','weight':1}]", d).on_fargate());
  CHECK_FALSE(service(",'capacityProviderStrategy':[{'capacityProvider':'asg','weight':1}]", d).on_fargate());
}

TEST_CASE("alarms and the shares of a canary are read from the deployment configuration") {
  document::Diagnostics d;
  const Service s = service(
      ",'deploymentConfiguration':{'strategy':'CANARY','bakeTimeInMinutes':5,'canaryConfiguration':{'canaryPercent':2."
      "5,"
      "'canaryBakeTimeInMinutes':12},'alarms':{'alarmNames':['errors','latency'],'enable':true,'rollback':true}}",
      d);
  CHECK(d.empty());
  CHECK(s.strategy == DeploymentStrategy::canary);
  CHECK(s.step_percent == 2.5);
  CHECK(s.step_bake == minutes(12));
  CHECK(s.alarms == std::vector<std::string>{"errors", "latency"});
  CHECK(s.alarms_rollback);
  document::Diagnostics off;
  const Service disabled =
      service(",'deploymentConfiguration':{'alarms':{'alarmNames':['errors'],'enable':false,'rollback':true}}", off);
  CHECK(disabled.alarms.empty());
  CHECK_FALSE(says(problems(",'deploymentConfiguration':{'alarms':{'alarmNames':[],'enable':false}}"), "alarmNames"));
  CHECK(says(problems(",'deploymentConfiguration':{'alarms':{'enable':true}}"), "alarmNames"));
}
