#include "models/ecs/api/composite_alarm.h"

#include <doctest/doctest.h>

#include "models/ecs/api/documents.h"
#include "tests/models/ecs/api/fixture.h"

namespace plimsoll::ecs::api {
namespace {

std::string composite_faults(const std::string& more) {
  document::Diagnostics d;
  read_composite_alarm(json("{'AlarmName':'c'," + more + "}"), d);
  return d.text();
}

TEST_CASE("a composite alarm as the API takes it") {
  document::Diagnostics d;
  const auto a = read_composite_alarm(
      json("{'AlarmName':'c','AlarmRule':'ALARM(cpu) AND NOT ALARM(deploying)','ActionsEnabled':true,"
           "'AlarmActions':['arn:aws:sns:us-east-1:1:ops'],'Tags':[{'Key':'a','Value':'b'}]}"),
      d);
  REQUIRE(a.has_value());
  CHECK(d.empty());
  CHECK(a->rule.alarms() == std::vector<std::string>{"cpu", "deploying"});
}

TEST_CASE("what PutCompositeAlarm refuses is one fault with its rule") {
  const std::pair<std::string, std::string> cases[] = {
      {"'AlarmRule':'ALARM(x AND ALARM(y)'", "is expected here (character"},
      {"'AlarmRule':'ALARM(c) OR ALARM(x)'", "A composite alarm cannot have a child relation with itself"},
      {"'AlarmRule':7", "the AWS API takes a string here"},
      {"'AlarmRule':'TRUE','AlarmActions':['arn:aws:autoscaling:us-east-1:1:scalingPolicy:x:resource/ecs/service/a/"
       "b:policyName/p']",
       "composite alarms have no Auto Scaling actions"},
      {"'AlarmRule':'TRUE','OKActions':['1','2','3','4','5','6']", "OKActions has at most 5 actions"},
      {"'AlarmRule':'TRUE','ActionsSuppressorWaitPeriod':60", "WaitPeriod requires an ActionSuppressor"},
      {"'AlarmRule':'TRUE','AlarmRul':'x'", "has no parameter AlarmRul"},
  };
  for (const auto& [text, rule] : cases) {
    const std::string said = composite_faults(text);
    CAPTURE(text);
    CAPTURE(said);
    CHECK(said.find(rule) != std::string::npos);
    CHECK(said.find("error:") == said.rfind("error:"));
  }
  const std::string suppressed = composite_faults(
      "'AlarmRule':'TRUE','ActionsSuppressor':'s','ActionsSuppressorWaitPeriod':60,"
      "'ActionsSuppressorExtensionPeriod':9");
  CHECK(suppressed.find("warning: ActionsSuppressor is not modelled") != std::string::npos);
  CHECK(suppressed.find("error") == std::string::npos);
}

TEST_CASE("describe-alarms answers with alarms of both kinds") {
  const std::string metric =
      "{'AlarmName':'x','MetricName':'CPUUtilization','Namespace':'AWS/ECS','Statistic':'Average','Period':60,"
      "'EvaluationPeriods':1,'Threshold':60,'ComparisonOperator':'GreaterThanThreshold'}";
  const std::string composite = "{'AlarmName':'c','AlarmRule':'ALARM(x)'}";
  const auto read = [](const std::string& text) {
    document::Diagnostics d;
    Documents out;
    read_document(json(text), d, out);
    CHECK_MESSAGE(d.empty(), d.text());
    return std::pair<int, int>(out.alarms.size(), out.composites.size());
  };
  CHECK(detect(json(composite)) == DocumentKind::composite_alarm);
  CHECK(to_string(DocumentKind::composite_alarm) == "composite alarm");
  CHECK(read("{'MetricAlarms':[" + metric + "],'CompositeAlarms':[" + composite + "]}") == std::pair(1, 1));
  CHECK(read("{'MetricAlarms':[],'CompositeAlarms':[" + composite + "]}") == std::pair(0, 1));
  CHECK(read("{'CompositeAlarms':[],'MetricAlarms':[" + metric + "]}") == std::pair(1, 0));
  CHECK(read(composite) == std::pair(0, 1));
}

}  // namespace
}  // namespace plimsoll::ecs::api
