#include "models/ecs/event_rule_plan.h"

#include <doctest/doctest.h>

#include "models/ecs/container_lifecycle.h"
#include "models/ecs/controllers/event_rules.h"
#include "models/ecs/placement_rules.h"
#include "sim/billing/bill.h"
#include "tests/models/ecs/column_text.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::ecs {
namespace {

std::int64_t twice(const plimsoll_replicas* seen, const plimsoll_draws*, plimsoll_state*) { return 2 * seen->desired; }

CustomPolicyPtr twice_policy() {
  plimsoll_policy table{};
  table.size = sizeof table;
  table.kind = PLIMSOLL_REPLICA_SCALER;
  table.name = "twice";
  table.call.scaler = twice;
  return std::make_shared<CustomPolicy>(&table, "test.so", nullptr);
}

struct RulesRead {
  EventRulePlan plan;
  std::string complaints;
};

RulesRead read_rules(const std::string& rules, const char* region = "us-east-1") {
  testing::ColumnText column(cpu_millis(500), gibibytes(1));
  column.setting.region = region;
  column.setting.custom = {twice_policy()};
  RulesRead out;
  out.complaints = column.read("capacity: {asg: {type: m5.large}}\n" + rules,
                               [&](document::Fields& f, aws::PriceBook& prices, const CapacityPlan& capacity) {
                                 StandaloneTasks tasks = StandaloneTasks::read(f, column.setting, prices, capacity);
                                 out.plan = EventRulePlan::read(f, column.setting, prices, tasks);
                               });
  return out;
}

std::string one_rule(const std::string& target) {
  return "eventRules: {a: {eventPattern: {source: [aws.ecs]}, targets: [" + target + "]}}\n";
}

TEST_CASE("targets that change bounds and that ask a policy are read with their functions") {
  const RulesRead r = read_rules(R"(eventRules:
  busy:
    eventPattern: {source: [aws.ecs]}
    targets:
      - registerScalableTarget: {service: web, minCapacity: 4, maxCapacity: 9}
      - callPolicy: {service: web, policy: twice, targetCpu: 70%}
)");
  CHECK(r.complaints == "");
  REQUIRE(r.plan.targets.size() == 1);
  REQUIRE(r.plan.targets[0].size() == 2);
  const PlannedTarget& bounds = r.plan.targets[0][0];
  CHECK(bounds.what.kind == RuleTarget::Kind::put_scaling);
  CHECK(bounds.what.minimum == 4);
  CHECK(bounds.what.maximum == 9);
  CHECK(bounds.has_app);
  CHECK(bounds.what.lambda);
  const PlannedTarget& call = r.plan.targets[0][1];
  CHECK(call.what.kind == RuleTarget::Kind::call_policy);
  CHECK(call.target_cpu == percent(70));
  REQUIRE(call.policy != nullptr);
  CHECK(call.policy->name() == "twice");
  CHECK(r.plan.functions() == 2);
}

TEST_CASE("bounds without a number, upside down, or a policy that is not there are refused") {
  const auto says = [](const RulesRead& r, std::string_view what) {
    CAPTURE(r.complaints);
    CHECK(r.complaints.find(what) != std::string::npos);
  };
  says(read_rules(one_rule("{registerScalableTarget: {service: web}}")), "minCapacity or maxCapacity, or both");
  says(read_rules(one_rule("{registerScalableTarget: {service: web, minCapacity: 5, maxCapacity: 4}}")),
       "maxCapacity is below minCapacity");
  says(read_rules(one_rule("{callPolicy: {service: web, policy: twise}}")), "did you mean 'twice'?");
}

TEST_CASE("a column without functions asks for no price of them, one with functions prices both parts") {
  CHECK(read_rules(one_rule("{stopTask: {}}")).plan.lambda.gb_second.raw() > 0);
  const RulesRead none = read_rules("");
  CHECK(none.plan.functions() == 0);
  CHECK(none.plan.lambda.million_requests == Rate{});
}

TEST_CASE("built, the rules are one component, and functions are lines of the bill") {
  const RulesRead r = read_rules(one_rule("{scaleService: {service: web, desiredCount: 5}}"));
  World world = plimsoll::testing::small_world();
  const WorkloadId web = plimsoll::testing::add_workload(world, "web", 500, 512, 1);
  const HandlerId bill_id = world.attach(std::make_unique<billing::Bill>(world.window_start, world.end));
  auto& bill = dynamic_cast<billing::Bill&>(world.component(bill_id));
  Setting setting;
  setting.region = "us-east-1";
  BuildContext context{world, bill, setting};
  const CapacityPlan capacity;
  const std::vector<PlacementRules> placement(1);
  const std::vector<ContainerLifecycle> lifecycles(1);
  EventRulePlan{}.build(context, {web}, {}, {capacity, placement, lifecycles});
  CHECK(world.find_component<EventRules>() == nullptr);
  r.plan.build(context, {web}, {}, {capacity, placement, lifecycles});
  CHECK(world.find_component<EventRules>() != nullptr);
  REQUIRE(bill.lines().size() == 2);
  CHECK(bill.lines()[0].what.item == "lambda/requests");
  CHECK(bill.lines()[0].what.rate == r.plan.lambda.million_requests);
  CHECK(bill.lines()[1].what.item == "lambda/duration");
}

}  // namespace
}  // namespace plimsoll::ecs
