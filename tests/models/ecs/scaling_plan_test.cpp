#include "models/ecs/scaling_plan.h"

#include <doctest/doctest.h>

#include "tests/models/ecs/column_text.h"

namespace plimsoll::ecs {
namespace {

struct ReadScaling {
  ScalingPlan plan;
  std::string complaints;
};

/// "web" scaled at 60 % CPU by the scenario's `scale` block.
ReadScaling scaled_web(const std::string& column) {
  testing::ColumnText c(cpu_cores(1), gibibytes(2));
  c.web().scale_cpu = percent(60);
  c.web().scale_said = true;
  ReadScaling out;
  out.complaints =
      c.read("capacity: fargate\n" + column, [&](document::Fields& f, aws::PriceBook& prices, CapacityPlan capacity) {
        out.plan = read_scaling(f, c.setting, prices, capacity);
      });
  return out;
}

TEST_CASE("policies of scale blocks take the column's cooldowns, five minutes where it says none") {
  const ReadScaling plain = scaled_web("");
  CHECK(plain.complaints == "");
  REQUIRE(plain.plan.services.size() == 1);
  REQUIRE(plain.plan.services[0].tracking.size() == 1);
  CHECK(plain.plan.services[0].tracking[0].config.target == 60'000'000);
  CHECK(plain.plan.services[0].tracking[0].config.scale_out_cooldown == seconds(300));
  CHECK(plain.plan.services[0].tracking[0].config.scale_in_cooldown == seconds(300));

  const ReadScaling own = scaled_web("scaleOutCooldown: 0s\nscaleInCooldown: 10m\n");
  CHECK(own.complaints == "");
  REQUIRE(own.plan.services.size() == 1);
  CHECK(own.plan.services[0].tracking[0].config.scale_out_cooldown == Duration{});
  CHECK(own.plan.services[0].tracking[0].config.scale_in_cooldown == seconds(600));
  // The target is the application's all the same.
  CHECK(own.plan.services[0].tracking[0].config.target == 60'000'000);

  CHECK(scaled_web("scaleInCooldown: 25h\n").complaints.find("scaleInCooldown") != std::string::npos);
}

std::string insight_alarm(const std::string& name) {
  return "  - AlarmName: " + name + R"(
    Namespace: ECS/ContainerInsights
    MetricName: RunningTaskCount
    Dimensions: [{Name: ServiceName, Value: web}]
    Statistic: Average
    Period: 60
    EvaluationPeriods: 1
    Threshold: 1
    ComparisonOperator: LessThanThreshold
)";
}

TEST_CASE("metrics of Container Insights have no data while it is disabled, which one warning says of all alarms") {
  const std::string alarms = "alarms:\n" + insight_alarm("few") + insight_alarm("fewer");
  const ReadScaling off = scaled_web(alarms);
  REQUIRE(off.plan.alarms.size() == 2);
  CHECK(off.plan.alarms[0].metric.name == aws::MetricName::pushed);  // nobody puts to it: no datapoint
  CHECK(off.complaints.find("error") == std::string::npos);
  const auto said = off.complaints.find("containerInsights is disabled");
  REQUIRE(said != std::string::npos);
  CHECK(off.complaints.find("containerInsights is disabled", said + 1) == std::string::npos);
  CHECK(off.complaints.find("alarm few, alarm fewer") != std::string::npos);

  for (const char* setting : {"enabled", "enhanced"}) {
    const ReadScaling on = scaled_web("containerInsights: " + std::string(setting) + "\n" + alarms);
    CHECK(on.complaints.find("containerInsights is disabled") == std::string::npos);
    REQUIRE(on.plan.alarms.size() == 2);
    CHECK(on.plan.alarms[0].metric.name == aws::MetricName::running_tasks);
  }
}

}  // namespace
}  // namespace plimsoll::ecs
