#include "models/ecs/undocumented.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"
#include "tests/models/ecs/column_text.h"

namespace plimsoll::ecs {
namespace {

Undocumented undocumented_of(const std::string& text, std::string& complaints, bool on_fargate = false) {
  document::Diagnostics diagnostics;
  Undocumented out;
  {
    const document::Node root = document::load_text(text, "s.yaml", diagnostics).front();
    document::Fields f(root, diagnostics, "platforms.a");
    aws::AsOf as_of{};
    as_of.ecs_throttle_max_minutes = 27;
    out = Undocumented::read(f, as_of, on_fargate);
  }
  complaints = diagnostics.text();
  return out;
}

TEST_CASE("each open point has a default with its reason, and can be said otherwise") {
  std::string complaints;
  const Undocumented usual = undocumented_of("{}\n", complaints);
  CHECK(usual.throttle.first == seconds(1));
  CHECK(usual.throttle.longest == minutes(27));
  CHECK(usual.throttle.curve == ThrottleCurve::doubling);
  CHECK(usual.placer.draws_ties);
  CHECK(usual.placer.retry == seconds(15));
  CHECK(usual.placer.placement_attempts == 3);
  CHECK(usual.placer.placement_retry == minutes(5));
  CHECK_FALSE(usual.run_task_spreads);
  CHECK_FALSE(usual.needed_sums);
  CHECK(usual.reservation_publication == seconds(15));
  CHECK(usual.launch_retry == minutes(1));
  CHECK(usual.new_target_checks == 1);
  CHECK(usual.alarm_range == 2);
  CHECK(usual.launch_window == LaunchWindow::sliding);
  CHECK(undocumented_of("undocumented: {serviceLaunchWindow: bucket}\n", complaints, true).launch_window ==
        LaunchWindow::bucket);
  CHECK(usual.cooldown_reading == aws::CooldownReading::without_added);
  const Undocumented said = undocumented_of(R"(undocumented:
  throttleFirst: 2s
  throttleCurve: linear
  weightSplit: largest-remainder
  placementTies: first
  provisioningRetry: 20s
  placementAttempts: 4
  placementRetry: 15m
  provisioningTimeout: 12m
  runTaskPlacement: spread
  neededInstances: sum
  reservationPublication: 1m
  launchRetry: 90s
  newTargetChecks: 5
  alarmEvaluationRange: 0
  scaleOutCooldown: net-increase
)",
                                            complaints);
  CHECK(complaints.find("error") == std::string::npos);
  CHECK(said.throttle.first == seconds(2));
  CHECK(said.throttle.curve == ThrottleCurve::linear);
  CHECK(said.split == SplitRule::largest_remainder);
  CHECK_FALSE(said.placer.draws_ties);
  CHECK(said.placer.retry == seconds(20));
  CHECK(said.placer.placement_attempts == 4);
  CHECK(said.placer.placement_retry == minutes(15));
  CHECK(said.placer.provisioning_timeout.mean() == minutes(12));
  CHECK(said.run_task_spreads);
  CHECK(said.needed_sums);
  CHECK(said.reservation_publication == minutes(1));
  CHECK(said.launch_retry == seconds(90));
  CHECK(said.new_target_checks == 5);
  CHECK(said.alarm_range == 0);
  CHECK(said.cooldown_reading == aws::CooldownReading::net_increase);
  undocumented_of("undocumented: {throttleCurve: quadratic}\n", complaints);
  CHECK(complaints.find("doubling") != std::string::npos);
}

TEST_CASE("a column on Fargate has no placement to say something of") {
  std::string complaints;
  undocumented_of("undocumented: {launchRetry: 30s}\n", complaints, true);
  CHECK(complaints == "");
  undocumented_of("undocumented: {placementTies: first}\n", complaints, true);
  CHECK(complaints.find("placementTies") != std::string::npos);
}

TEST_CASE("the share of its memory that an instance registers") {
  const auto registers = [](const std::string& more) {
    testing::ColumnText column(cpu_millis(500), gibibytes(1));
    std::int64_t mib = 0;
    const std::string said = column.read("capacity: {asg: {type: m5.large}}\n" + more,
                                         [&](document::Fields&, aws::PriceBook&, const CapacityPlan& plan) {
                                           mib = plan.providers[0].asg->options[0].registered.memory().raw() / kMiB;
                                         });
    CHECK(said == "");
    return mib;
  };
  CHECK(registers("") == 7987);  // 0.975 x 8192
  CHECK(registers("registeredMemory: 98%\n") == 8028);
}

}  // namespace
}  // namespace plimsoll::ecs
