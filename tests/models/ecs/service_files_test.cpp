#include "models/ecs/service_files.h"

#include <doctest/doctest.h>

#include <functional>

#include "tests/models/ecs/api/fixture.h"
#include "tests/models/ecs/column_text.h"

namespace plimsoll::ecs {
namespace {

using testing::ColumnText;

/// A column for "web" with these documents; `look` gets what the readers need.
struct FilesRead {
  struct Column {
    document::Fields& f;
    const Setting& setting;
    const CapacityPlan& capacity;
    std::vector<std::string> names;
    std::vector<ServiceFile> files;
    std::vector<PlacementRules> placement;
    ColumnPlace place;
  };
  FilesRead(const std::vector<std::string>& documents, const std::string& text,
            const std::function<void(Column&)>& look, const std::function<void(Setting&)>& change = {}) {
    ColumnText column(cpu_cores(1), gibibytes(2));
    column.setting.zones = {"us-east-1a", "us-east-1b"};
    for (const std::string& d : documents) column.setting.scaling.push_back({Side::ecs, "f.json", api::json(d)});
    if (change) change(column.setting);
    said = column.read(text, [&](document::Fields& f, aws::PriceBook&, const CapacityPlan& capacity) {
      Column c{f, column.setting, capacity, {"web"}, {}, {}, {}};
      for (const JobSpec& j : column.setting.jobs) c.names.push_back(j.name);
      c.files = read_service_files(column.setting, c.names);
      c.place = ColumnPlace::read(f, column.setting);
      c.placement = read_placement_rules(f, column.setting, c.names, capacity.each_fargate(c.names.size()));
      look(c);
      f.allow_unknown();
    });
  }
  bool says(const std::string& part) const { return said.find(part) != std::string::npos; }
  std::string said;
};

std::string task(const std::string& more) {
  return "{'family':'web','memory':'2048','cpu':'1024','containerDefinitions':[{'name':'a','image':'i'}]" + more + "}";
}
std::string service(const std::string& more) {
  return "{'serviceName':'web','taskDefinition':'web','desiredCount':2" + more + "}";
}

const std::string kGroup = "capacity: {asg: {type: m5.xlarge, min: 1, max: 4}}\n";
const std::string kManaged = "capacity: {managedInstances: {instanceRequirements: {allowedInstanceTypes: [m5.*]}}}\n";
const std::string kExternal = "capacity: {external: {instances: 2, cpu: 4 vCPU, memory: 8Gi}}\n";
const std::string kMixed =
    "capacity: {capacityProviders: {}, capacityProviderStrategy: [{capacityProvider: FARGATE, weight: 1}, "
    "{capacityProvider: FARGATE_SPOT, weight: 1}]}\n";

std::string launch(const std::vector<std::string>& documents, const std::string& text,
                   std::vector<std::string>* overrides = nullptr, const std::function<void(Setting&)>& change = {}) {
  return FilesRead(
             documents, text,
             [&](FilesRead::Column& c) {
               auto out = replaced_launch_types(c.f, c.setting, c.names, c.capacity, c.files);
               if (overrides != nullptr) *overrides = std::move(out);
             },
             change)
      .said;
}

TEST_CASE("the launch type of the capacity is held against requiresCompatibilities") {
  const auto refuses = [](const std::string& said, const std::string& type) {
    return said.find("Task definition does not support launch_type " + type) != std::string::npos;
  };
  for (const auto& [column, type] :
       {std::pair(kGroup, "EC2"), std::pair(kManaged, "MANAGED_INSTANCES"), std::pair(kExternal, "EXTERNAL"),
        std::pair(std::string("capacity: fargate\n"), "FARGATE")}) {
    CAPTURE(column);
    for (const std::string other : {"EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"}) {
      CAPTURE(other);
      const std::string vpc = other == "FARGATE" ? ",'networkMode':'awsvpc'" : "";
      const std::string said = launch({task(",'requiresCompatibilities':['" + other + "']" + vpc)}, column);
      CHECK(refuses(said, type) == (other != type));
    }
    CHECK_FALSE(refuses(launch({task("")}, column), type));
  }
  // Several are allowed; the service's own word counts too.
  CHECK_FALSE(refuses(launch({task(",'requiresCompatibilities':['EC2','EXTERNAL']")}, kGroup), "EC2"));
  CHECK(refuses(launch({task(""), service(",'launchType':'FARGATE'")}, kGroup), "EC2"));
  CHECK(launch({task(""), service(",'launchType':'FARGATE'")}, kGroup).find("the files of web name FARGATE only") !=
        std::string::npos);
  CHECK(refuses(launch({task(""), service(",'capacityProviderStrategy':[{'capacityProvider':'mine','weight':1}]")},
                       "capacity: fargate\n"),
                "FARGATE"));
}

TEST_CASE("a job's task definition and RunTask call are held to it as well") {
  const auto with_job = [](Setting& s) {
    JobSpec job;
    job.name = "report";
    s.jobs.push_back(job);
  };
  const std::string definition =
      "{'family':'report','memory':'512','requiresCompatibilities':['FARGATE'],'networkMode':'awsvpc','cpu':'256',"
      "'containerDefinitions':[{'name':'a','image':'i'}]}";
  CHECK(launch({definition}, kGroup, nullptr, with_job).find("the files of report name FARGATE only") !=
        std::string::npos);
  const std::string run = "{'taskDefinition':'report','launchType':'EC2'}";
  CHECK(launch({run}, "capacity: fargate\n", nullptr, with_job).find("the files of report name EC2 only") !=
        std::string::npos);
}

TEST_CASE("a column that says its launch type replaces what the files say, awsvpc on external instances too") {
  const std::string vpc = task(",'requiresCompatibilities':['FARGATE'],'networkMode':'awsvpc'");
  std::vector<std::string> overrides;
  CHECK(launch({vpc}, kExternal + "launchType: EXTERNAL\n", &overrides).find("error") == std::string::npos);
  CHECK(overrides == std::vector<std::string>{
                         "launch type EXTERNAL replaces FARGATE of the files of web",
                         "network mode bridge replaces awsvpc of the files of web, which external instances do not "
                         "have"});
  const std::string any = task(",'networkMode':'awsvpc'");
  CHECK(launch({any}, kExternal).find("external instances do not support network mode awsvpc") != std::string::npos);
  CHECK(launch({vpc}, kGroup + "launchType: FARGATE\n").find("the capacity of this column is of the launch type EC2") !=
        std::string::npos);
}

std::vector<std::vector<ProviderShare>> strategies(const std::string& shares, const std::string& text,
                                                   std::string* said = nullptr) {
  std::vector<std::vector<ProviderShare>> out;
  const FilesRead r({task(""), service(",'capacityProviderStrategy':" + shares)}, text, [&](FilesRead::Column& c) {
    check_service_strategies(c.f, c.names, c.capacity);
    for (const TaskCapacity& task : c.capacity.tasks) out.push_back(task.own);
  });
  if (said != nullptr) *said = r.said;
  return out;
}

TEST_CASE("a service's capacity provider strategy holds where the column has its providers") {
  const std::string spot_first =
      "[{'capacityProvider':'FARGATE_SPOT','weight':3},{'capacityProvider':'FARGATE','base':2,'weight':1}]";
  std::string said;
  auto own = strategies(spot_first, kMixed, &said);
  CHECK(said.find("capacityProviderStrategy in the files") == std::string::npos);
  REQUIRE(own[0].size() == 2);  // in the order of the column
  CHECK(own[0][0].base == 2);
  CHECK(own[0][0].weight == 1);
  CHECK(own[0][1].base == 0);
  CHECK(own[0][1].weight == 3);
  // A plain column on Fargate has Spot for those that ask for it.
  own = strategies(spot_first, "capacity: fargate\n", &said);
  REQUIRE(own[0].size() == 2);
  CHECK(own[0][1].weight == 3);
  CHECK(said.find("capacityProviderStrategy in the files") == std::string::npos);
  // On Spot alone it cannot hold: one warning.
  own = strategies(spot_first, "capacity: fargate-spot\n", &said);
  CHECK(own[0].empty());
  CHECK(said.find("capacityProviderStrategy in the files of web names capacity providers that this column does not "
                  "have") != std::string::npos);
  // A group's provider by another name is the column's only one.
  own = strategies("[{'capacityProvider':'production-asg'}]", kGroup, &said);
  REQUIRE(own[0].size() == 1);
  CHECK(own[0][0].weight == 1);
  CHECK(said.find("capacityProviderStrategy in the files") == std::string::npos);
  // Which of two it would be no name tells.
  own = strategies("[{'capacityProvider':'production-asg','weight':1}]",
                   "capacity: {capacityProviders: {a: {asg: {type: m5.large, max: 2}}, b: {asg: {type: m5.large, max: "
                   "2}}}, capacityProviderStrategy: [{capacityProvider: a, weight: 1}, {capacityProvider: b, weight: "
                   "1}]}\n",
                   &said);
  CHECK(own[0].empty());
  CHECK(said.find("capacityProviderStrategy in the files") != std::string::npos);
}

std::pair<bool, std::string> rebalanced(const std::string& more, const std::string& text, bool written = true,
                                        std::int64_t maximum = 200) {
  bool out = false;
  const FilesRead r(
      {task(""), service(more)}, text,
      [&](FilesRead::Column& c) {
        out = zone_rebalancing(c.f, c.setting, c.capacity, c.place, c.placement, c.files, true).front();
      },
      [&](Setting& s) {
        if (written) s.workloads.front().ecs_rollout.zone_rebalancing = true;
        s.workloads.front().ecs_rollout.maximum_percent = maximum;
      });
  return {out, r.said};
}

TEST_CASE("launchType EC2 beside managed scaling is told, for which ECS would scale nothing") {
  const auto said = [](const std::string& more, const std::string& text) {
    return FilesRead({task(""), service(more)}, text,
                     [](FilesRead::Column& c) { check_service_strategies(c.f, c.names, c.capacity); })
        .says("the files of web say launchType EC2");
  };
  CHECK(said(",'launchType':'EC2'", kGroup));
  CHECK_FALSE(said("", kGroup));
  CHECK_FALSE(
      said(",'launchType':'EC2'", "capacity: {asg: {type: m5.xlarge, min: 1, max: 4}, managedScaling: false}\n"));
}

TEST_CASE("zones are evened out only where ECS would, and a written ENABLED that does not hold is named") {
  const auto obstacle = [](const std::string& more, const std::string& text, std::int64_t maximum = 200) {
    const auto [on, said] = rebalanced(more, text, true, maximum);
    const std::size_t at = said.find("does not even out the zones of web (");
    return on ? std::string("on") : at == std::string::npos ? said : said.substr(at + 36, said.find(')', at) - at - 36);
  };
  CHECK(obstacle("", kGroup) == "on");
  CHECK(obstacle("", "capacity: fargate\n") == "on");
  CHECK(obstacle(",'placementStrategy':[{'type':'spread','field':'attribute:ecs.availability-zone'}]", kGroup) == "on");
  CHECK(obstacle(",'placementStrategy':[{'type':'binpack','field':'cpu'}]", kGroup) ==
        "the first placement strategy is not spread over ecs.availability-zone");
  CHECK(obstacle("", kGroup + "place: [spread(instance)]\n") ==
        "the first placement strategy is not spread over ecs.availability-zone");
  CHECK(obstacle(",'placementConstraints':[{'type':'memberOf','expression':'attribute:ecs.availability-zone != "
                 "us-east-1b'}]",
                 kGroup) == "a placement constraint on ecs.availability-zone");
  CHECK(obstacle("", kGroup + "placementConstraints: {web: 'attribute:ecs.availability-zone == us-east-1a'}\n") ==
        "a placement constraint on ecs.availability-zone");
  CHECK(obstacle(",'loadBalancers':[{'loadBalancerName':'old','containerName':'a','containerPort':80}]", kGroup) ==
        "a Classic Load Balancer");
  CHECK(obstacle("", kGroup, 100) == "maximumPercent of 100 leaves no room to start first");
  CHECK(obstacle("", kExternal) == "launch type or deployment controller EXTERNAL");
  // The default of new services is off where it cannot be, without a word.
  const auto [on, said] = rebalanced("", kGroup + "place: [random]\n", false);
  CHECK_FALSE(on);
  CHECK(said.find("even out") == std::string::npos);
}

TEST_CASE("load balancers where no request enters, and constraints that no type meets, are named") {
  const FilesRead balanced(
      {task(""), service(",'loadBalancers':[{'targetGroupArn':'arn:t','containerName':'a','containerPort':80}]")},
      kGroup, [](FilesRead::Column& c) {
        CHECK(c.files[0].balanced);
        warn_of_balancers(c.f, c.setting, c.files);
      });
  CHECK(balanced.says("the files register web with load balancers"));
  for (const auto& [expression, met] :
       {std::pair("attribute:ecs.instance-type == m5.large", true),
        std::pair("attribute:ecs.instance-type == c5.large", false),
        std::pair("attribute:ecs.availability-zone == us-east-1b", true),
        std::pair("attribute:ecs.availability-zone == us-east-1f", false),
        std::pair("attribute:ecs.cpu-architecture == arm64", false), std::pair("attribute:stack == blue", false)}) {
    const FilesRead r({}, kManaged + "placementConstraints: {web: '" + expression + "'}\n", [](FilesRead::Column& c) {
      warn_of_unmet_constraints(c.f, c.setting, c.names, c.capacity, c.placement);
    });
    CAPTURE(expression);
    CHECK(r.says("meets the placement constraints of web") == !met);
  }
}

TEST_CASE("a start that is longer than the balancer's checks and the grace period is warned of") {
  const auto said = [](Duration wait, Duration grace, bool entry) {
    return FilesRead(
               {}, "capacity: fargate\n",
               [](FilesRead::Column& c) { warn_of_slow_starts(c.f, c.setting, c.files, c.capacity); },
               [&](Setting& s) {
                 s.workloads.front().entry = entry;
                 s.workloads.front().start_wait = wait;
                 s.workloads.front().grace = grace;
               })
        .said;
  };
  CHECK(said(seconds(25), {}, true).find("to start") == std::string::npos);
  CHECK(said(seconds(45), {}, true).find("ECS replaces some tasks before they are ready") != std::string::npos);
  CHECK(said(seconds(120), {}, true).find("ECS replaces every task before it is ready") != std::string::npos);
  CHECK(said(seconds(120), minutes(3), true).find("to start") == std::string::npos);
  CHECK(said(seconds(120), {}, false).find("to start") == std::string::npos);
}

}  // namespace
}  // namespace plimsoll::ecs
