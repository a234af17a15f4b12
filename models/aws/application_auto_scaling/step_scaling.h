#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace plimsoll::aws {

/// Metric values, thresholds and step bounds are in millionths of the metric's unit, so that bounds compare exactly.
inline constexpr std::int64_t kMetricScale = 1'000'000;

enum class AdjustmentType : std::uint8_t { change_in_capacity, exact_capacity, percent_change_in_capacity };
/// Whether the alarm fires above its threshold or below.
enum class BreachSide : std::uint8_t { above, below };

/// Bounds are relative to the alarm's threshold; absent is without end.
struct StepAdjustment {
  std::optional<std::int64_t> lower;
  std::optional<std::int64_t> upper;
  std::int64_t adjustment = 0;
};
struct StepScalingPolicy {
  AdjustmentType type = AdjustmentType::change_in_capacity;
  std::vector<StepAdjustment> steps;
  std::optional<std::int64_t> minimum_magnitude;  ///< MinAdjustmentMagnitude, for percentages
};

/// A percentage change as whole capacity: above 1 down, between 0 and 1 to 1, between -1 and 0 to -1, below -1 towards
/// zero. The change is numerator / denominator. @pre denominator > 0.
/// SOURCE: "Step scaling policies for Application Auto Scaling", scaling adjustment types.
std::int64_t round_percent_change(std::int64_t numerator, std::int64_t denominator);

/// The step whose bounds hold metric - threshold: lower <= d < upper above the threshold, lower < d <= upper below.
/// Null when none does.
const StepAdjustment* step_for(const StepScalingPolicy& policy, BreachSide side, std::int64_t metric,
                               std::int64_t threshold);

/// Capacity that one step asks for, before the group's minimum and maximum; never below 0.
std::int64_t adjusted_capacity(const StepScalingPolicy& policy, const StepAdjustment& step, std::int64_t current);

/// Capacity after the alarm fired, within [minimum, maximum]; `current` when no step holds the metric.
std::int64_t step_scaling_desired(const StepScalingPolicy& policy, BreachSide side, std::int64_t current,
                                  std::int64_t metric, std::int64_t threshold, std::int64_t minimum,
                                  std::int64_t maximum);

/// A second scale-out within the cooldown of a first: what the first added is part of what the second asks for, so only
/// the excess is added. `added` is what the first added. SOURCE: Application Auto Scaling user guide, cooldown period.
std::int64_t scale_out_during_cooldown(std::int64_t current, std::int64_t added, std::int64_t adjustment);

/// Why the steps are not allowed; empty when they are: no gap, no overlap, at most one open end on each side, lower
/// below upper.
std::string step_policy_error(const StepScalingPolicy& policy);

}  // namespace plimsoll::aws
