#include "models/ecs/foreign_alarms.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"
#include "tests/models/ecs/column_text.h"

namespace plimsoll::ecs {
namespace {

struct LeftAlarms {
  std::vector<std::string> kept, composites;
  std::string complaints;
};

/// What stays of the alarms of a column with the app "web", whose service file is in the cluster "shop".
LeftAlarms kept_of(const std::string& alarms) {
  LeftAlarms out;
  testing::ColumnText c(cpu_cores(1), gibibytes(2));
  out.complaints = c.read("capacity: fargate\n", [&](document::Fields& f, aws::PriceBook&, const CapacityPlan&) {
    api::Documents files;
    document::Diagnostics& diagnostics = *f.reader().diagnostics;
    for (const std::string& text :
         {std::string("{serviceName: web, cluster: shop, taskDefinition: web, desiredCount: 1}"), alarms,
          std::string("{PolicyName: out, ServiceNamespace: ecs, ResourceId: service/shop/web, ScalableDimension: "
                      "'ecs:service:DesiredCount', PolicyType: StepScaling, StepScalingPolicyConfiguration: "
                      "{AdjustmentType: ChangeInCapacity, StepAdjustments: [{MetricIntervalLowerBound: 0, "
                      "ScalingAdjustment: 1}]}}")}) {
      api::read_document(document::load_text(text, "f.yaml", diagnostics).front(), diagnostics, files);
    }
    const AlarmScope scope{
        {"web"}, {"FARGATE"}, [](const std::string&, const std::string& name) { return name == "Backlog"; }};
    leave_out_foreign_alarms(f, scope, {&files});
    for (const api::MetricAlarm& a : files.alarms) out.kept.push_back(a.name);
    for (const api::CompositeAlarm& a : files.composites) out.composites.push_back(a.name);
  });
  return out;
}

std::string described_alarm(const std::string& name, const std::string& metric, const std::string& action = "") {
  return "{AlarmName: " + name + ", " + metric + ", Statistic: Average, Period: 60, EvaluationPeriods: 1, " +
         "Threshold: 1, ComparisonOperator: GreaterThanThreshold, AlarmActions: [" + action + "]}";
}
std::string cpu_of(const std::string& cluster, const std::string& service) {
  return "Namespace: AWS/ECS, MetricName: CPUUtilization, Dimensions: [{Name: ClusterName, Value: " + cluster +
         "}, {Name: ServiceName, Value: " + service + "}]";
}

TEST_CASE("describe-alarms answers for the whole account: alarms of other things are left out with their number") {
  const LeftAlarms r =
      kept_of("{MetricAlarms: [" + described_alarm("own", cpu_of("shop", "web")) + ", " +
              described_alarm("other-cluster", cpu_of("staging", "web")) + ", " +
              described_alarm("other-service", cpu_of("shop", "billing")) + ", " +
              described_alarm("database", "Namespace: AWS/RDS, MetricName: CPUUtilization") + ", " +
              described_alarm("backlog", "Namespace: Shop, MetricName: Backlog") +
              "], CompositeAlarms: [{AlarmName: both, AlarmRule: 'ALARM(own) OR ALARM(database)'}, "
              "{AlarmName: above, AlarmRule: 'ALARM(both)'}, {AlarmName: mine, AlarmRule: 'ALARM(own)'}]}");
  CHECK(r.kept == std::vector<std::string>{"own", "backlog"});
  CHECK(r.composites == std::vector<std::string>{"mine"});
  CHECK(r.complaints.find("error") == std::string::npos);
  CHECK(r.complaints.find("5 of the alarms of describe-alarms are about") != std::string::npos);
}

TEST_CASE("what a user wrote as put-metric-alarm stays, and so does an alarm that scales an app") {
  CHECK(kept_of(described_alarm("own", cpu_of("shop", "billing"))).kept.size() == 1);
  const std::string action =
      "'arn:aws:autoscaling:us-east-1:1:scalingPolicy:u:resource/ecs/service/shop/web:policyName/out'";
  const LeftAlarms r =
      kept_of("{MetricAlarms: [" + described_alarm("queue", "Namespace: AWS/SQS, MetricName: Depth", action) + "]}");
  CHECK(r.kept.size() == 1);
}

}  // namespace
}  // namespace plimsoll::ecs
