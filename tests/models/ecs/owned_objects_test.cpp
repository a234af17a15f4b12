#include "models/ecs/owned_objects.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/models/ecs/api/fixture.h"

namespace plimsoll::ecs {
namespace {

std::int64_t count_of(const OwnedObjects& objects, const std::string& kind) {
  const auto at = std::find_if(objects.begin(), objects.end(), [&](const auto& o) { return o.first == kind; });
  return at != objects.end() ? at->second : 0;
}

Setting with_apps(const std::vector<std::string>& apps, const std::vector<std::string>& documents) {
  Setting s;
  for (const std::string& name : apps) {
    WorkloadSpec w;
    w.name = name;
    w.entry = name == apps.front();
    s.workloads.push_back(w);
  }
  for (const std::string& d : documents) s.scaling.push_back({Side::ecs, "f.json", api::json(d)});
  return s;
}

TEST_CASE("without files: a service and a task definition each, and a target group of the entry") {
  const OwnedObjects o = objects_of_files(with_apps({"web", "api"}, {}), 1);
  CHECK(count_of(o, "ECS cluster") == 1);
  CHECK(count_of(o, "ECS service") == 3);  // with a daemon
  CHECK(count_of(o, "task definition") == 3);
  CHECK(count_of(o, "target group") == 1);
  CHECK(count_of(o, "security group") == 0);
}

TEST_CASE("what the files name counts once, whoever names it") {
  const auto service = [](const std::string& name, const std::string& more) {
    return "{'serviceName':'" + name + "','taskDefinition':'shared','desiredCount':1,'networkConfiguration':" +
           "{'awsvpcConfiguration':{'subnets':['s'],'securityGroups':['sg-all','sg-" + name + "']}}" + more + "}";
  };
  const OwnedObjects o = objects_of_files(
      with_apps(
          {"web", "api"},
          {"{'family':'shared','memory':'512','networkMode':'awsvpc','taskRoleArn':'r1','executionRoleArn':'r2',"
           "'containerDefinitions':[{'name':'a','image':'i','portMappings':[{'containerPort':80,'name':'p'}],"
           "'logConfiguration':{'logDriver':'awslogs','options':{'awslogs-group':'/shop'}}},"
           "{'name':'b','image':'i','logConfiguration':{'logDriver':'awslogs','options':{'awslogs-group':'/shop'}}}]}",
           service("web",
                   ",'loadBalancers':[{'targetGroupArn':'t1','containerName':'a','containerPort':80,"
                   "'advancedConfiguration':{'alternateTargetGroupArn':'t2','productionListenerRule':'l1'}}]"),
           service(
               "api",
               ",'loadBalancers':[{'targetGroupArn':'t3','containerName':'a','containerPort':80}],"
               "'serviceConnectConfiguration':{'enabled':true,'namespace':'shop.local','services':[{'portName':'p'}]}"),
           // No app of the scenario:
           "{'serviceName':'other','taskDefinition':'other','desiredCount':1,'loadBalancers':[{'targetGroupArn':'t9',"
           "'containerName':'a','containerPort':80}]}"}),
      0);
  CHECK(count_of(o, "ECS service") == 2);
  CHECK(count_of(o, "task definition") == 1);
  CHECK(count_of(o, "target group") == 3);
  CHECK(count_of(o, "listener rule") == 1);
  CHECK(count_of(o, "security group") == 3);  // sg-all, sg-web, sg-api
  CHECK(count_of(o, "IAM role") == 2);
  CHECK(count_of(o, "log group") == 1);
  CHECK(count_of(o, "Cloud Map namespace") == 1);
  CHECK(count_of(o, "Cloud Map service") == 1);
}

TEST_CASE("balancers have listeners and records; a Classic Load Balancer has its listener in itself") {
  Surroundings around;
  around.load_balancers = 2;
  around.classic_load_balancers = 1;
  OwnedObjects o;
  add_balancer_objects(around, o);
  CHECK(count_of(o, "Application Load Balancer") == 2);
  CHECK(count_of(o, "listener") == 2);
  CHECK(count_of(o, "DNS record of a load balancer") == 3);
}

TEST_CASE("a group brings its launch template, capacity provider and drain hook") {
  CapacityPlan plan;
  CapacityProvider p;
  p.kind = ProviderKind::auto_scaling_group;
  p.asg.emplace();
  plan.providers = {p, p};
  OwnedObjects o;
  add_capacity_objects(plan, o);
  CHECK(count_of(o, "Auto Scaling group") == 2);
  CHECK(count_of(o, "launch template") == 2);
  CHECK(count_of(o, "lifecycle hook (managed draining)") == 2);
  CHECK(count_of(o, "instance profile") == 1);
  CHECK(count_of(o, "scaling policy of an Auto Scaling group") == 0);
}

}  // namespace
}  // namespace plimsoll::ecs
