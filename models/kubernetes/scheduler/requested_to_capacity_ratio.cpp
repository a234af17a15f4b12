#include "models/kubernetes/scheduler/requested_to_capacity_ratio.h"

#include "models/kubernetes/scheduler/resource_amounts.h"

namespace plimsoll::kubernetes {

std::int64_t RequestedToCapacityRatio::value_at(std::int64_t utilization) const {
  // Scores are given from 0 to 10 and used from 0 to 100.
  for (std::size_t i = 0; i < points_.size(); ++i) {
    const std::int64_t x1 = points_[i].utilization, y1 = points_[i].score * std::int64_t{10};
    if (utilization > x1) continue;
    if (i == 0) return y1;
    const std::int64_t x0 = points_[i - 1].utilization, y0 = points_[i - 1].score * std::int64_t{10};
    return y0 + (y1 - y0) * (utilization - x0) / (x1 - x0);
  }
  return points_.back().score * std::int64_t{10};
}

void RequestedToCapacityRatio::score(const Cycle& cycle, std::span<const Row> rows,
                                     std::span<std::int64_t> scores) const {
  const bool old = cycle.version == KubernetesVersion::v1_20;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::int64_t sum = 0, weights = 0;
    for (const ScoredResource& r : resources_) {
      const auto [capacity, requested] = resource_amounts(cycle, rows[i], r, true);
      if (capacity == 0 && !old) continue;
      std::int64_t utilization = 100;
      if (capacity != 0 && requested <= capacity) {
        utilization = old ? 100 - (capacity - requested) * 100 / capacity : requested * 100 / capacity;
      }
      const std::int64_t value = value_at(utilization);
      if (value <= 0) continue;
      sum += value * r.weight;
      weights += r.weight;
    }
    scores[i] = weights == 0 ? 0 : static_cast<std::int64_t>(div_round(sum, weights));
  }
}

}  // namespace plimsoll::kubernetes
