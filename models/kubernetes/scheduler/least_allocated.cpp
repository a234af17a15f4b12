#include "models/kubernetes/scheduler/least_allocated.h"

#include "models/kubernetes/scheduler/resource_amounts.h"

namespace plimsoll::kubernetes {

std::int64_t least_allocated_score(const Cycle& cycle, Row row, std::span<const ScoredResource> resources) {
  std::int64_t sum = 0, weights = 0;
  for (const ScoredResource& r : resources) {
    const auto [capacity, requested] = resource_amounts(cycle, row, r, true);
    if (capacity == 0 && cycle.version != KubernetesVersion::v1_20) continue;
    weights += r.weight;
    if (capacity != 0 && requested <= capacity) sum += r.weight * ((capacity - requested) * 100 / capacity);
  }
  return weights == 0 ? 0 : sum / weights;
}

void LeastAllocated::score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const {
  for (std::size_t i = 0; i < rows.size(); ++i) scores[i] = least_allocated_score(cycle, rows[i], resources_);
}

}  // namespace plimsoll::kubernetes
