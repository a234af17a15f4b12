#include "models/kubernetes/scheduler/resource_amounts.h"

#include <algorithm>

namespace plimsoll::kubernetes {

namespace {

std::int64_t overhead_correction(const Cycle& cycle) {
  const std::int64_t overhead = cycle.pod.overhead_cpu;
  if (overhead == 0 || cycle.version == KubernetesVersion::current) return 0;
  return div_ceil(overhead, kCpuTicksPerVcpu) * kCpuTicksPerMilli - overhead;
}

}  // namespace

ResourceAmounts resource_amounts(const Cycle& cycle, Row row, const ScoredResource& resource, bool nonzero) {
  const Snapshot& s = cycle.snapshot();
  const PodShape& pod = cycle.pod;
  if (!resource.fixed) {
    const auto at = std::find_if(pod.extended.begin(), pod.extended.end(),
                                 [&](const auto& entry) { return entry.first == resource.extended; });
    const std::int64_t wanted = at == pod.extended.end() ? 0 : at->second;
    if (wanted == 0 && cycle.version != KubernetesVersion::v1_20) return {};
    return {s.allocatable_extended(row, resource.extended), s.requested_extended(row, resource.extended) + wanted};
  }
  ResourceAmounts amounts{s.allocatable(*resource.fixed)[row], 0};
  if (*resource.fixed == Resource::cpu) {
    amounts.requested = (nonzero ? s.nonzero_cpu()[row] + pod.nonzero_cpu
                                 : s.requested(Resource::cpu)[row] + pod.requests[Resource::cpu]) +
                        overhead_correction(cycle);
  } else if (*resource.fixed == Resource::memory && nonzero) {
    amounts.requested = s.nonzero_memory()[row] + pod.nonzero_memory;
  } else {
    amounts.requested = s.requested(*resource.fixed)[row] + pod.requests[*resource.fixed];
  }
  return amounts;
}

}  // namespace plimsoll::kubernetes
