#include "models/kubernetes/workloads/disruption_budget.h"

#include <algorithm>

namespace plimsoll::kubernetes {

DisruptionBudgetStatus budget_status(const DisruptionBudgetSpec& spec, std::int64_t expected, std::int64_t matched,
                                     std::int64_t healthy) {
  DisruptionBudgetStatus out;
  if (spec.max_unavailable) {
    out.desired_healthy = std::max<std::int64_t>(0, expected - spec.max_unavailable->of_ceil(expected));
  } else if (spec.min_available) {
    if (!spec.min_available->is_percent) expected = matched;
    out.desired_healthy = spec.min_available->of_ceil(expected);
  } else {
    expected = 0;
  }
  if (expected > 0) out.disruptions_allowed = std::max<std::int64_t>(0, healthy - out.desired_healthy);
  return out;
}

bool unready_pod_goes(const DisruptionBudgetSpec& spec, const DisruptionBudgetStatus& status, std::int64_t healthy) {
  return spec.unready_always_allowed || (healthy >= status.desired_healthy && status.desired_healthy > 0);
}

EvictionAnswer answer_eviction(bool exempt, bool unready_goes, std::int64_t budgets, std::int64_t allowed) {
  if (exempt || budgets == 0) return EvictionAnswer::evict;
  if (budgets > 1) return EvictionAnswer::server_error;
  if (unready_goes) return EvictionAnswer::evict;
  return allowed > 0 ? EvictionAnswer::evict_and_count : EvictionAnswer::too_many_requests;
}

}  // namespace plimsoll::kubernetes
