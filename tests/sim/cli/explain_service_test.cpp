#include "sim/cli/explain.h"
#include "tests/sim/engine/columns.h"

using namespace plimsoll;
using namespace plimsoll::cli;
using namespace plimsoll::engine::testing;

namespace {

std::string step_policy(const std::string& name, const std::string& bound, int adjustment) {
  return R"({"ServiceNamespace": "ecs", "ResourceId": "service/prod/web", "ScalableDimension": )"
         R"("ecs:service:DesiredCount", "PolicyName": ")" +
         name +
         R"(", "PolicyType": "StepScaling", "StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity", )"
         R"("Cooldown": 120, "StepAdjustments": [{")" +
         bound + R"(": 0, "ScalingAdjustment": )" + std::to_string(adjustment) + "}]}}\n";
}

std::string cpu_alarm(const std::string& name, const std::string& comparison, int threshold,
                      const std::string& policy) {
  return R"({"AlarmName": ")" + name +
         R"(", "Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Dimensions": [{"Name": "ClusterName", )"
         R"("Value": "prod"}, {"Name": "ServiceName", "Value": "web"}], "Statistic": "Average", "Period": 60, )"
         R"("EvaluationPeriods": 2, "Threshold": )" +
         std::to_string(threshold) + R"(, "ComparisonOperator": ")" + comparison +
         R"(", "AlarmActions": ["arn:aws:autoscaling:us-east-1:1:scalingPolicy:x:resource/ecs/service/prod/web:)"
         R"(policyName/)" +
         policy + "\"]}\n";
}

/// From the heading of a step policy to the next one, or to the last words about all of them.
std::string section_of(const std::string& text, const std::string& policy) {
  const std::size_t from = text.find("Step scaling " + policy + "\n");
  if (from == std::string::npos) return "";
  const std::size_t to = std::min(text.find("Step scaling ", from + 1), text.find("A datapoint is seen", from));
  return text.substr(from, to == std::string::npos ? to : to - from);
}

}  // namespace

TEST_CASE("a step policy is shown with its own alarm and decisions, not with those of another one") {
  const Folder folder;
  folder.put("target.json", R"({"ServiceNamespace": "ecs", "ResourceId": "service/prod/web", "ScalableDimension": )"
                            R"("ecs:service:DesiredCount", "MinCapacity": 3, "MaxCapacity": 20})");
  folder.put("in.json", step_policy("in", "MetricIntervalUpperBound", -1));
  folder.put("out.json", step_policy("out", "MetricIntervalLowerBound", 2));
  // More CPU than three tasks have half of: out acts; nothing ever falls to a share of 1 % after that.
  folder.put("hi.json", cpu_alarm("hi", "GreaterThanOrEqualToThreshold", 50, "out"));
  folder.put("lo.json", cpu_alarm("lo", "LessThanThreshold", 1, "in"));
  ExplainArguments arguments;
  arguments.service = "web";
  arguments.subject = folder.put(
      "s.yaml",
      "apiVersion: plimsoll/v1\nseed: 3\nload: {constant: 220/s, for: 1h, warmup: 30m}\nfiles: {ecs: [target.json, "
      "in.json, out.json, hi.json, lo.json]}\napps: {web: {size: 500m/1Gi, work: 5ms, image: 120MB}}\nplatforms: "
      "{tasks: "
      "{type: ecs, capacity: fargate, cluster: prod}}\n");
  Subject subject(registry(), arguments);
  const std::string text = explain_service(subject, arguments, {}).text;
  CAPTURE(text);
  const std::string in = section_of(text, "in"), out = section_of(text, "out");
  CHECK(in.find("  alarm lo: CPUUtilization < ") != std::string::npos);
  CHECK(in.find("out: ") == std::string::npos);
  CHECK(in.find("It never changed a thing.") != std::string::npos);
  CHECK(out.find("  alarm hi: CPUUtilization >= ") != std::string::npos);
  CHECK(out.find(" -> ") != std::string::npos);
  CHECK(out.find("ALARM") != std::string::npos);
}

TEST_CASE("what a rule and a schedule did to a service is told beside what scales it") {
  const Folder folder;
  ExplainArguments arguments;
  arguments.service = "web";
  arguments.subject =
      folder.put("s.yaml",
                 "apiVersion: plimsoll/v1\nseed: 3\nload: {constant: 40/s, for: 1h, warmup: 30m}\n"
                 "events: [{at: 10m, scale: web, replicas: 4}]\n"
                 "apps: {web: {size: 500m/1Gi, work: 5ms, image: 120MB, replicas: 3}}\n"
                 "platforms:\n  tasks:\n    type: ecs\n    capacity: fargate\n    eventRules:\n      more:\n"
                 "        eventPattern: {source: [aws.ecs], detail: {eventName: [SERVICE_DESIRED_COUNT_UPDATED]}}\n"
                 "        targets: [{scaleService: {service: web, desiredCount: 6}}]\n");
  Subject subject(registry(), arguments);
  const Explanation told = explain_service(subject, arguments, {});
  CAPTURE(told.text);
  CHECK(told.text.find("What event rules and schedules did") != std::string::npos);
  CHECK(told.text.find("rule more") != std::string::npos);
  CHECK(told.text.find("scale: 4 -> 6 wanted") != std::string::npos);
  CHECK(told.json.find("\"rules\"") != std::string::npos);
}
