// Also tests: event_bridge_reader
#include "models/ecs/api/event_bridge.h"

#include <doctest/doctest.h>

#include "models/ecs/api/event_bridge_reader.h"
#include "sim/document/loader.h"

using namespace plimsoll;
using namespace plimsoll::ecs::api;

namespace {

struct Read {
  document::Diagnostics d;
  EventDocuments out;
  explicit Read(const std::string& text) {
    for (const document::Node& node : document::load_text(text, "e.json", d)) read_event_document(node, d, out);
  }
};

}  // namespace

TEST_CASE("put-rule takes its pattern as JSON within JSON") {
  const Read r(
      R"({"Name": "stopped",
      "EventPattern": "{\"source\": [\"aws.ecs\"], \"detail\": {\"lastStatus\": [\"STOPPED\"]}}",
                   "State": "ENABLED", "Description": "x", "EventBusName": "default"})");
  CHECK(r.d.text() == "");
  REQUIRE(r.out.rules.size() == 1);
  REQUIRE(r.out.rules[0].pattern);
  CHECK(r.out.rules[0].enabled);
  aws::CloudEvent event;
  event.add("source", std::string_view("aws.ecs"));
  event.add("detail.lastStatus", std::string_view("STOPPED"));
  CHECK(r.out.rules[0].pattern->matches(event));
  aws::CloudEvent other;
  other.add("source", std::string_view("aws.ecs"));
  other.add("detail.lastStatus", std::string_view("RUNNING"));
  CHECK_FALSE(r.out.rules[0].pattern->matches(other));
}

TEST_CASE("put-targets and create-schedule name the tasks that they run") {
  const Read t(R"({"Rule": "stopped", "Targets": [
    {"Id": "1", "Arn": "arn:aws:ecs:us-east-1:123456789012:cluster/c", "RoleArn": "r",
     "EcsParameters": {"TaskDefinitionArn": "arn:aws:ecs:us-east-1:123456789012:task-definition/report:7",
                       "TaskCount": 3,
                       "LaunchType": "FARGATE", "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": ["s"]}}}},
    {"Id": "2", "Arn": "arn:aws:lambda:us-east-1:123456789012:function:f"}]})");
  CHECK(t.d.text() == "");
  REQUIRE(t.out.targets.size() == 1);
  REQUIRE(t.out.targets[0].targets.size() == 2);
  CHECK(t.out.targets[0].targets[0].family == "report");
  CHECK(t.out.targets[0].targets[0].count == 3);
  CHECK(t.out.targets[0].targets[1].function());
  const Read s(R"j({"Name": "nightly", "ScheduleExpression": "cron(30 2 * * ? *)",
    "ScheduleExpressionTimezone": "Europe/Berlin",
    "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
    "Target": {"Arn": "arn:aws:ecs:eu-central-1:123456789012:cluster/c", "RoleArn": "r",
               "EcsParameters": {"TaskDefinitionArn": "report"}}})j");
  CHECK(s.d.text() == "");
  REQUIRE(s.out.schedules.size() == 1);
  CHECK(s.out.schedules[0].schedule);
  CHECK(s.out.schedules[0].window == minutes(15));
  CHECK(s.out.schedules[0].target.family == "report");
}

TEST_CASE("what EventBridge refuses is told at its place") {
  struct Row {
    std::string text;
    const char* said;
  };
  const std::string timed = R"j({"Name": "a", "ScheduleExpression": "rate(5 minutes)", )j";
  const std::string arn = R"("Target": {"Arn": "x"}})";
  for (const Row& r : {
           Row{R"({"Name": "a", "EventPattern": "{\"source\": [}"})",
               "e.json:1:31: error: Event pattern is not valid. Reason: line 1"},
           Row{R"({"Name": "a", "EventPattern": "{\"source\": \"aws.ecs\"}"})", "e.json:1:31: error:"},
           Row{R"j({"Name": "a", "ScheduleExpression": "at(2026-03-02T10:00:00)"})j",
               "ScheduleExpression is not valid"},
           Row{R"j({"Name": "a", "ScheduleExpression": "cron(0 8 * * *)"})j", "'cron(0 8 * * *)', character"},
           Row{R"({"Rule": "a", "Targets": [{"Arn": "x"}]})", "'Id' is missing"},
           Row{R"({"Rule": "a", "Targets": [{"Id": "1", "Arn": "x",
                   "EcsParameters": {"TaskCount": 11, "TaskDefinitionArn": "t"}}]})",
               "TaskCount"},
           Row{timed + arn, "FlexibleTimeWindow"},
           Row{timed + R"("FlexibleTimeWindow": {"Mode": "FLEXIBLE"}, )" + arn, "MaximumWindowInMinutes"},
           Row{timed + R"("ScheduleExpressionTimezone": "Europe/Berln", "FlexibleTimeWindow": {"Mode": "OFF"}, )" + arn,
               "did you mean 'Europe/Berlin'?"},
           Row{timed + R"("FlexibleTimeWindw": {"Mode": "OFF"}, )" + arn, "FlexibleTimeWindw"},
       }) {
    CAPTURE(r.text);
    const Read read(r.text);
    CHECK(read.d.error_count() >= 1);
    CHECK_MESSAGE(read.d.text().find(r.said) != std::string::npos, read.d.text());
  }
}

TEST_CASE("documents of other kinds are left to other readers") {
  document::Diagnostics d;
  const auto reader = event_bridge_reader();
  const auto accepts = [&](const char* text) { return reader->accepts(document::load_text(text, "e.json", d).at(0)); };
  CHECK(accepts(R"({"Rules": [{"Name": "a", "EventPattern": "{}"}]})"));
  CHECK(accepts(R"({"Rule": "a", "Targets": []})"));
  CHECK_FALSE(accepts(R"j({"ScheduledActionName": "a", "ScalableDimension": "d", "Schedule": "rate(1 hour)"
})j"));
  CHECK_FALSE(accepts(R"({"taskDefinition": "a", "count": 2})"));
  CHECK_FALSE(accepts(R"({"Name": "a"})"));
}
