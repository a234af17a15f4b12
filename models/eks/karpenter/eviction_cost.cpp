#include "models/eks/karpenter/eviction_cost.h"

#include <algorithm>

namespace plimsoll::eks::karpenter {

double eviction_cost(std::int64_t pod_deletion_cost, std::int64_t priority) {
  double cost = 1.0;
  cost += static_cast<double>(pod_deletion_cost) / 0x1p27;
  cost += static_cast<double>(priority) / 0x1p25;
  return std::clamp(cost, -10.0, 10.0);
}

double lifetime_remaining(Duration age, std::optional<Duration> expire_after) {
  if (!expire_after) return 1.0;
  const double total = to_seconds(*expire_after);
  if (total <= 0) return 0.0;
  return std::clamp((total - to_seconds(age)) / total, 0.0, 1.0);
}

}  // namespace plimsoll::eks::karpenter
