#pragma once

#include <cstdint>
#include <optional>

#include "models/kubernetes/workloads/int_or_percent.h"

namespace plimsoll::kubernetes {

/// One of the two numbers is given; a budget with neither lets nothing go.
struct DisruptionBudgetSpec {
  std::optional<IntOrPercent> min_available, max_unavailable;
  bool unready_always_allowed = false;  ///< unhealthyPodEvictionPolicy: AlwaysAllow
};

/// What the controller writes into a budget's status.
struct DisruptionBudgetStatus {
  std::int64_t desired_healthy = 0, disruptions_allowed = 0;
};

/// How many pods are to stay healthy, and how many may be evicted now. `expected` is the sum of their controllers'
/// scales, `matched` the number of pods (used instead for an absolute minAvailable), `healthy` those Ready, not
/// deleting and not just evicted. Percentages round up in both forms. Source: pkg/controller/disruption/disruption.go
/// (1.20.2 .. current).
DisruptionBudgetStatus budget_status(const DisruptionBudgetSpec& spec, std::int64_t expected, std::int64_t matched,
                                     std::int64_t healthy);

/// Whether an unready pod goes without being counted: by its policy, or while enough others are healthy
/// (IfHealthyBudget, the default). Source: pkg/registry/core/pod/storage/eviction.go (1.33).
bool unready_pod_goes(const DisruptionBudgetSpec& spec, const DisruptionBudgetStatus& status, std::int64_t healthy);

/// What the eviction subresource answers. Source: pkg/registry/core/pod/storage/eviction.go (1.20.2 .. current).
enum class EvictionAnswer : std::uint8_t { evict, evict_and_count, too_many_requests, server_error };
/// `budgets` match the pod; `allowed` is of the only one. A pod that is pending, ended or deleting goes without asking
/// (`exempt`); so does an unready one that `unready_goes`.
EvictionAnswer answer_eviction(bool exempt, bool unready_goes, std::int64_t budgets, std::int64_t allowed);

}  // namespace plimsoll::kubernetes
