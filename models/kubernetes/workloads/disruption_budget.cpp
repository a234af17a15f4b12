#include "models/kubernetes/workloads/disruption_budget.h"

#include <algorithm>

namespace plimsoll::kubernetes {

std::int64_t disruptions_allowed(const DisruptionBudgetSpec& spec, std::int64_t expected, std::int64_t matched,
                                 std::int64_t healthy) {
  std::int64_t desired = 0;
  if (spec.max_unavailable) {
    desired = std::max<std::int64_t>(0, expected - spec.max_unavailable->of_ceil(expected));
  } else if (spec.min_available) {
    if (!spec.min_available->is_percent) expected = matched;
    desired = spec.min_available->of_ceil(expected);
  }
  if (expected <= 0) return 0;
  return std::max<std::int64_t>(0, healthy - desired);
}

EvictionAnswer answer_eviction(bool exempt, bool unready_always_allowed, std::int64_t budgets, std::int64_t allowed) {
  if (exempt || budgets == 0) return EvictionAnswer::evict;
  if (budgets > 1) return EvictionAnswer::server_error;
  if (unready_always_allowed) return EvictionAnswer::evict;
  return allowed > 0 ? EvictionAnswer::evict_and_count : EvictionAnswer::too_many_requests;
}

}  // namespace plimsoll::kubernetes
