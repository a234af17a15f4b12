#include "models/kubernetes/scheduler/balanced_allocation.h"

#include <algorithm>
#include <cmath>

#include "models/kubernetes/scheduler/resource_amounts.h"

namespace plimsoll::kubernetes {

bool BalancedAllocation::scores(const Cycle& cycle) const {
  if (cycle.version != KubernetesVersion::current) return true;
  return std::any_of(resources_.begin(), resources_.end(), [&](const ScoredResource& r) {
    if (r.fixed) return cycle.pod.requests[*r.fixed] > 0;
    return std::any_of(cycle.pod.extended.begin(), cycle.pod.extended.end(),
                       [&](const auto& e) { return e.first == r.extended && e.second > 0; });
  });
}

std::int64_t BalancedAllocation::difference_score(const Cycle& cycle, Row row) const {
  static const ScoredResource kCpu{.fixed = Resource::cpu, .extended = {}};
  static const ScoredResource kMemory{.fixed = Resource::memory, .extended = {}};
  const auto share = [&](const ScoredResource& r) {
    const auto [capacity, requested] = resource_amounts(cycle, row, r, true);
    return capacity == 0 ? 1.0 : static_cast<double>(requested) / static_cast<double>(capacity);
  };
  const double cpu = share(kCpu), memory = share(kMemory);
  if (cpu >= 1 || memory >= 1) return 0;
  return static_cast<std::int64_t>((1 - std::fabs(cpu - memory)) * 100.0);
}

std::int64_t BalancedAllocation::deviation_score(const Cycle& cycle, Row row) const {
  double first = 0, last = 0, total = 0;
  int count = 0;
  const auto each_share = [&](auto&& use) {
    for (const ScoredResource& r : resources_) {
      const auto [capacity, requested] = resource_amounts(cycle, row, r, false);
      if (capacity != 0) use(std::min(1.0, static_cast<double>(requested) / static_cast<double>(capacity)));
    }
  };
  each_share([&](double share) {
    if (count == 0) first = share;
    last = share;
    total += share;
    ++count;
  });
  double deviation = 0;
  if (count == 2) {
    deviation = std::fabs((first - last) / 2);
  } else if (count > 2) {
    const double mean = total / count;
    double squares = 0;
    each_share([&](double share) { squares += (share - mean) * (share - mean); });
    deviation = std::sqrt(squares / count);
  }
  return static_cast<std::int64_t>((1 - deviation) * 100.0);
}

void BalancedAllocation::score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const {
  const bool old = cycle.version == KubernetesVersion::v1_20;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    scores[i] = old ? difference_score(cycle, rows[i]) : deviation_score(cycle, rows[i]);
  }
}

}  // namespace plimsoll::kubernetes
