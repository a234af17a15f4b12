#pragma once

#include <cstdint>

namespace plimsoll::ecs {

/// The metric CapacityProviderReservation, exactly: percent = 100 x numerator / denominator.
struct Reservation {
  std::int64_t numerator = 1;
  std::int64_t denominator = 1;
  double percent() const { return 100.0 * static_cast<double>(numerator) / static_cast<double>(denominator); }
};

/// M / N of M needed and N running instances; 1 when both are 0, 2 when only M is positive.
/// Source: AWS Containers blog, "Deep Dive on Amazon ECS Cluster Auto Scaling"; Amazon ECS Developer Guide, "Amazon ECS
/// managed scaling behavior" (2025); documented. The guide of 2023 words scale-in by empty instances: same value.
Reservation capacity_provider_reservation(std::int64_t running_instances, std::int64_t needed_instances);

enum class ScalingDirection : std::uint8_t { none, out, in };

struct ManagedScalingDecision {
  ScalingDirection direction = ScalingDirection::none;
  std::int64_t desired = 0;  ///< of the Auto Scaling group, before its MinSize and MaxSize
};

/// What the target tracking policy of a provider makes of the metric: ceil(max(N, 1) x metric / targetCapacity), from
/// the exact ratio; at the target nothing changes. The delays (1 datapoint out, 15 in) and the limit of 50 % a minute
/// on the way in are the controller's. Source: as above, and aws/containers-roadmap issues 638 and 653 (an idle
/// provider with a target below 100 launches instances); documented and observed. @pre 1 <= target_capacity <= 100.
ManagedScalingDecision managed_scaling_decision(std::int64_t running_instances, std::int64_t needed_instances,
                                                std::int64_t target_capacity);

/// The lowest desired size that one minute of scale-in may set: at least 1 instance less, at most half of them.
/// Source: Amazon ECS Developer Guide, "Amazon ECS managed scaling behavior"; documented, loosely worded.
std::int64_t scale_in_floor(std::int64_t running_instances);

}  // namespace plimsoll::ecs
