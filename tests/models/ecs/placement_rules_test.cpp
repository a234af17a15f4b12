#include "models/ecs/placement_rules.h"

#include <doctest/doctest.h>

#include "models/ecs/api/documents.h"
#include "sim/document/loader.h"
#include "tests/models/ecs/api/fixture.h"

namespace plimsoll::ecs {
namespace {

using api::json;

/// Rules of an app "web" with these documents, in a column with these keys.
struct RulesRead {
  RulesRead(const std::vector<std::string>& documents, const std::string& column, bool on_fargate = false) {
    Setting setting;
    for (const std::string& text : documents) setting.scaling.push_back({Side::ecs, "f.json", json(text)});
    document::Diagnostics d;
    {
      const document::Node root = document::load_text(column, "s.yaml", d).front();
      document::Fields f(root, d, "platforms.a");
      rules = read_placement_rules(f, setting, {"web"}, {on_fargate});
      place = ColumnPlace::read(f, setting);
    }
    complaints = d.text();
  }
  std::vector<PlacementRules> rules;
  ColumnPlace place;
  std::string complaints;
};

const std::string kBridgeTask =
    "{'family':'web-task','memory':'512','containerDefinitions':[{'name':'a','image':'i','portMappings':"
    "[{'containerPort':80,'hostPort':8080}]}],'placementConstraints':"
    "[{'type':'memberOf','expression':'attribute:ecs.instance-type =~ m5.*'}]}";
const std::string kSpreadService =
    "{'serviceName':'web','taskDefinition':'web-task','desiredCount':2,'placementStrategy':"
    "[{'type':'spread','field':'attribute:rack'},{'type':'binpack','field':'memory'}],'placementConstraints':"
    "[{'type':'distinctInstance'}]}";

TEST_CASE("strategies and constraints of the files, and the network mode of the task definition") {
  const RulesRead r({kBridgeTask, kSpreadService}, "type: ecs\n");
  REQUIRE(r.rules.size() == 1);
  const PlacementRules& web = r.rules[0];
  CHECK(web.distinct_instance);
  CHECK(web.member_of.size() == 1);
  CHECK_FALSE(web.awsvpc);
  CHECK(web.host_ports == std::vector<PortKey>{port_key(8080, PortProtocol::tcp)});
  CHECK(web.strategies.size() == 2);
  CHECK_FALSE(web.zones_first());
  Names names;
  const TaskConstraints constraints = web.constraints(web.strategies, names);
  REQUIRE(constraints.spread_attributes.size() == 1);
  CHECK(names.text(constraints.spread_attributes[0]) == "rack");
  const RulesRead none({}, "type: ecs\n");
  CHECK(none.rules[0].awsvpc);
  CHECK(none.rules[0].zones_first());
  CHECK(none.rules[0].constraints({}, names).empty());
}

TEST_CASE("a column's constraints take the place of the service's, not of the task definition's") {
  const RulesRead r({kBridgeTask, kSpreadService}, "placementConstraints: {web: 'attribute:stack == blue'}\n");
  CHECK(r.complaints.find("error") == std::string::npos);
  CHECK_FALSE(r.rules[0].distinct_instance);
  CHECK(r.rules[0].member_of.size() == 2);
  const RulesRead both({}, "placementConstraints: {web: [distinctInstance, 'attribute:a exists']}\n");
  CHECK(both.rules[0].distinct_instance);
  CHECK(both.rules[0].member_of.size() == 1);
}

TEST_CASE("faults of the column's keys") {
  CHECK(RulesRead({}, "placementConstraints: {wbe: distinctInstance}\n").complaints.find("did you mean 'web'?") !=
        std::string::npos);
  CHECK(RulesRead({}, "placementConstraints: {web: 'attribute:a = b'}\n").complaints.find("of the expression)") !=
        std::string::npos);
  CHECK(RulesRead({}, "placementConstraints: {web: distinctInstance}\n", true)
            .complaints.find("Placement constraints are not supported with FARGATE.") != std::string::npos);
  CHECK(RulesRead({}, "place: [spred(zone)]\n").complaints.find("did you mean 'spread(zone)'?") != std::string::npos);
}

TEST_CASE("a strategy has both of its parentheses and a field that there is") {
  for (const char* text : {"binpack(cpux", "binpack(cpu", "binpack(memoryy", "binpack()", "binpack", "spread(zone!",
                           "spread(zone", "spread(attribute:)", "spread(attribute:rack", "spread(attribute:a(b)",
                           "random(", "random()", "spread(zone))"}) {
    const RulesRead r({}, std::string("place: ['") + text + "']\n");
    CHECK_MESSAGE(r.complaints.find("unknown placement strategy") != std::string::npos, text);
  }
}

TEST_CASE("built-in attributes that no scenario tells, and those that do not exist, are warned of") {
  const auto said = [](const std::string& expression) {
    return RulesRead({}, "placementConstraints: {web: '" + expression + "'}\n").complaints;
  };
  for (const char* good :
       {"attribute:ecs.instance-type == m5.large", "attribute:ecs.os-family == LINUX", "attribute:ecs.os-type == linux",
        "attribute:ecs.cpu-architecture == arm64", "attribute:ecs.capability.task-eni exists",
        "attribute:ecs.capability.external !exists", "attribute:stack == blue"})
    CHECK_MESSAGE(said(good) == "", good);
  for (const char* name : {"ecs.ami-id", "ecs.vpc-id", "ecs.subnet-id"})
    CHECK(said(std::string("attribute:") + name + " == x").find("whose value no scenario tells") != std::string::npos);
  CHECK(said("attribute:ecs.instance-typ == m5.large").find("did you mean 'ecs.instance-type'?") != std::string::npos);
}

TEST_CASE("a host port that every instance keeps is told before the run") {
  std::string task = kBridgeTask;
  task.replace(task.find("8080"), 4, "2376");
  CHECK(RulesRead({task, kSpreadService}, "type: ecs\n")
            .complaints.find("its hostPort 2376 is one that every container instance") != std::string::npos);
}

TEST_CASE("strategies of a column, by attribute too") {
  const RulesRead r({}, "place: [spread(attribute:rack), binpack(cpu), random]\n");
  CHECK(r.complaints.empty());
  Names names;
  const StrategyChain chain = r.place.chain(names);
  REQUIRE(chain.size() == 3);
  CHECK(chain[0]->type() == "spread");
  CHECK(chain[1]->type() == "binpack");
  CHECK(chain[2]->type() == "random");
  CHECK(r.place.spreads().size() == 1);
}

TEST_CASE("a RunTask file places its tasks by its own strategies and constraints") {
  const std::string call =
      "{'taskDefinition':'arn:aws:ecs:us-east-1:1:task-definition/web:3','count':2,'placementStrategy':"
      "[{'type':'binpack','field':'cpu'}],'placementConstraints':[{'type':'distinctInstance'},"
      "{'type':'memberOf','expression':'attribute:stack == batch'}]}";
  const RulesRead r({call}, "type: ecs\n");
  CHECK(r.complaints.find("f.json") == std::string::npos);
  REQUIRE(r.rules[0].strategies.size() == 1);
  CHECK(r.rules[0].strategies[0].type == api::StrategySpec::Type::binpack);
  CHECK(r.rules[0].distinct_instance);
  CHECK(r.rules[0].member_of.size() == 1);
  // What the column says takes the place of the constraints.
  const RulesRead said({call}, "type: ecs\nplacementConstraints: {web: 'attribute:a == b'}\n");
  CHECK_FALSE(said.rules[0].distinct_instance);
  CHECK(said.rules[0].member_of.size() == 1);
}

}  // namespace
}  // namespace plimsoll::ecs
