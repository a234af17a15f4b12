#include "models/eks/karpenter/budgets.h"

#include <algorithm>

#include "sim/core/units.h"

namespace plimsoll::eks::karpenter {

bool is_active(const Budget& budget, std::int64_t unix_seconds) {
  if (!budget.schedule) return true;
  const std::int64_t from = unix_seconds - to_microseconds(budget.duration) / 1'000'000;
  const auto hit = budget.schedule->next(from);
  return hit && *hit <= unix_seconds;
}

std::int64_t allowed_disruptions(std::span<const Budget> budgets, std::int64_t nodes, std::int64_t unix_seconds,
                                 DisruptionReason reason) {
  std::int64_t allowed = kUnbounded;
  for (const Budget& b : budgets) {
    const bool named = b.reasons.empty() || std::find(b.reasons.begin(), b.reasons.end(), reason) != b.reasons.end();
    if (!named || !is_active(b, unix_seconds)) continue;
    allowed = std::min(allowed, b.percent ? div_ceil(b.nodes * nodes, 100) : b.nodes);
  }
  return allowed;
}

}  // namespace plimsoll::eks::karpenter
