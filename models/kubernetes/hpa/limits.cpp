#include "models/kubernetes/hpa/limits.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace plimsoll::kubernetes {

namespace {

std::int64_t changed_within(Duration period, const std::vector<ScaleEvent>& events, Time now) {
  std::int64_t sum = 0;
  for (const ScaleEvent& event : events) {
    if (event.at > now - period) sum += event.change;
  }
  return sum;
}

/// The size at the start of the policy's period, as the release reckons it.
std::int64_t size_before(std::int64_t current, const ScalingPolicy& policy, const std::vector<ScaleEvent>& ups,
                         const std::vector<ScaleEvent>& downs, Time now, bool is_up, KubernetesVersion version) {
  const bool both = version == KubernetesVersion::current;
  std::int64_t size = current;
  if (is_up || both) size -= changed_within(policy.period, ups, now);
  if (!is_up || both) size += changed_within(policy.period, downs, now);
  return size;
}

}  // namespace

LimitedSize limit_without_behavior(std::int64_t current, std::int64_t desired, std::int64_t min, std::int64_t max,
                                   std::int64_t factor) {
  const std::int64_t step = std::max(factor * current, kScaleUpLimitMinimum);
  const std::int64_t most = std::min(max, step);
  if (desired < min) return {min, LimitReason::too_few_replicas};
  if (desired > most) return {most, max > step ? LimitReason::scale_up_limit : LimitReason::too_many_replicas};
  return {desired, LimitReason::desired_within_range};
}

LimitedSize limit_with_behavior(std::int64_t current, std::int64_t desired, std::int64_t min, std::int64_t max,
                                const ScalingBehavior& behavior, const std::vector<ScaleEvent>& ups,
                                const std::vector<ScaleEvent>& downs, Time now, KubernetesVersion version) {
  constexpr std::int64_t kHuge = std::numeric_limits<std::int32_t>::max();
  if (desired > current) {
    std::int64_t limit = current;
    if (behavior.up.select != SelectPolicy::disabled) {
      const bool least = behavior.up.select == SelectPolicy::min;
      limit = least ? kHuge : -kHuge;
      for (const ScalingPolicy& policy : behavior.up.policies) {
        const std::int64_t start = size_before(current, policy, ups, downs, now, true, version);
        const std::int64_t proposed =
            policy.type == ScalingPolicy::Type::pods
                ? start + policy.value
                : static_cast<std::int64_t>(
                      std::ceil(static_cast<double>(start) * (1.0 + static_cast<double>(policy.value) / 100.0)));
        limit = least ? std::min(limit, proposed) : std::max(limit, proposed);
      }
      limit = std::max(limit, current);
    }
    const std::int64_t most = std::min(max, limit);
    if (desired > most) return {most, max > limit ? LimitReason::scale_up_limit : LimitReason::too_many_replicas};
  } else if (desired < current) {
    std::int64_t limit = current;
    if (behavior.down.select != SelectPolicy::disabled) {
      const bool least = behavior.down.select == SelectPolicy::min;
      limit = least ? -kHuge : kHuge;
      for (const ScalingPolicy& policy : behavior.down.policies) {
        const std::int64_t start = size_before(current, policy, ups, downs, now, false, version);
        const std::int64_t proposed =
            policy.type == ScalingPolicy::Type::pods
                ? start - policy.value
                : static_cast<std::int64_t>(static_cast<double>(start) *
                                            (1.0 - static_cast<double>(policy.value) / 100.0));
        limit = least ? std::max(limit, proposed) : std::min(limit, proposed);
      }
      limit = std::min(limit, current);
    }
    const std::int64_t fewest = std::max(min, limit);
    if (desired < fewest) return {fewest, min < limit ? LimitReason::scale_down_limit : LimitReason::too_few_replicas};
  }
  return {desired, LimitReason::desired_within_range};
}

}  // namespace plimsoll::kubernetes
