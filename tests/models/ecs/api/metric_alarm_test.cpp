#include "models/ecs/api/metric_alarm.h"

#include <doctest/doctest.h>

#include "models/ecs/api/documents.h"
#include "tests/models/ecs/api/fixture.h"

namespace plimsoll::ecs::api {
namespace {

const std::string kAlarm =
    "{'AlarmName':'busy','MetricName':'CPUUtilization','Namespace':'AWS/ECS','Statistic':'Maximum',"
    "'Dimensions':[{'Name':'ClusterName','Value':'shop'},{'Name':'ServiceName','Value':'web'}],'Period':60,"
    "'EvaluationPeriods':5,'DatapointsToAlarm':3,'Threshold':75.5,'ComparisonOperator':'GreaterThanOrEqualToThreshold',"
    "'TreatMissingData':'notBreaching','AlarmActions':['arn:aws:autoscaling:us-east-1:1:scalingPolicy:u:resource/ecs/"
    "service/shop/web:policyName/out']}";

TEST_CASE("an alarm of put-metric-alarm") {
  document::Diagnostics d;
  const auto a = read_metric_alarm(json(kAlarm), d);
  CHECK_MESSAGE(d.empty(), d.text());
  REQUIRE(a.has_value());
  CHECK(a->name == "busy");
  CHECK(a->metric.name_space == "AWS/ECS");
  CHECK(a->metric.name == "CPUUtilization");
  CHECK(a->metric.dimension("ServiceName") == "web");
  CHECK(a->metric.dimension("TargetGroup").empty());
  CHECK(a->metric.statistic == aws::Statistic::maximum);
  CHECK(a->definition.threshold == 75'500'000);
  CHECK(a->definition.evaluation_periods == 5);
  CHECK(a->definition.datapoints_to_alarm == 3);
  CHECK(a->definition.period == seconds(60));
  CHECK(a->definition.comparison == aws::AlarmComparison::greater_or_equal);
  CHECK(a->definition.treat_missing == aws::MissingData::not_breaching);
  REQUIRE(a->actions.size() == 1);
  CHECK(MetricAlarm::policy_name(a->actions[0]) == "out");
  CHECK(MetricAlarm::policy_name("out") == "out");
}

TEST_CASE("describe-alarms holds alarms, and documents tell them") {
  document::Diagnostics d;
  const document::Node answer = json("{'MetricAlarms':[" + kAlarm + "," + kAlarm + "]}");
  CHECK(detect(answer) == DocumentKind::metric_alarm);
  Documents all;
  read_document(answer, d, all);
  CHECK(all.alarms.size() == 2);
  CHECK(to_string(DocumentKind::metric_alarm) == "metric alarm");
}

TEST_CASE("what CloudWatch refuses is refused by its rule") {
  const auto faults = [](const std::string& text) {
    document::Diagnostics d;
    CHECK_FALSE(read_metric_alarm(json(text), d).has_value());
    return d.text();
  };
  CHECK(faults("{'AlarmName':'a','MetricName':'m','Namespace':'n','Period':45,'EvaluationPeriods':1,'Threshold':1,"
               "'ComparisonOperator':'LessThanThreshold'}")
            .find("10, 20 or 30 s, or a multiple of 60 s") != std::string::npos);
  CHECK(faults("{'AlarmName':'a','MetricName':'m','Namespace':'n','Period':60,'EvaluationPeriods':2,"
               "'DatapointsToAlarm':3,'Threshold':1,'ComparisonOperator':'LessThanThreshold'}")
            .find("from 1 to evaluationPeriods") != std::string::npos);
  CHECK(faults("{'AlarmName':'a','Metrics':[{'Id':'m1'}],'EvaluationPeriods':1,'Threshold':1,"
               "'ComparisonOperator':'LessThanThreshold'}")
            .find("one of the two") != std::string::npos);
}

TEST_CASE("rules of PutMetricAlarm on statistics, dimensions and actions") {
  const auto faults = [](const std::string& more) {
    document::Diagnostics d;
    read_metric_alarm(json("{'AlarmName':'a','MetricName':'m','Namespace':'n','Period':60,'EvaluationPeriods':1,"
                           "'Threshold':1,'ComparisonOperator':'LessThanThreshold'" +
                           more + "}"),
                      d);
    return d.text();
  };
  CHECK(faults(",'Statistic':'Sum'").empty());
  CHECK(faults(",'ExtendedStatistic':'p99','EvaluateLowSampleCountPercentile':'ignore'").empty());
  CHECK(faults("").find("Exactly one of the values for statistic or extendedStatistic must be specified.") !=
        std::string::npos);
  CHECK(faults(",'Statistic':'Sum','EvaluateLowSampleCountPercentile':'ignore'")
            .find("evaluateLowSampleCountPercentile can not be applied with statistic Sum.") != std::string::npos);
  CHECK(faults(",'Statistic':'Sum','OKActions':['1','2','3','4','5','6']").find("OKActions has at most 5 actions") !=
        std::string::npos);
  std::string dimensions;
  for (int i = 0; i < 31; ++i)
    dimensions += std::string(i > 0 ? "," : "") + "{'Name':'d" + std::to_string(i) + "','Value':'v'}";
  CHECK(faults(",'Statistic':'Sum','Dimensions':[" + dimensions + "]").find("at most 30 dimensions") !=
        std::string::npos);
}

TEST_CASE("an alarm whose actions are off sets nothing off") {
  document::Diagnostics d;
  std::string text = kAlarm;
  text.insert(1, "'ActionsEnabled':false,");
  CHECK(read_metric_alarm(json(text), d)->actions.empty());
}

TEST_CASE("percentiles, and actions of every state") {
  const std::string rest =
      "'AlarmName':'slow','MetricName':'TargetResponseTime','Namespace':'AWS/ApplicationELB','Period':60,"
      "'EvaluationPeriods':2,'Threshold':1,'ComparisonOperator':'GreaterThanThreshold'}";
  document::Diagnostics d;
  const auto a = read_metric_alarm(
      json("{'ExtendedStatistic':'p99.9','EvaluateLowSampleCountPercentile':'ignore','AlarmActions':['out'],"
           "'OKActions':['in'],'InsufficientDataActions':['x:policyName/back']," +
           rest),
      d);
  CHECK_MESSAGE(d.empty(), d.text());
  REQUIRE(a.has_value());
  CHECK(a->metric.percentile == 999'000);
  CHECK(a->definition.least_samples == 10'000);
  CHECK(a->ok_actions == std::vector<std::string>{"in"});
  CHECK(a->insufficient_data_actions == std::vector<std::string>{"x:policyName/back"});
  const auto off =
      read_metric_alarm(json("{'Statistic':'Average','ActionsEnabled':false,'OKActions':['in']," + rest), d);
  REQUIRE(off.has_value());
  CHECK(off->ok_actions.empty());
  CHECK(off->metric.percentile == -1);
  for (const char* text : {"tm90", "p", "p101", "p99.", "99", "IQM"}) {
    document::Diagnostics faults;
    read_metric_alarm(json("{'ExtendedStatistic':'" + std::string(text) + "'," + rest), faults);
    CHECK_MESSAGE(says(faults, "is no percentile"), text << ": " << faults.text());
  }
  document::Diagnostics both;
  read_metric_alarm(json("{'ExtendedStatistic':'p90','Statistic':'Average'," + rest), both);
  CHECK(says(both, "one of the two"));
}

}  // namespace
}  // namespace plimsoll::ecs::api
