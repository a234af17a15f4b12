#pragma once

#include <cstdint>
#include <optional>

#include "models/kubernetes/workloads/int_or_percent.h"

namespace plimsoll::kubernetes {

/// One of the two is given.
struct DisruptionBudgetSpec {
  std::optional<IntOrPercent> min_available, max_unavailable;
};

/// How many of the matched pods may be evicted now. `expected` is the sum of their controllers' scales, `matched` the
/// number of pods (used instead for an absolute minAvailable), `healthy` those Ready, not deleting and not just
/// evicted. Percentages round up in both forms. Source: pkg/controller/disruption/disruption.go (1.20.2 .. current).
std::int64_t disruptions_allowed(const DisruptionBudgetSpec& spec, std::int64_t expected, std::int64_t matched,
                                 std::int64_t healthy);

/// What the eviction subresource answers. Source: pkg/registry/core/pod/storage/eviction.go (1.20.2 .. current).
enum class EvictionAnswer : std::uint8_t { evict, evict_and_count, too_many_requests, server_error };
/// `budgets` match the pod; `allowed` is of the only one. A pod that is pending, ended or deleting goes without asking;
/// so does an unready one under unhealthyPodEvictionPolicy AlwaysAllow.
EvictionAnswer answer_eviction(bool exempt, bool unready_always_allowed, std::int64_t budgets, std::int64_t allowed);

}  // namespace plimsoll::kubernetes
