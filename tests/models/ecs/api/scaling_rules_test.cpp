#include "models/ecs/api/scaling_rules.h"

#include <doctest/doctest.h>

#include "tests/models/ecs/api/fixture.h"

namespace plimsoll::ecs::api {
namespace {

std::string subject(const std::string& cluster = "shop") {
  return "'ServiceNamespace':'ecs','ResourceId':'service/" + cluster +
         "/web','ScalableDimension':'ecs:service:DesiredCount'";
}

std::string tracking(const std::string& name, const std::string& metric, const std::string& cluster = "shop") {
  return "{" + subject(cluster) + ",'PolicyName':'" + name +
         "','PolicyType':'TargetTrackingScaling','TargetTrackingScalingPolicyConfiguration':{'TargetValue':60,"
         "'PredefinedMetricSpecification':{'PredefinedMetricType':" +
         metric + "}}}";
}

const std::string kCpu = "'ECSServiceAverageCPUUtilization'", kMemory = "'ECSServiceAverageMemoryUtilization'";
const std::string kAlb =
    "'ALBRequestCountPerTarget','ResourceLabel':'app/shop/0123456789abcdef/targetgroup/web/fedcba9876543210'";

Documents read_all(const std::vector<std::string>& texts, document::Diagnostics& d) {
  Documents out;
  for (const std::string& text : texts) read_document(json(text), d, out);
  return out;
}

std::string scaling_faults(const std::vector<std::string>& texts) {
  document::Diagnostics read, d;
  check_scaling(read_all(texts, read), d);
  CHECK_MESSAGE(read.empty(), read.text());
  return d.text();
}

TEST_CASE("a scalable target is registered with both bounds") {
  const std::string both = "{" + subject() + ",'MinCapacity':1,'MaxCapacity':9}";
  const std::string least = "{" + subject() + ",'MinCapacity':2}";
  CHECK(scaling_faults({both}).empty());
  CHECK(scaling_faults({both, least}).empty());  // an update
  CHECK(scaling_faults({least}).find("are both required to register service/shop/web: missing MaxCapacity") !=
        std::string::npos);
  CHECK(scaling_faults({"{" + subject("dev") + ",'MinCapacity':1,'MaxCapacity':9}", least}).find("service/shop/web") !=
        std::string::npos);
}

TEST_CASE("one target tracking policy for a metric; a policy of the same name replaces the one before") {
  CHECK(scaling_faults({tracking("cpu", kCpu), tracking("memory", kMemory)}).empty());
  const std::string two = scaling_faults({tracking("cpu", kCpu), tracking("cpu-too", kCpu)});
  CHECK(two.find("error: Only one TargetTrackingScaling policy for a given metric specification is allowed") !=
        std::string::npos);
  CHECK(two.find("'cpu' and 'cpu-too' of service/shop/web") != std::string::npos);
  CHECK(scaling_faults({tracking("cpu", kCpu), tracking("cpu-too", kCpu, "dev")}).empty());
  const std::vector<std::string> again{tracking("a", kCpu), tracking("b", kMemory), tracking("a", kAlb)};
  CHECK(scaling_faults(again).find("warning: the scaling policy 'a' of service/shop/web stands at test.json:1:1 too") !=
        std::string::npos);
  document::Diagnostics d;
  Documents documents = read_all(again, d);
  keep_last_policies(documents);
  REQUIRE(documents.scaling_policies.size() == 2);
  CHECK(documents.scaling_policies[0].name == "b");
  CHECK(documents.scaling_policies[1].target_tracking->metric == ScalingMetric::alb_requests_per_target);
}

TEST_CASE("requests of a target need a target group") {
  const std::string service = "{'serviceName':'web','taskDefinition':'f','desiredCount':1";
  const std::string balanced = ",'loadBalancers':[{'targetGroupArn':'arn','containerName':'web','containerPort':80}]}";
  CHECK(scaling_faults({tracking("r", kAlb)}).empty());
  CHECK(scaling_faults({tracking("r", kAlb), service + balanced}).empty());
  CHECK(scaling_faults({tracking("r", kAlb), service + "}"}).find("needs a target group attached to the service") !=
        std::string::npos);
}

TEST_CASE("a target has at most 50 policies and 200 scheduled actions") {
  std::vector<std::string> policies, actions;
  for (int i = 0; i < 51; ++i)
    policies.push_back("{" + subject() + ",'PolicyName':'p" + std::to_string(i) +
                       "','PolicyType':'StepScaling','StepScalingPolicyConfiguration':{'AdjustmentType':"
                       "'ChangeInCapacity','StepAdjustments':[{'MetricIntervalLowerBound':0,'ScalingAdjustment':1}]}}");
  for (int i = 0; i < 201; ++i)
    actions.push_back("{" + subject() + ",'ScheduledActionName':'a" + std::to_string(i) +
                      "','Schedule':'rate(1 hour)','ScalableTargetAction':{'MinCapacity':1}}");
  CHECK(scaling_faults(policies).find("at most 50 scaling policies") != std::string::npos);
  CHECK(scaling_faults(actions).find("at most 200 scheduled actions") != std::string::npos);
  policies.pop_back();
  actions.pop_back();
  CHECK(scaling_faults(policies).empty());
  CHECK(scaling_faults(actions).empty());
}

}  // namespace
}  // namespace plimsoll::ecs::api
