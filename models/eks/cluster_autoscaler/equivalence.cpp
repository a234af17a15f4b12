#include "models/eks/cluster_autoscaler/equivalence.h"

#include <map>
#include <utility>

namespace plimsoll::eks::ca {

namespace {
constexpr int kMaxGroupsOfController = 10;
}

std::vector<PodGroup> equivalence_groups(std::span<const PendingPod> pods) {
  std::vector<PodGroup> groups;
  std::map<std::pair<WorkloadId, ShapeId>, std::size_t> index;
  std::map<WorkloadId, int> count;
  for (const PendingPod& pod : pods) {
    if (!pod.controller.is_none()) {
      const auto at = index.find({pod.controller, pod.shape});
      if (at != index.end()) {
        groups[at->second].pods.push_back(pod.id);
        continue;
      }
      if (count[pod.controller] < kMaxGroupsOfController) {
        ++count[pod.controller];
        index.emplace(std::pair{pod.controller, pod.shape}, groups.size());
      }
    }
    groups.push_back({pod.shape, {pod.id}});
  }
  return groups;
}

}  // namespace plimsoll::eks::ca
