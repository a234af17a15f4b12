#include "models/aws/application_auto_scaling/step_scaling.h"

#include <doctest/doctest.h>

using namespace plimsoll::aws;

namespace {

constexpr std::int64_t units(std::int64_t n) { return n * kMetricScale; }
const StepScalingPolicy kOut{AdjustmentType::percent_change_in_capacity,
                             {{0, units(10), 0}, {units(10), units(20), 10}, {units(20), std::nullopt, 30}},
                             std::nullopt};
const StepScalingPolicy kIn{AdjustmentType::percent_change_in_capacity,
                            {{units(-10), 0, 0}, {units(-20), units(-10), -10}, {std::nullopt, units(-20), -30}},
                            std::nullopt};

std::int64_t out(std::int64_t current, std::int64_t metric) {
  return step_scaling_desired(kOut, BreachSide::above, current, metric, units(50), 0, 1000);
}

}  // namespace

TEST_CASE("the guide's walk through its steps") {
  CHECK(out(10, units(60)) == 11);  // 10 % of 10
  CHECK(out(10, 59'900'000) == 10);
  CHECK(out(11, units(70)) == 14);                                                                // 30 % of 11 = 3.3
  CHECK(step_scaling_desired(kIn, BreachSide::below, 14, units(40), units(50), 0, 1000) == 13);   // -1.4 to -1
  CHECK(step_scaling_desired(kIn, BreachSide::below, 13, 30'100'000, units(50), 0, 1000) == 12);  // 10 % of 13 = 1.3
  // 20 below the threshold is in the last step: below it, upper bounds are inclusive. 30 % of 13 = 3.9.
  CHECK(step_scaling_desired(kIn, BreachSide::below, 13, units(30), units(50), 0, 1000) == 10);
}

TEST_CASE("percentages round towards zero but never to nothing") {
  CHECK(round_percent_change(1270, 100) == 12);
  CHECK(round_percent_change(-1270, 100) == -12);
  CHECK(round_percent_change(58, 100) == 1);
  CHECK(round_percent_change(-58, 100) == -1);
  CHECK(round_percent_change(0, 100) == 0);
}

TEST_CASE("bounds of the group and the least magnitude hold") {
  CHECK(step_scaling_desired(kOut, BreachSide::above, 10, units(90), units(50), 0, 12) == 12);
  StepScalingPolicy p = kOut;
  p.minimum_magnitude = 4;
  CHECK(step_scaling_desired(p, BreachSide::above, 10, units(65), units(50), 0, 1000) == 14);
  CHECK(step_scaling_desired(p, BreachSide::above, 10, units(55), units(50), 0, 1000) == 10);  // a zero step stays zero
  p.type = AdjustmentType::exact_capacity;
  p.steps = {{0, std::nullopt, 7}};
  CHECK(step_scaling_desired(p, BreachSide::above, 10, units(65), units(50), 0, 1000) == 7);
  p.type = AdjustmentType::change_in_capacity;
  p.steps = {{std::nullopt, 0, -20}};
  CHECK(step_scaling_desired(p, BreachSide::below, 10, units(40), units(50), 2, 1000) == 2);
  CHECK(step_scaling_desired(p, BreachSide::below, 10, units(60), units(50), 2, 1000) == 10);  // no step
}

TEST_CASE("a scale-out in a cooldown adds only what exceeds the first") {
  CHECK(scale_out_during_cooldown(12, 2, 3) == 13);
  CHECK(scale_out_during_cooldown(12, 2, 1) == 12);
}

TEST_CASE("gaps and overlaps are refused") {
  CHECK(step_policy_error(kOut).empty());
  CHECK(step_policy_error(kIn).empty());
  StepScalingPolicy p = kOut;
  p.steps[1].lower = units(12);
  CHECK(step_policy_error(p).find("gap") != std::string::npos);
  p.steps[1].lower = units(8);
  CHECK(step_policy_error(p).find("overlap") != std::string::npos);
  p.steps[1].lower = units(30);
  CHECK_FALSE(step_policy_error(p).empty());
  CHECK_FALSE(step_policy_error({}).empty());
}
