#include "models/ecs/event_files.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "sim/document/loader.h"

using namespace plimsoll;
using namespace plimsoll::ecs;

namespace {

constexpr const char* kEcs = R"("Arn": "arn:aws:ecs:us-east-1:123456789012:cluster/c")";

Setting setting_of(std::initializer_list<std::string> texts) {
  Setting s;
  document::Diagnostics d;
  for (const std::string& text : texts) {
    for (const document::Node& n : document::load_text(text, "e.json", d))
      s.scaling.push_back({Side::ecs, "e.json", n});
  }
  REQUIRE(d.empty());
  return s;
}

std::vector<JobSpec> jobs() {
  std::vector<JobSpec> out(2);
  out[0].name = "cleanup";
  out[1].name = "report";
  return out;
}

std::string runs(const char* family, int count) {
  return std::string("{\"Id\": \"1\", ") + kEcs + ", \"EcsParameters\": {\"TaskDefinitionArn\": \"" + family +
         ":3\", \"TaskCount\": " + std::to_string(count) + "}}";
}

}  // namespace

TEST_CASE("schedules and scheduled rules start the jobs of their task definitions") {
  const Setting s = setting_of(
      {R"j({"Name": "nightly", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"},
             "Target": )j" +
           runs("report", 2) + "}",
       R"j({"Name": "own", "ScheduleExpression": "rate(2 hours)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": )j" +
           runs("report", 2) + "}",
       R"j({"Name": "off", "State": "DISABLED", "ScheduleExpression": "rate(2 hours)",
             "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": )j" +
           runs("report", 2) + "}",
       R"j({"Name": "hourly", "ScheduleExpression": "rate(1 hour)"})j",
       R"({"Rule": "hourly", "Targets": [)" + runs("cleanup", 1) + "]}",
       R"j({"Name": "lost", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": )j" +
           runs("reprot", 1) + "}"});
  document::Diagnostics d;
  const document::Fields column(document::Node::null(), d);
  std::vector<RunSchedule> out(1);
  out[0].name = "own";  // the column's stands above the file's
  EventFiles::read(s).add_schedules(column, jobs(), out);
  REQUIRE(out.size() == 3);
  CHECK(out[1].name == "nightly");
  CHECK(out[1].job == 1);
  CHECK(out[1].count == 2);
  CHECK(out[2].name == "hourly");
  CHECK(out[2].job == 0);
  CHECK(d.warning_count() == 1);
  CHECK(d.text().find("is it the job 'report'?") != std::string::npos);
}

TEST_CASE("a schedule whose universal target is UpdateService sets the desired count of an app") {
  const auto of = [](const char* name, const char* call, const char* input) {
    return std::string(R"j({"Name": ")j") + name +
           R"j(", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"Arn": )j" +
           "\"arn:aws:scheduler:::aws-sdk:ecs:" + call + "\", \"Input\": \"" + input + "\"}}";
  };
  const Setting s =
      setting_of({of("night", "updateService", R"({\"Cluster\": \"c\", \"Service\": \"web\", \"DesiredCount\": 2})"),
                  of("lost", "updateService", R"({\"Service\": \"wbe\", \"DesiredCount\": 2})"),
                  of("run", "runTask", R"({\"TaskDefinition\": \"report:3\", \"Count\": 4})")});
  std::vector<WorkloadSpec> apps(2);
  apps[0].name = "api";
  apps[1].name = "web";
  document::Diagnostics d;
  const document::Fields column(document::Node::null(), d);
  std::vector<RunSchedule> out;
  EventFiles::read(s).add_schedules(column, jobs(), out, apps);
  REQUIRE(out.size() == 2);
  REQUIRE(out[0].update);
  CHECK(out[0].update->service == WorkloadId{1});
  CHECK(out[0].update->desired == 2);
  CHECK_FALSE(out[1].update);
  CHECK(out[1].job == 1);
  CHECK(out[1].count == 4);
  CHECK(d.warning_count() == 1);
  CHECK(d.text().find("schedule 'lost' updates the service 'wbe', which is no app") != std::string::npos);
}

TEST_CASE("rules run the tasks of their targets; what a file cannot tell is said once") {
  const Setting s = setting_of({R"({"Name": "stopped", "EventPattern": "{\"source\": [\"aws.ecs\"]}"})",
                                R"({"Rule": "stopped", "Targets": [)" + runs("report", 4) +
                                    R"(, {"Id": "2", "Arn": "arn:aws:lambda:us-east-1:123456789012:function:f"}]})",
                                R"({"Name": "said", "EventPattern": "{\"source\": [\"aws.ecs\"]}"})",
                                R"({"Rule": "said", "Targets": [)" + runs("report", 1) + "]}",
                                R"({"Name": "bare", "EventPattern": "{\"source\": [\"aws.ec2\"]}"})",
                                R"({"Rule": "nowhere", "Targets": [)" + runs("report", 1) + "]}"});
  document::Diagnostics d;
  const document::Fields column(document::Node::null(), d);
  std::vector<std::string> names;
  std::vector<RuleTarget> targets;
  EventFiles::read(s).add_rules(
      column, jobs(), {"us-east-1", "123456789012", "default", {}},
      [](const std::string& name) { return name == "said"; },
      [&](const EventRule& rule, const std::vector<RuleTarget>& of_rule) {
        names.push_back(rule.name);
        targets.insert(targets.end(), of_rule.begin(), of_rule.end());
      });
  CHECK(names == std::vector<std::string>{"stopped"});
  REQUIRE(targets.size() == 2);
  CHECK(targets[0].kind == RuleTarget::Kind::run_task);
  CHECK(targets[0].job == 1);
  CHECK(targets[0].count == 4);
  CHECK_FALSE(targets[0].lambda);
  CHECK(targets[1].kind == RuleTarget::Kind::invoke);  // the function is called and paid
  CHECK(targets[1].lambda);
  CHECK(d.warning_count() == 3);
  CHECK(d.text().find("calls a function, and no file tells what it does") != std::string::npos);
  CHECK(d.text().find("rule 'bare' has no targets") != std::string::npos);
  CHECK(d.text().find("no rule 'nowhere'") != std::string::npos);
}

TEST_CASE("the cluster that a pattern names is the column's; without one, that of a target") {
  const auto of = [](std::initializer_list<std::string> files) {
    return EventFiles::read(setting_of(files)).account_and_cluster();
  };
  const std::string target = R"({"Rule": "r", "Targets": [{"Id": "1", "Arn": "arn:aws:ecs:us-east-1:1:cluster/c",
      "EcsParameters": {"TaskDefinitionArn": "arn:aws:ecs:us-east-1:1:task-definition/report:3"}}]})";
  const std::string rule = R"({"Name": "r", "EventPattern": "{\"source\": [\"aws.ecs\"], \"detail\":)"
                           R"( {\"clusterArn\": [\"arn:aws:ecs:us-east-1:111122223333:cluster/prod\"]}}"})";
  CHECK(of({target}) == std::pair<std::string, std::string>("1", "c"));
  CHECK(of({target, rule}) == std::pair<std::string, std::string>("111122223333", "prod"));
  CHECK(of({}).second.empty());
}

TEST_CASE("a pattern of a file that never matches is told at its place") {
  const Setting s = setting_of({R"({"Name": "r", "EventPattern": "{\"detail-type\": [\"ECS Task State Chnage\"]}"})",
                                R"({"Rule": "r", "Targets": [)" + runs("report", 1) + "]}"});
  document::Diagnostics d;
  const document::Fields column(document::Node::null(), d);
  std::size_t rules = 0;
  EventFiles::read(s).add_rules(
      column, jobs(), {"us-east-1", "123456789012", "default", {}}, [](const std::string&) { return false; },
      [&](const EventRule&, const std::vector<RuleTarget>&) { ++rules; });
  CHECK(rules == 1);
  CHECK(d.text().find("did you mean 'ECS Task State Change'?") != std::string::npos);
}
