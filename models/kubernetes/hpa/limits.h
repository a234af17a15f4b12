#pragma once

#include "models/kubernetes/hpa/behavior.h"
#include "models/kubernetes/version.h"

namespace plimsoll::kubernetes {

/// Reasons of the ScalingLimited condition.
enum class LimitReason : std::uint8_t {
  none,
  desired_within_range,
  scale_up_limit,
  scale_down_limit,
  too_many_replicas,
  too_few_replicas
};

struct LimitedSize {
  std::int64_t replicas = 0;
  LimitReason reason = LimitReason::desired_within_range;
};

/// How far one sync without `behavior` may go up: this many times the current size (constants of horizontal.go).
inline constexpr std::int64_t kScaleUpLimitFactor = 2, kScaleUpLimitMinimum = 4;

/// Without `behavior`: at most max(factor x current, 4) at once, within [min, max].
/// Source: pkg/controller/podautoscaler/horizontal.go convertDesiredReplicasWithRules (1.20.2 .. current).
LimitedSize limit_without_behavior(std::int64_t current, std::int64_t desired, std::int64_t min, std::int64_t max,
                                   std::int64_t factor = kScaleUpLimitFactor);

/// With `behavior`: the policies' rates over the recent changes, within [min, max]. 1.20 looks at the changes of the
/// same direction only, newer releases at both.
/// Source: horizontal.go convertDesiredReplicasWithBehaviorRate (1.20.2, current).
LimitedSize limit_with_behavior(std::int64_t current, std::int64_t desired, std::int64_t min, std::int64_t max,
                                const ScalingBehavior& behavior, const std::vector<ScaleEvent>& ups,
                                const std::vector<ScaleEvent>& downs, Time now, KubernetesVersion version);

}  // namespace plimsoll::kubernetes
