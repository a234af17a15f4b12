#include "models/kubernetes/scheduler/custom_score.h"

#include <algorithm>

namespace plimsoll::kubernetes {

void CustomScore::score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const {
  const Snapshot& snapshot = cycle.snapshot();
  std::vector<std::int64_t> columns[4], answer;
  std::vector<NameId> zones;
  std::vector<std::uint32_t> zone;
  for (const Row row : rows) {
    columns[0].push_back(snapshot.allocatable(Resource::cpu)[row] / kCpuTicksPerMilli);
    columns[1].push_back(snapshot.requested(Resource::cpu)[row] / kCpuTicksPerMilli);
    columns[2].push_back(snapshot.allocatable(Resource::memory)[row]);
    columns[3].push_back(snapshot.requested(Resource::memory)[row]);
    const NameId name = snapshot.node(row).labels.find(cycle.keys.zone);
    const auto at = std::find(zones.begin(), zones.end(), name);
    zone.push_back(static_cast<std::uint32_t>(at - zones.begin()));
    if (at == zones.end()) zones.push_back(name);
  }
  plimsoll_nodes nodes{};
  nodes.size = sizeof nodes;
  nodes.count = static_cast<std::uint32_t>(rows.size());
  nodes.cpu_allocatable_milli = columns[0].data();
  nodes.cpu_requested_milli = columns[1].data();
  nodes.memory_allocatable_bytes = columns[2].data();
  nodes.memory_requested_bytes = columns[3].data();
  nodes.zone = zone.data();
  nodes.zone_count = static_cast<std::uint32_t>(zones.size());
  plimsoll_pod pod{};
  pod.size = sizeof pod;
  pod.priority = cycle.pod.priority;
  pod.workload = "";
  pod.cpu_milli = to_millis_ceil(cycle.pod.requests.cpu());
  pod.memory_bytes = cycle.pod.requests.memory().raw();
  policy_->score(pod, nodes, answer);
  std::copy(answer.begin(), answer.end(), scores.begin());
}

}  // namespace plimsoll::kubernetes
