#include "models/ecs/group_actions.h"

#include <doctest/doctest.h>

#include <functional>

#include "tests/models/ecs/api/fixture.h"
#include "tests/models/ecs/column_text.h"

namespace plimsoll::ecs {
namespace {

struct GroupActionsRead {
  CapacityPlan plan;
  std::string said;
};

GroupActionsRead read_group_actions_of(const std::string& column, const std::string& own, const std::string& shared) {
  testing::ColumnText text(cpu_millis(500), gibibytes(1));
  GroupActionsRead out;
  out.said = text.read(column, [&](document::Fields& f, aws::PriceBook&, CapacityPlan plan) {
    const auto read = [&](const std::string& list) {
      api::Documents d;
      if (!list.empty()) api::read_document(api::json("[" + list + "]"), *f.reader().diagnostics, d);
      return d;
    };
    add_group_actions(f, read(own), read(shared), plan);
    check_refresh_alarms(f, plan, {"errors"});
    out.plan = std::move(plan);
  });
  return out;
}

std::string action_json(const std::string& group, const std::string& name, int minimum) {
  return "{'AutoScalingGroupName':'" + group + "','ScheduledActionName':'" + name +
         "','Recurrence':'0 6 * * *','MinSize':" + std::to_string(minimum) + "}";
}

const std::string kOneGroup = "capacity: {asg: {type: m5.large, min: 1, max: 6}}\n";
const std::string kTwoGroups = R"(capacity:
  capacityProviders:
    small: {asg: {type: m5.large}}
    big: {asg: {type: m5.4xlarge}}
  capacityProviderStrategy:
    - {capacityProvider: small, weight: 1}
    - {capacityProvider: big, weight: 1}
)";

TEST_CASE("one group takes the actions of any name, several those of their own") {
  const GroupActionsRead one = read_group_actions_of(kOneGroup, "", action_json("my-asg", "morning", 4));
  CHECK(one.said == "");
  REQUIRE(one.plan.providers[0].asg->group.schedule.size() == 1);
  CHECK(one.plan.providers[0].asg->group.schedule[0].minimum == 4);
  const GroupActionsRead two =
      read_group_actions_of(kTwoGroups, "", action_json("big", "a", 1) + "," + action_json("bug", "b", 1));
  REQUIRE(two.plan.providers.size() == 2);
  CHECK(two.plan.providers[0].asg->group.schedule.empty());
  CHECK(two.plan.providers[1].asg->group.schedule.size() == 1);
  CHECK(two.said.find("no capacity provider of the column is called") != std::string::npos);
  CHECK(two.said.find("did you mean 'big'?") != std::string::npos);
}

TEST_CASE("the column's own action stands above one of the same name") {
  const GroupActionsRead r = read_group_actions_of(kOneGroup, action_json("g", "morning", 2),
                                                   action_json("g", "morning", 4) + "," + action_json("g", "night", 1));
  const auto& schedule = r.plan.providers[0].asg->group.schedule;
  REQUIRE(schedule.size() == 2);
  CHECK(schedule[0].minimum == 2);
  CHECK(schedule[1].minimum == 1);
}

TEST_CASE("on Fargate the scenario's actions mean nothing, and the column's own are told") {
  CHECK(read_group_actions_of("capacity: fargate\n", "", action_json("g", "a", 1)).said == "");
  CHECK(read_group_actions_of("capacity: fargate\n", action_json("g", "a", 1), "").said.find("it does nothing") !=
        std::string::npos);
}

TEST_CASE("an instance refresh watches alarms that there are") {
  const auto said = [](const std::string& alarm) {
    return read_group_actions_of(
               "capacity: {asg: {type: m5.large, instanceRefresh: [{at: 1h, autoRollback: true, "
               "bakeTime: 10m, alarms: [" +
                   alarm + "]}]}}\n",
               "", "")
        .said;
  };
  CHECK(said("errors") == "");
  CHECK(said("error").find("did you mean 'errors'?") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::ecs
