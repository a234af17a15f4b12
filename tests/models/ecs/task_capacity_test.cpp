#include "models/ecs/task_capacity.h"

#include <doctest/doctest.h>

#include "models/ecs/service_files.h"
#include "tests/models/ecs/api/fixture.h"
#include "tests/models/ecs/column_text.h"

namespace plimsoll::ecs {
namespace {

/// Where web runs: its own strategy as weights (with a base as b+w) or "default", or "any group", and by lane whether
/// it gets tasks; and what the column says of it.
struct Placed {
  std::string where, said;
};

Placed placed(const std::string& service, const std::string& column, const std::string& compatibility = "") {
  testing::ColumnText text(cpu_cores(1), gibibytes(2));
  const std::string more = compatibility.empty() ? "" : ",'requiresCompatibilities':['" + compatibility + "']";
  for (const std::string& d :
       {"{'family':'web','memory':'2048','cpu':'1024','networkMode':'awsvpc','containerDefinitions':[{'name':'a',"
        "'image':'i'}]" +
            more + "}",
        "{'serviceName':'web','taskDefinition':'web','desiredCount':2,'networkConfiguration':{'awsvpcConfiguration':{"
        "'subnets':['s']}}" +
            service + "}"})
    text.setting.scaling.push_back({Side::ecs, "f.json", api::json(d)});
  Placed out;
  out.said = text.read(column, [&](document::Fields& f, aws::PriceBook&, const CapacityPlan& capacity) {
    REQUIRE(capacity.tasks.size() == 1);
    const TaskCapacity& t = capacity.tasks[0];
    out.where = t.plain ? "any group" : t.own.empty() ? "default" : "";
    for (const ProviderShare& s : t.own)
      out.where +=
          (out.where.empty() ? "" : " ") + (s.base > 0 ? std::to_string(s.base) + "+" : "") + std::to_string(s.weight);
    out.where += " |";
    for (std::size_t lane = 0; lane < capacity.providers.size(); ++lane)
      if (capacity.uses(0, lane)) out.where += " " + capacity.providers[lane].name;
    check_service_strategies(f, {"web"}, capacity);
    f.allow_unknown();
  });
  return out;
}

std::string strategy(const std::string& items) { return ",'capacityProviderStrategy':[" + items + "]"; }
std::string item(const std::string& name, int weight) {
  return "{'capacityProvider':'" + name + "','weight':" + std::to_string(weight) + "}";
}
std::string column_of(const std::string& providers, const std::string& first) {
  return "capacity: {capacityProviders: {" + providers + "}, capacityProviderStrategy: [{capacityProvider: " + first +
         ", weight: 1}]}\n";
}

const std::string kOdAndSp = "od: {asg: {type: m5.xlarge, max: 3}}, sp: {asg: {type: m5.large, max: 3}}";
const std::string kAllTypes =
    "od: {asg: {type: m5.xlarge, max: 3}}, mi: {managedInstances: {instanceRequirements: {allowedInstanceTypes: "
    "[m5.*]}}}, FARGATE: {}, FARGATE_SPOT: {}";

TEST_CASE("each service runs on what its strategy or its launch type names") {
  const struct {
    std::string service, column, where;
  } rows[] = {
      // A provider outside the default is there for services that name it.
      {"", column_of(kOdAndSp, "od"), "default | od"},
      {strategy(item("od", 1) + "," + item("sp", 3)), column_of(kOdAndSp, "od"), "1 3 | od sp"},
      {strategy(item("sp", 0)), column_of(kOdAndSp, "od"), "0 1 | sp"},
      // Fargate, groups and Managed Instances beside each other, in the order od, mi, FARGATE, FARGATE_SPOT.
      {"", column_of(kAllTypes, "od"), "default | od"},
      {strategy(item("mi", 1)), column_of(kAllTypes, "od"), "0 1 0 0 | mi"},
      {strategy(item("FARGATE", 1) + "," + item("FARGATE_SPOT", 2)), column_of(kAllTypes, "od"),
       "0 0 1 2 | FARGATE FARGATE_SPOT"},
      {",'launchType':'FARGATE'", column_of(kAllTypes, "od"), "0 0 1 0 | FARGATE"},
      {",'launchType':'MANAGED_INSTANCES'", column_of(kAllTypes, "od"), "0 1 0 0 | mi"},
      {",'launchType':'EC2'", column_of(kAllTypes, "mi"), "any group | od"},
      {",'launchType':'EC2'", column_of(kOdAndSp, "sp"), "any group | sp od"},
      // A column on Fargate says how the same files run with a share of Spot.
      {",'launchType':'FARGATE'", "capacity: fargate-spot\n", "default | FARGATE_SPOT"},
      {",'launchType':'FARGATE'", column_of("FARGATE: {}, FARGATE_SPOT: {}", "FARGATE_SPOT"), "default | FARGATE_SPOT"},
      // A group that ECS does not scale is the same with and without a provider.
      {",'launchType':'EC2'", "capacity: {asg: {type: m5.xlarge}, managedScaling: false}\n", "default | asg"},
      {",'launchType':'EC2'", "capacity: {asg: {type: m5.xlarge}}\n", "any group | asg"},
      // What no provider can run stays with the default, which is told elsewhere.
      {",'launchType':'EXTERNAL'", column_of(kAllTypes, "od"), "default | od"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.service);
    CAPTURE(row.column);
    CHECK(placed(row.service, row.column).where == row.where);
  }
}

TEST_CASE("a strategy that its file was refused for is no news to a column") {
  const std::string mixed = strategy(item("FARGATE", 1) + "," + item("other", 1));
  CHECK(placed(mixed, "capacity: fargate\n").said.find("does not have") == std::string::npos);
  CHECK(placed(strategy(item("nowhere", 1)), column_of(kOdAndSp, "od")).said.find("does not have") !=
        std::string::npos);
}

TEST_CASE("a cluster without a default strategy runs what names a provider, and the rest with launch type EC2") {
  const std::string none = "capacity: {capacityProviders: {" + kAllTypes + "}}\n";
  CHECK(placed(strategy(item("FARGATE", 1)), none).where.ends_with("| FARGATE"));
  CHECK(placed("", none).where == "any group | od");
  CHECK(placed("", none).said.find("web has launch type EC2, as the column has no default strategy") !=
        std::string::npos);
  const std::string no_group = "capacity: {capacityProviders: {FARGATE: {}, FARGATE_SPOT: {}}}\n";
  CHECK(placed(",'launchType':'FARGATE'", no_group).where == "1 0 | FARGATE");
  CHECK(placed("", no_group).said.find("web has no place: the column has no default") != std::string::npos);
}

TEST_CASE("a strategy holds providers of one type, a cluster of all") {
  const Placed mixed = placed(strategy(item("od", 1) + "," + item("mi", 1)), column_of(kAllTypes, "od"));
  CHECK(mixed.said.find("the strategy in the file of web names providers of several types") != std::string::npos);
  CHECK(placed(strategy(item("mi", 1)), column_of(kAllTypes, "od")).said.find("error") == std::string::npos);
  const Placed column = placed("", "capacity: {capacityProviders: {" + kAllTypes +
                                       "}, capacityProviderStrategy: [{capacityProvider: od, weight: 1}, "
                                       "{capacityProvider: mi, weight: 1}]}\n");
  CHECK(column.said.find("either Auto Scaling group or Managed Instances providers, not both") != std::string::npos);
}

TEST_CASE("names that no provider has, and providers that nothing names, are told") {
  const Placed other = placed(strategy(item("prod", 1)), column_of(kOdAndSp, "od"));
  CHECK(other.where == "default | od");
  CHECK(other.said.find("names capacity providers that this column does not have (it has od, sp)") !=
        std::string::npos);
  CHECK(other.said.find("capacity provider 'sp' takes no task") != std::string::npos);
  const Placed both = placed(strategy(item("od", 1) + "," + item("sp", 3)), column_of(kOdAndSp, "od"));
  CHECK(both.said == "");
  // Fargate costs nothing while nothing runs there.
  CHECK(placed("", column_of("od: {asg: {type: m5.xlarge}}, FARGATE: {}", "od")).said == "");
}

TEST_CASE("tasks of launch type EC2 wait for no capacity") {
  testing::ColumnText text(cpu_cores(1), gibibytes(2));
  text.setting.scaling.push_back(
      {Side::ecs, "f.json",
       api::json("{'serviceName':'web','taskDefinition':'web','desiredCount':2,'launchType':'EC2'}")});
  const std::string said =
      text.read("capacity: {asg: {type: m5.xlarge}}\n", [](document::Fields&, aws::PriceBook&, const CapacityPlan& c) {
        CHECK_FALSE(c.waits(0));
        CHECK(c.lanes() == 2);
        REQUIRE(c.strategy_of(0).size() == 2);
        CHECK(c.strategy_of(0)[0].weight == 0);
        CHECK(c.strategy_of(0)[1].weight == 1);
      });
  CHECK(said == "");
}

}  // namespace
}  // namespace plimsoll::ecs
