#include "models/ecs/capacity_plan.h"

#include <doctest/doctest.h>

#include "tests/models/ecs/column_text.h"

namespace plimsoll::ecs {
namespace {

struct Read {
  CapacityPlan plan;
  std::string complaints;
};

Read read(const std::string& text, Cpu cpu = cpu_millis(500), Bytes memory = gibibytes(1)) {
  Read out;
  out.complaints =
      testing::ColumnText(cpu, memory).read(text, [&](document::Fields&, aws::PriceBook&, CapacityPlan plan) {
        out.plan = std::move(plan);
      });
  return out;
}

TEST_CASE("one Fargate provider, one group, several of either") {
  CHECK(read("capacity: fargate\n").plan.providers[0].kind == ProviderKind::fargate);
  const Read spot = read("capacity: fargate-spot\n");
  CHECK(spot.complaints == "");
  CHECK(spot.plan.providers[0].kind == ProviderKind::fargate_spot);
  // The vCPU's Spot rate over its on-demand rate holds for memory too: 0.0127 / 0.04048 x 0.004445 = 0.0013945...
  CHECK(spot.plan.fargate_spot_vcpu.raw() == 12'700'000'000);
  CHECK(spot.plan.fargate_spot_gb.raw() == doctest::Approx(1'394'553'000).epsilon(1e-4));
  CHECK(spot.plan.fargate_spot_gb < spot.plan.fargate_gb);

  const Read mixed = read(R"(capacity:
  capacityProviderStrategy:
    - {capacityProvider: FARGATE, base: 2, weight: 1}
    - {capacityProvider: FARGATE_SPOT, weight: 3}
)");
  CHECK(mixed.complaints == "");
  REQUIRE(mixed.plan.providers.size() == 2);
  CHECK(mixed.plan.on_fargate);
  CHECK(mixed.plan.strategy[0].base == 2);
  CHECK(mixed.plan.strategy[1].weight == 3);

  const Read groups = read(R"(eniTrunking: true
capacity:
  capacityProviders:
    od: {asg: {type: m5.large, min: 1, max: 9}, target: 80%}
    spot: {asg: {types: [m5.large, m5a.large], spot: true}, spotInstanceDraining: true}
  capacityProviderStrategy:
    - {capacityProvider: spot, weight: 3}
    - {capacityProvider: od, base: 1, weight: 1}
)");
  CHECK(groups.complaints == "");
  REQUIRE(groups.plan.providers.size() == 2);
  CHECK_FALSE(groups.plan.on_fargate);
  CHECK(groups.plan.providers[0].name == "spot");  // in the order of the strategy
  CHECK(groups.plan.providers[0].asg->options.size() == 2);
  CHECK(groups.plan.providers[0].asg->group.uses_spot());
  CHECK(groups.plan.providers[0].asg->spot_draining);
  CHECK(groups.plan.providers[1].asg->scaling.target_capacity == 80);
  CHECK(groups.plan.providers[1].asg->options[0].registered[Resource::enis] == 10);
  CHECK(groups.plan.instance_types() == std::vector<std::string_view>{"m5.large", "m5a.large"});
}

TEST_CASE("what ECS refuses is refused with its rule") {
  const auto says = [](const std::string& text, const std::string& what) {
    const Read r = read(text);
    CAPTURE(r.complaints);
    CHECK(r.complaints.find(what) != std::string::npos);
  };
  says("capacity: spot\n", "must be fargate, fargate-spot or a mapping");
  says("capacity: {asg: {min: 1}}\n", "'type' is missing");
  says("capacity: {asg: {type: m5.large, min: 4, max: 2}}\n", "min 4 is above max 2");
  says("capacity: {asg: {type: m5.large, weightedCapacity: {m5.large: 2}}}\n",
       "instance weights are not supported with managed scaling");
  says(R"(capacity:
  capacityProviders: {od: {asg: {type: m5.large}}}
  capacityProviderStrategy: [{capacityProvider: od, weight: 1}, {capacityProvider: FARGATE, weight: 1}]
)",
       "not both");
  says(R"(capacity:
  capacityProviders: {od: {asg: {type: m5.large}}}
  capacityProviderStrategy: [{capacityProvider: other, weight: 1}]
)",
       "no capacity provider 'other'");
  says("capacity: {asg: {type: m5.large}, managedScaling: false, managedTerminationProtection: true}\n",
       "needs managed scaling");
  const Read large = read("capacity: {asg: {type: m5.large}}\n", cpu_cores(4), gibibytes(4));
  CHECK(large.complaints.find("no m5.large can hold a task of web") != std::string::npos);
  const Read odd = read("capacity: fargate\n", cpu_millis(500), gibibytes(7));
  CHECK(odd.complaints.find("Fargate has no task size") != std::string::npos);
}

TEST_CASE("a group's own policies say their alarms as PutMetricAlarm does") {
  const std::string head =
      "capacity: {asg: {type: m5.large}, managedScaling: false, scalingPolicies: [{metric: MemoryReservation, "
      "comparisonOperator: LessThanThreshold, threshold: 30%, scalingAdjustment: -1";
  const Read usual = read(head + "}]}\n");
  CHECK(usual.complaints == "");
  REQUIRE(usual.plan.providers[0].asg->policies.size() == 1);
  const ReservationPolicy& p = usual.plan.providers[0].asg->policies[0];
  CHECK(p.alarm_name == "asg-policy-1");
  CHECK(p.metric == aws::MetricName::cluster_memory_reservation);
  CHECK(p.alarm.threshold == 30 * aws::kMetricScale);
  CHECK(p.alarm.period == seconds(60));
  CHECK(p.alarm.evaluation_periods == 1);
  CHECK_FALSE(p.alarm.datapoints_to_alarm.has_value());
  CHECK(p.alarm.treat_missing == aws::MissingData::missing);
  const Read said = read(head +
                         ", alarmName: idle, evaluationPeriods: 5, datapointsToAlarm: 3, period: 5m, "
                         "treatMissingData: breaching, statistic: Maximum}]}\n");
  CHECK(said.complaints == "");
  const ReservationPolicy& q = said.plan.providers[0].asg->policies[0];
  CHECK(q.alarm_name == "idle");
  CHECK(q.alarm.evaluation_periods == 5);
  CHECK(q.alarm.datapoints_to_alarm == 3);
  CHECK(q.alarm.period == seconds(300));
  CHECK(q.alarm.treat_missing == aws::MissingData::breaching);
  CHECK(q.statistic == aws::Statistic::maximum);
  CHECK(read(head + ", evaluationPeriods: 2, datapointsToAlarm: 3}]}\n").complaints.find("datapointsToAlarm must be") !=
        std::string::npos);
  CHECK(read(head + ", period: 90s}]}\n").complaints.find("multiple of 60 s") != std::string::npos);
}

TEST_CASE("a size that its file has had a fault about is no news to a column") {
  Setting setting;
  setting.region = "us-east-1";
  setting.as_of = "today";
  WorkloadSpec w;
  w.name = "web";
  w.ecs = {cpu_millis(250), gibibytes(4), {}, {}};
  setting.workloads.push_back(w);
  for (const char* file : {"task.json", "s.yaml"}) {
    document::Diagnostics diagnostics;
    diagnostics.error({std::make_shared<const std::string>(file), 1, 5}, "No Fargate configuration exists", {},
                      "memory");
    std::size_t unholdable = 0;
    {
      const document::Node root = document::load_text("capacity: fargate\n", "s.yaml", diagnostics).front();
      document::Fields f(root, diagnostics, "platforms.a");
      const auto prices = aws::PriceBook::open(f, setting);
      REQUIRE(prices != nullptr);
      unholdable = CapacityPlan::read(f, *prices, setting).unholdable.size();
    }
    CAPTURE(diagnostics.text());
    // A fault of the scenario's own is another one.
    CHECK(diagnostics.error_count() == 1);
    CHECK(unholdable == (std::string_view(file) == "task.json" ? 0 : 1));
  }
}

TEST_CASE("a type without a trunk has the interfaces that it has without trunking, which is said once") {
  const Read mixed = read("eniTrunking: true\ncapacity: {asg: {types: [t3.large, m5.large, t3.xlarge]}}\n");
  CHECK(mixed.complaints.find("s.yaml:1:14: warning: no ENI trunk is in t3.large (2), t3.xlarge (3): as many") == 0);
  CHECK(mixed.complaints.find("no ENI trunk", 60) == std::string::npos);
  CHECK(mixed.complaints.find("error") == std::string::npos);
  REQUIRE(mixed.plan.providers.size() == 1);
  REQUIRE(mixed.plan.providers[0].asg->options.size() == 3);
  CHECK(mixed.plan.providers[0].asg->options[0].registered[Resource::enis] == 2);
  CHECK(mixed.plan.providers[0].asg->options[1].registered[Resource::enis] == 10);
  CHECK(read("eniTrunking: true\ncapacity: {asg: {type: m5.large}}\n").complaints == "");
  // Managed Instances have trunks wherever the type has, whatever the account says.
  const auto managed = [](const std::string& trunking) {
    return read(trunking +
                "capacity: {managedInstances: {instanceRequirements: {allowedInstanceTypes: [t3.large, "
                "m5.large]}}}\n");
  };
  const Read on = managed("eniTrunking: true\n"), off = managed("");
  CHECK(on.complaints == "");
  REQUIRE(on.plan.providers[0].managed->types.size() == 2);
  REQUIRE(off.plan.providers[0].managed->types.size() == 2);
  for (std::size_t i = 0; i < 2; ++i)
    CHECK(on.plan.providers[0].managed->types[i].registered[Resource::enis] ==
          off.plan.providers[0].managed->types[i].registered[Resource::enis]);
}

TEST_CASE("a CPU target that a task on Fargate cannot reach earns a warning, on instances none") {
  testing::ColumnText column(cpu_millis(500), gibibytes(1));
  const auto warnings = [&](const char* text) {
    return column.read(text, [](document::Fields&, aws::PriceBook&, const CapacityPlan&) {});
  };
  column.web().scale_cpu = percent(150);
  CHECK(warnings("capacity: fargate\n")
            .find("s.yaml:1:11: warning: web: a CPU target of 150% is never reached on "
                  "Fargate") == 0);
  CHECK(warnings("capacity: {asg: {type: m5.large}}\n") == "");
  column.web().scale_cpu = percent(100);
  CHECK(warnings("capacity: fargate\n") == "");
}

}  // namespace
}  // namespace plimsoll::ecs
