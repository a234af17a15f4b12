#pragma once

#include <cstdint>
#include <optional>

#include "sim/core/time.h"

namespace plimsoll::eks::karpenter {

/// How much it hurts to evict a pod: 1 + deletion cost / 2^27 + priority / 2^25, kept within [-10, 10].
/// SOURCE: kubernetes-sigs/karpenter v0.36.2 pkg/controllers/disruption/helpers.go, v1.14.1 pkg/utils/disruption.
double eviction_cost(std::int64_t pod_deletion_cost, std::int64_t priority);

/// What is left of a node's life, from 1 (new, or without expiry) to 0. `expire_after` none: never expires.
double lifetime_remaining(Duration age, std::optional<Duration> expire_after);

}  // namespace plimsoll::eks::karpenter
