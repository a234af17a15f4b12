#include "models/ecs/api/scaling_policy.h"

#include <doctest/doctest.h>

#include "models/ecs/api/metric_queries.h"
#include "tests/models/ecs/api/fixture.h"

using namespace plimsoll;
using namespace plimsoll::ecs::api;

namespace {
const std::string kSubject =
    "'ServiceNamespace':'ecs','ResourceId':'service/shop/ui','ScalableDimension':'ecs:service:DesiredCount'";
}

TEST_CASE("scalable targets") {
  document::Diagnostics d;
  const auto t = read_scalable_target(json("{" + kSubject +
                                           ",'MinCapacity':2,'MaxCapacity':20,'SuspendedState':"
                                           "{'DynamicScalingInSuspended':true}}"),
                                      d);
  REQUIRE(t.has_value());
  CHECK(t->cluster == "shop");
  CHECK(t->service == "ui");
  CHECK(t->minimum == 2);
  CHECK(t->maximum == 20);
  CHECK(t->scale_in_suspended);
  CHECK_FALSE(t->scale_out_suspended);
  CHECK(d.empty());
}

TEST_CASE("target tracking with its defaults") {
  document::Diagnostics d;
  const auto p = read_scaling_policy(
      json("{" + kSubject +
           ",'PolicyName':'cpu','PolicyType':'TargetTrackingScaling','TargetTrackingScalingPolicyConfiguration':"
           "{'TargetValue':60,'PredefinedMetricSpecification':{'PredefinedMetricType':'ECSServiceAverageCPUUtilization'"
           "},"
           "'ScaleInCooldown':120}}"),
      d);
  REQUIRE(p.has_value());
  REQUIRE(p->target_tracking.has_value());
  CHECK(p->target_tracking->target == 60);
  CHECK(p->target_tracking->metric == ScalingMetric::cpu);
  CHECK(p->target_tracking->scale_out_cooldown == seconds(300));
  CHECK(p->target_tracking->scale_in_cooldown == seconds(120));
  CHECK(p->service == "ui");
  CHECK(d.empty());
}

TEST_CASE("the file of a bare configuration is a policy too") {
  document::Diagnostics d;
  const auto p = read_scaling_policy(
      json("{'TargetValue':75.5,'PredefinedMetricSpecification':{'PredefinedMetricType':'ALBRequestCountPerTarget',"
           "'ResourceLabel':'app/a/1/targetgroup/b/2'},'DisableScaleIn':true}"),
      d);
  CHECK(p->target_tracking->metric == ScalingMetric::alb_requests_per_target);
  CHECK(p->target_tracking->disable_scale_in);
  CHECK(p->target_tracking->target == 75.5);
  CHECK(d.empty());
}

TEST_CASE("step scaling") {
  document::Diagnostics d;
  const auto p = read_scaling_policy(
      json("{" + kSubject +
           ",'PolicyName':'steps','PolicyType':'StepScaling','StepScalingPolicyConfiguration':{'AdjustmentType':"
           "'PercentChangeInCapacity','StepAdjustments':[{'MetricIntervalLowerBound':0,'MetricIntervalUpperBound':10,"
           "'ScalingAdjustment':10},{'MetricIntervalLowerBound':10,'ScalingAdjustment':30}],'MinAdjustmentMagnitude':2,"
           "'Cooldown':60,'MetricAggregationType':'Maximum'}}"),
      d);
  REQUIRE(p->step.has_value());
  CHECK(p->step->type == AdjustmentType::percent_change_in_capacity);
  CHECK(p->step->steps.size() == 2);
  CHECK(p->step->steps[1].lower == 10);
  CHECK_FALSE(p->step->steps[1].upper.has_value());
  CHECK(p->step->minimum_magnitude == 2);
  CHECK(p->step->cooldown == seconds(60));
  CHECK(p->step->aggregation == MetricAggregation::maximum);
  CHECK(d.empty());
}

TEST_CASE("steps must join") {
  const auto step = [](std::optional<double> lower, std::optional<double> upper) {
    return StepAdjustment{lower, upper, 1};
  };
  CHECK(step_errors({step(0, 10), step(10, {})}).empty());
  CHECK(step_errors({step(10, {}), step(0, 10)}).empty());
  CHECK(step_errors({step({}, -5), step(-5, 0)}).empty());
  CHECK(step_errors({step({}, {})}).empty());
  CHECK(step_errors({}).size() == 1);
  CHECK(step_errors({step(0, 10), step(12, {})}) == std::vector<std::string>{"there is a gap between the steps"});
  CHECK(step_errors({step(0, 10), step(8, {})}) == std::vector<std::string>{"the steps overlap"});
  CHECK(step_errors({step(0, {}), step(8, {})}) == std::vector<std::string>{"the steps overlap"});
  CHECK(step_errors({step({}, 0), step({}, 5)}).size() == 1);
  CHECK(step_errors({step(5, 5)}).size() == 1);
}

TEST_CASE("scheduled actions") {
  document::Diagnostics d;
  const auto s =
      read_scheduled_scaling(json("{" + kSubject +
                                  ",'ScheduledActionName':'morning','Schedule':"
                                  "'cron(0 8 ? * MON-FRI *)','Timezone':'Europe/Berlin','ScalableTargetAction':"
                                  "{'MinCapacity':5}}"),
                             d);
  REQUIRE(s.has_value());
  CHECK(s->minimum == 5);
  CHECK_FALSE(s->maximum.has_value());
  CHECK(s->time_zone == "Europe/Berlin");
  CHECK(d.empty());
}

TEST_CASE("scaling that is refused or not modelled") {
  const auto problems = [](const std::string& text) {
    document::Diagnostics d;
    read_scaling_policy(json("{" + text + "}"), d);
    return d;
  };
  const std::string policy = kSubject +
                             ",'PolicyName':'p','PolicyType':'TargetTrackingScaling',"
                             "'TargetTrackingScalingPolicyConfiguration':";
  CHECK(says(problems(policy + "{'TargetValue':60}"), "exactly one of"));
  CHECK(says(problems(policy + "{'TargetValue':0,'PredefinedMetricSpecification':{'PredefinedMetricType':"
                               "'ECSServiceAverageCPUUtilization'}}"),
             "above 0"));
  CHECK(says(problems(policy + "{'TargetValue':60,'CustomizedMetricSpecification':{'MetricName':'q'}}"), "Namespace"));
  CHECK(says(problems(policy + "{'TargetValue':60,'CustomizedMetricSpecification':{'Metrics':[{'Id':'m1'}]}}"),
             "one of the two"));
  CHECK(says(problems(kSubject + ",'PolicyName':'p','TargetTrackingScalingPolicyConfiguration':{'TargetValue':60}"),
             "PolicyType is StepScaling unless"));
  CHECK(says(problems("'ServiceNamespace':'dynamodb','ResourceId':'table/t','ScalableDimension':'dynamodb:table:"
                      "ReadCapacityUnits','PolicyName':'p'"),
             "only the desired count of ECS services"));
  document::Diagnostics d;
  read_scalable_target(json("{" + kSubject + ",'MinCapacity':5,'MaxCapacity':2}"), d);
  CHECK(says(d, "Maximum capacity cannot be less than minimum capacity."));
  document::Diagnostics id;
  CHECK_FALSE(read_scalable_target(json("{'ServiceNamespace':'ecs','ResourceId':'service/ui','ScalableDimension':"
                                        "'ecs:service:DesiredCount'}"),
                                   id)
                  .has_value());
}

TEST_CASE("the times of a scheduled action, and customized metrics of a prediction") {
  document::Diagnostics d;
  const auto s = read_scheduled_scaling(
      json("{" + kSubject +
           ",'ScheduledActionName':'a','Schedule':'cron(0 6 * * ? *)','StartTime':'2026-03-02T00:00:00Z','EndTime':"
           "'2026-03-09T00:00:00+00:00','ScalableTargetAction':{'MinCapacity':4}}"),
      d);
  CHECK_MESSAGE(d.empty(), d.text());
  REQUIRE(s.has_value());
  CHECK(*s->ends - *s->begins == 7 * 86'400);
  const std::string stat =
      "{'MetricDataQueries':[{'Id':'m','MetricStat':{'Metric':{'Namespace':'Shop','MetricName':'orders'},'Stat':'Sum'}}"
      "]"
      "}";
  const std::string policy =
      "{" + kSubject +
      ",'PolicyName':'p','PolicyType':'PredictiveScaling','PredictiveScalingPolicyConfiguration':"
      "{'MetricSpecifications':[{'TargetValue':50,";
  const auto p = read_scaling_policy(json(policy + "'CustomizedLoadMetricSpecification':" + stat +
                                          ",'CustomizedScalingMetricSpecification':" + stat + "}]}}"),
                                     d);
  CHECK_MESSAGE(d.empty(), d.text());
  REQUIRE(p->predictive.has_value());
  REQUIRE(p->predictive->load != nullptr);
  CHECK(p->predictive->load->queries[0].metric->name == "orders");
  CHECK(p->predictive->capacity == nullptr);
  read_scaling_policy(json(policy + "'CustomizedLoadMetricSpecification':" + stat + "}]}}"), d);
  CHECK(says(d, "customized load and scaling metric go together"));
}

TEST_CASE("steps, labels and names that Application Auto Scaling refuses") {
  const auto step = [](const std::string& type, const std::string& steps) {
    document::Diagnostics d;
    read_scaling_policy(json("{'AdjustmentType':'" + type + "','StepAdjustments':[" + steps + "]}"), d);
    return d.text();
  };
  const auto has = [](const std::string& text, const char* what) { return text.find(what) != std::string::npos; };
  CHECK(step("ExactCapacity", "{'MetricIntervalLowerBound':0,'ScalingAdjustment':4}").empty());
  CHECK(has(step("ExactCapacity", "{'MetricIntervalLowerBound':0,'ScalingAdjustment':-4}"), "must not be negative"));
  CHECK(step("ChangeInCapacity", "{'MetricIntervalUpperBound':0,'ScalingAdjustment':-4}").empty());
  CHECK(has(
      step("ChangeInCapacity", "{'MetricIntervalLowerBound':-10,'MetricIntervalUpperBound':0,'ScalingAdjustment':-1}"),
      "with an unspecified lower bound when one step adjustment has a negative lower bound"));
  CHECK(has(
      step("ChangeInCapacity", "{'MetricIntervalLowerBound':0,'MetricIntervalUpperBound':10,'ScalingAdjustment':1}"),
      "with an unspecified upper bound when one step adjustment has a positive upper bound"));
  const auto label = [](const std::string& text) {
    document::Diagnostics d;
    read_scaling_policy(json("{'TargetValue':100,'PredefinedMetricSpecification':{'PredefinedMetricType':"
                             "'ALBRequestCountPerTarget','ResourceLabel':'" +
                             text + "'}}"),
                        d);
    return d.text();
  };
  CHECK(label("app/shop/778d41231b141a0f/targetgroup/web/943f017f100becff").empty());
  CHECK(has(label("app/shop/778d41231b141a0f"), "is no resource label"));
  CHECK(has(label("targetgroup/web/943f017f100becff/app/shop/778d41231b141a0f"), "is no resource label"));
  CHECK(has(label("app/shop//targetgroup/web/943f017f100becff"), "is no resource label"));
  document::Diagnostics two;
  read_scaling_policy(
      json("{" + kSubject +
           ",'PolicyName':'p','PolicyType':'TargetTrackingScaling',"
           "'TargetTrackingScalingPolicyConfiguration':{'TargetValue':60,'PredefinedMetricSpecification'"
           ":{'PredefinedMetricType':'ECSServiceAverageCPUUtilization'}},"
           "'StepScalingPolicyConfiguration':{'AdjustmentType':'ChangeInCapacity','StepAdjustments':["
           "{'MetricIntervalLowerBound':0,'ScalingAdjustment':1}]}}"),
      two);
  CHECK(says(two, "StepScalingPolicyConfiguration does not go with PolicyType TargetTrackingScaling"));
  document::Diagnostics d;
  read_scheduled_scaling(json("{" + kSubject +
                              ",'ScheduledActionName':'a:b','Schedule':'rate(1 hour)','ScalableTargetAction':"
                              "{'MinCapacity':1}}"),
                         d);
  CHECK(says(d, "has no ':', '/' and '|'"));
}
