#include "models/kubernetes/scheduler/most_allocated.h"

#include <algorithm>

#include "models/kubernetes/scheduler/resource_amounts.h"

namespace plimsoll::kubernetes {

std::int64_t most_allocated_score(const Cycle& cycle, Row row, std::span<const ScoredResource> resources) {
  const bool old = cycle.version == KubernetesVersion::v1_20;
  std::int64_t sum = 0, weights = 0;
  for (const ScoredResource& r : resources) {
    const auto [capacity, requested] = resource_amounts(cycle, row, r, true);
    if (capacity == 0 && !old) continue;
    weights += r.weight;
    if (capacity == 0 || (requested > capacity && old)) continue;
    sum += r.weight * (std::min(requested, capacity) * 100 / capacity);
  }
  return weights == 0 ? 0 : sum / weights;
}

void MostAllocated::score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const {
  for (std::size_t i = 0; i < rows.size(); ++i) scores[i] = most_allocated_score(cycle, rows[i], resources_);
}

}  // namespace plimsoll::kubernetes
