#include "models/aws/application_auto_scaling/step_scaling.h"

#include <algorithm>
#include <cstdlib>

#include "sim/core/assert.h"

namespace plimsoll::aws {

std::int64_t round_percent_change(std::int64_t numerator, std::int64_t denominator) {
  PLIMSOLL_ASSERT(denominator > 0);
  const std::int64_t towards_zero = numerator / denominator;
  if (towards_zero != 0 || numerator == 0) return towards_zero;
  return numerator > 0 ? 1 : -1;
}

const StepAdjustment* step_for(const StepScalingPolicy& policy, BreachSide side, std::int64_t metric,
                               std::int64_t threshold) {
  const std::int64_t d = metric - threshold;
  for (const StepAdjustment& s : policy.steps) {
    const bool above = side == BreachSide::above;
    const bool over_lower = !s.lower || (above ? d >= *s.lower : d > *s.lower);
    const bool under_upper = !s.upper || (above ? d < *s.upper : d <= *s.upper);
    if (over_lower && under_upper) return &s;
  }
  return nullptr;
}

std::int64_t adjusted_capacity(const StepScalingPolicy& policy, const StepAdjustment& step, std::int64_t current) {
  std::int64_t change = step.adjustment;
  switch (policy.type) {
    case AdjustmentType::exact_capacity:
      return std::max<std::int64_t>(step.adjustment, 0);
    case AdjustmentType::change_in_capacity:
      break;
    case AdjustmentType::percent_change_in_capacity:
      change = round_percent_change(current * step.adjustment, 100);
      if (policy.minimum_magnitude && step.adjustment != 0 && std::abs(change) < *policy.minimum_magnitude) {
        change = step.adjustment > 0 ? *policy.minimum_magnitude : -*policy.minimum_magnitude;
      }
      break;
  }
  return std::max<std::int64_t>(current + change, 0);
}

std::int64_t step_scaling_desired(const StepScalingPolicy& policy, BreachSide side, std::int64_t current,
                                  std::int64_t metric, std::int64_t threshold, std::int64_t minimum,
                                  std::int64_t maximum) {
  PLIMSOLL_ASSERT(minimum <= maximum);
  const StepAdjustment* step = step_for(policy, side, metric, threshold);
  if (step == nullptr) return current;
  return std::clamp(adjusted_capacity(policy, *step, current), minimum, maximum);
}

std::int64_t scale_out_during_cooldown(std::int64_t current, std::int64_t added, std::int64_t adjustment) {
  return std::max(current, current - added + adjustment);
}

std::string step_policy_error(const StepScalingPolicy& policy) {
  if (policy.steps.empty()) return "a step policy needs at least one step";
  std::vector<StepAdjustment> steps = policy.steps;
  std::sort(steps.begin(), steps.end(), [](const StepAdjustment& a, const StepAdjustment& b) {
    return a.lower.value_or(INT64_MIN) < b.lower.value_or(INT64_MIN);
  });
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!steps[i].lower && !steps[i].upper && steps.size() > 1) return "a step without bounds must be the only one";
    if (steps[i].lower && steps[i].upper && *steps[i].lower >= *steps[i].upper) {
      return "a step's lower bound must be below its upper bound";
    }
    if (i == 0) continue;
    if (!steps[i].lower) return "only one step may have no lower bound";
    if (!steps[i - 1].upper || *steps[i - 1].upper > *steps[i].lower) return "steps overlap";
    if (*steps[i - 1].upper < *steps[i].lower) return "there is a gap between steps";
  }
  return {};
}

}  // namespace plimsoll::aws
