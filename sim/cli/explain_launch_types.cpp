#include "sim/cli/explain_launch_types.h"

#include <algorithm>
#include <vector>

#include "models/ecs/controllers/task_placer.h"

namespace plimsoll::cli {

std::string unseen_tasks_text(Subject& s, NodeGroupId group) {
  const auto* placer = s.world().find_component<ecs::TaskPlacer>();
  if (placer == nullptr) return {};
  std::vector<WorkloadId> found;
  for (const Pod& pod : s.world().pods()) {
    if (placer->constraints_of(pod.workload) == nullptr || placer->provisions(pod)) continue;
    const auto groups = placer->groups_of(pod);
    if (std::find(groups.begin(), groups.end(), group) == groups.end()) continue;
    if (std::find(found.begin(), found.end(), pod.workload) == found.end()) found.push_back(pod.workload);
  }
  if (found.empty()) return {};
  std::string names;
  for (const WorkloadId id : found) names += (names.empty() ? "" : ", ") + s.name(id);
  return "Not counted: tasks of " + names + ", whose launch type EC2 names no capacity provider.";
}

}  // namespace plimsoll::cli
