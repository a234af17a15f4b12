#include "models/ecs/controllers/instance_view.h"

namespace plimsoll::ecs {

void InstanceView::refresh(const World& world, WorkloadId workload) {
  nodes_.clear();
  free_cpu_.clear();
  free_memory_.clear();
  free_enis_.clear();
  free_gpus_.clear();
  usable_.clear();
  zone_.clear();
  group_tasks_.clear();
  const Snapshot& s = world.placement;
  for (Row row = 0; row < s.rows(); ++row) {
    if (!s.alive(row)) continue;
    const Node& node = world.node(s.node(row).id);
    nodes_.push_back(node.id);
    free_cpu_.push_back(s.allocatable(Resource::cpu)[row] - s.requested(Resource::cpu)[row]);
    free_memory_.push_back(s.allocatable(Resource::memory)[row] - s.requested(Resource::memory)[row]);
    free_enis_.push_back(s.allocatable(Resource::enis)[row] - s.requested(Resource::enis)[row]);
    free_gpus_.push_back(s.allocatable(Resource::gpus)[row] - s.requested(Resource::gpus)[row]);
    usable_.push_back(node.state == NodeState::ready ? 1 : 0);
    zone_.push_back(node.zone.value());
    std::uint32_t count = 0;
    for (const PodOnNode& p : s.pods(row)) {
      if (world.pod(p.id).workload == workload) ++count;
    }
    group_tasks_.push_back(count);
  }
  columns_ = {};
  columns_.free_cpu = free_cpu_;
  columns_.free_memory = free_memory_;
  columns_.free_enis = free_enis_;
  columns_.free_gpus = free_gpus_;
  columns_.usable = usable_;
  columns_.zone = zone_;
  columns_.zone_count = static_cast<std::uint32_t>(world.zones().size());
  columns_.group_tasks = group_tasks_;
}

}  // namespace plimsoll::ecs
