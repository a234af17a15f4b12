#include "models/ecs/api/service_rules.h"

#include <doctest/doctest.h>

#include "tests/models/ecs/api/fixture.h"

namespace plimsoll::ecs::api {
namespace {

const std::string kAwsvpcTask = "'networkMode':'awsvpc','cpu':'1024','memory':'2048'";
const std::string kBridgeTask = "'networkMode':'bridge'";
const std::string kTarget = "{'targetGroupArn':'arn:tg','containerName':'web','containerPort':80}";

/// What is said of a service with these keys that runs a definition with those.
std::string service_faults(const std::string& service, const std::string& definition) {
  document::Diagnostics ignored, d;
  const auto s =
      read_service(json("{'serviceName':'web','taskDefinition':'f','desiredCount':2" + service + "}"), ignored);
  const auto t = read_task_definition(
      json("{'family':'f'," + definition + ",'containerDefinitions':[{'name':'web','image':'i','memory':128}]}"),
      ignored);
  REQUIRE(s.has_value());
  check_service_alone(*s, d);
  check_service_with(*s, *t, d);
  return d.text();
}

struct ServiceCase {
  std::string service, definition;
  std::string rule;  ///< part of the one fault; empty: none
};

void check_cases(std::initializer_list<ServiceCase> cases) {
  for (const ServiceCase& c : cases) {
    const std::string text = service_faults(c.service, c.definition);
    CAPTURE(c.service);
    CAPTURE(text);
    if (c.rule.empty()) {
      CHECK(text.empty());
    } else {
      CHECK(text.find(c.rule) != std::string::npos);
      CHECK(text.find("error:") == text.rfind("error:"));  // once
    }
  }
}

std::string balancers(int n, const std::string& each = kTarget) {
  std::string out = ",'loadBalancers':[";
  for (int i = 0; i < n; ++i) out += (i > 0 ? "," : "") + each;
  return out + "]";
}

TEST_CASE("balancers and external instances that CreateService refuses") {
  const std::string classic = "{'loadBalancerName':'lb','containerName':'web','containerPort':80}";
  check_cases({
      {balancers(5), kBridgeTask, ""},
      {balancers(6), kBridgeTask, "at most 5 target groups, got 6"},
      {balancers(1, classic), kBridgeTask, ""},
      {balancers(1, classic), kAwsvpcTask, "Classic Load Balancers are not supported with networkMode 'awsvpc'."},
      {",'launchType':'FARGATE'" + balancers(1, classic), kAwsvpcTask,
       "Classic Load Balancers are not supported with Fargate."},
      {",'launchType':'EXTERNAL'", kBridgeTask, ""},
      {",'launchType':'EXTERNAL'" + balancers(1), kBridgeTask,
       "External instances do not support service load balancing."},
      {",'launchType':'EXTERNAL','serviceConnectConfiguration':{'enabled':true}", kBridgeTask,
       "External instances do not support Service Connect."},
      {",'launchType':'EXTERNAL','serviceRegistries':[{'registryArn':'r','containerName':'web','containerPort':80}]",
       kBridgeTask, "External instances do not support service discovery."},
      {",'launchType':'MANAGED_INSTANCES'", kAwsvpcTask, "launchType MANAGED_INSTANCES is for task definitions"},
  });
}

TEST_CASE("deployment strategies need what shifts their traffic") {
  const std::string whole =
      "{'targetGroupArn':'a','containerName':'web','containerPort':80,'advancedConfiguration':{'"
      "alternateTargetGroupArn':"
      "'b','productionListenerRule':'l','roleArn':'r'}}";
  const std::string canary =
      ",'deploymentConfiguration':{'strategy':'CANARY','canaryConfiguration':{'canaryPercent':10}}";
  check_cases({
      {canary + balancers(1, whole), kAwsvpcTask, ""},
      {canary + balancers(1), kAwsvpcTask, "missing alternateTargetGroupArn, productionListenerRule, roleArn"},
      {",'deploymentConfiguration':{'strategy':'BLUE_GREEN'}" + balancers(1), kAwsvpcTask,
       "advancedConfiguration is required with the deployment strategy BLUE_GREEN"},
      {",'deploymentConfiguration':{'strategy':'ROLLING'}" + balancers(1), kAwsvpcTask, ""},
      {",'deploymentConfiguration':{'canaryConfiguration':{'canaryPercent':10}}", kAwsvpcTask,
       "only valid with the strategy CANARY, not ROLLING"},
      {",'deploymentConfiguration':{'strategy':'CANARY','linearConfiguration':{'stepPercent':10}}", kAwsvpcTask,
       "only valid with the strategy LINEAR, not CANARY"},
      {",'deploymentConfiguration':{'strategy':'LINEAR','linearConfiguration':{'stepPercent':10.25}}", kAwsvpcTask,
       "a multiple of 0.1"},
      {",'deploymentConfiguration':{'strategy':'LINEAR','linearConfiguration':{'stepPercent':10.3}}", kAwsvpcTask, ""},
      {",'deploymentController':{'type':'CODE_DEPLOY'}", kAwsvpcTask,
       "CODE_DEPLOY requires an Application Load Balancer"},
      {",'deploymentController':{'type':'CODE_DEPLOY'}" + balancers(1), kAwsvpcTask, ""},
      {",'deploymentController':{'type':'CODE_DEPLOY'},'deploymentConfiguration':{'strategy':'BLUE_GREEN'}" +
           balancers(1),
       kAwsvpcTask, "needs the deployment controller ECS, not CODE_DEPLOY"},
      {",'deploymentController':{'type':'EXTERNAL'}", kAwsvpcTask, "TaskDefinition must be blank"},
  });
}

TEST_CASE("zone rebalancing is refused where it is said and cannot be") {
  const std::string on = ",'availabilityZoneRebalancing':'ENABLED'";
  const std::string full = ",'deploymentConfiguration':{'minimumHealthyPercent':50,'maximumPercent':100}";
  check_cases({
      {on, kAwsvpcTask, ""},
      {on + full, kAwsvpcTask, "Availability Zone Rebalancing does not support maximumPercent <= 100 %"},
      {full, kAwsvpcTask, ""},
      {",'availabilityZoneRebalancing':'DISABLED'" + full, kAwsvpcTask, ""},
      {on + ",'placementStrategy':[{'type':'binpack','field':'memory'}]", kBridgeTask,
       "only supports availability zone spread as task placement strategy."},
      {on + ",'placementStrategy':[{'type':'spread','field':'attribute:ecs.availability-zone'}]", kBridgeTask, ""},
  });
  document::Diagnostics ignored, d;
  const auto daemon = read_service(json("{'serviceName':'a','taskDefinition':'f','schedulingStrategy':'DAEMON'" + on +
                                        ",'deploymentConfiguration':{'maximumPercent':150}}"),
                                   ignored);
  check_service_alone(*daemon, d);
  CHECK(says(d, "Availability Zone Rebalancing does not support DAEMON services."));
  CHECK(says(d, "does not support values above 100 for maximumPercent."));
}

TEST_CASE("platform versions, public addresses, roles, registries and volumes") {
  const auto public_ip = [](const std::string& more) {
    return more + ",'networkConfiguration':{'awsvpcConfiguration':{'subnets':['a'],'assignPublicIp':'ENABLED'}}";
  };
  const std::string registry = "{'registryArn':'r','containerName':'web','containerPort':80}";
  std::string subnets;
  for (int i = 0; i < 17; ++i) subnets += std::string(i > 0 ? "," : "") + "'s" + std::to_string(i) + "'";
  check_cases({
      {",'launchType':'FARGATE','platformVersion':'1.4.0'", kAwsvpcTask, ""},
      {",'launchType':'FARGATE','platformVersion':'1.3.0'", kAwsvpcTask, ""},
      {",'launchType':'FARGATE','platformVersion':'1.3.0'", "'networkMode':'awsvpc','cpu':'8192','memory':'16384'",
       "8192 CPU units needs platform version 1.4.0 or later, got 1.3.0"},
      {",'launchType':'FARGATE','platformVersion':'1.3.0'", kAwsvpcTask + ",'ephemeralStorage':{'sizeInGiB':50}",
       "ephemeralStorage needs platform version 1.4.0"},
      {",'launchType':'FARGATE','platformVersion':'1.5'", kAwsvpcTask, "there is no platform version '1.5'"},
      {",'launchType':'EC2','platformVersion':'LATEST'", kAwsvpcTask,
       "The platform version must be null when specifying an EC2 launch type."},
      {public_ip(",'launchType':'FARGATE'"), kAwsvpcTask, ""},
      {public_ip(",'launchType':'EC2'"), kAwsvpcTask, "Assign public IP is not supported for this launch type."},
      {public_ip(",'capacityProviderStrategy':[{'capacityProvider':'nodes','weight':1}]"), kAwsvpcTask,
       "Assign public IP is not supported for this launch type."},
      {",'networkConfiguration':{'awsvpcConfiguration':{'subnets':[" + subnets + "]}}", kAwsvpcTask,
       "at most 16 subnets"},
      {",'role':'ecsServiceRole'", kAwsvpcTask, "services that require a service linked role."},
      {",'role':'ecsServiceRole'", kBridgeTask, ""},
      {",'serviceRegistries':[" + registry + "]", kBridgeTask, ""},
      {",'serviceRegistries':[" + registry + "," + registry + "]", kBridgeTask,
       "a service has one service registry, got 2"},
      {",'serviceRegistries':[{'registryArn':'r'}]", kAwsvpcTask, ""},
      {",'serviceRegistries':[{'registryArn':'r'}]", kBridgeTask, "with networkMode bridge a registry names"},
      {",'volumeConfigurations':[{'name':'data','managedEBSVolume':{}}]", kAwsvpcTask,
       "The volume name 'data' in your request does not have a matching volume"},
      {",'volumeConfigurations':[{'name':'data','managedEBSVolume':{}}]",
       kAwsvpcTask + ",'volumes':[{'name':'data','configuredAtLaunch':true}]", ""},
  });
  document::Diagnostics ignored, d;
  const auto named = read_service(json("{'serviceName':'my web','taskDefinition':'f','desiredCount':1}"), ignored);
  check_service_alone(*named, d);
  CHECK(says(d, "a service name has up to 255 letters"));
}

TEST_CASE("what RunTask refuses of a call and its definition") {
  const auto faults = [](const std::string& run, const std::string& definition) {
    document::Diagnostics ignored, d;
    const auto r = read_run_task(json("{'taskDefinition':'f'" + run + "}"), ignored);
    const auto t = read_task_definition(
        json("{'family':'f'," + definition + ",'containerDefinitions':[{'name':'web','image':'i','memory':128}]}"),
        ignored);
    check_run_task(*r, *t, d);
    return d.text();
  };
  const std::string network = ",'networkConfiguration':{'awsvpcConfiguration':{'subnets':['a']}}";
  CHECK(faults(network, kAwsvpcTask).empty());
  CHECK(faults("", kAwsvpcTask).find("Network Configuration must be provided") != std::string::npos);
  CHECK(faults("", kBridgeTask).empty());
  CHECK(faults(network, kBridgeTask).find("Network Configuration is not valid") != std::string::npos);
  CHECK(faults(network + ",'launchType':'EC2','platformVersion':'LATEST'", kAwsvpcTask)
            .find("The platform version must be null") != std::string::npos);
  CHECK(faults(network + ",'launchType':'FARGATE'", kAwsvpcTask + ",'requiresCompatibilities':['EC2']")
            .find("does not support launch_type FARGATE") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::ecs::api
