#include "models/ecs/controllers/instance_view.h"

#include <span>

namespace plimsoll::ecs {

/// Takes over one instance's row: what is free, and whose tasks are on it.
void InstanceView::read(const World& world, std::uint32_t i) {
  const Snapshot& s = world.placement;
  const Row row = rows_[i];
  free_cpu_[i] = s.allocatable(Resource::cpu)[row] - s.requested(Resource::cpu)[row];
  free_memory_[i] = s.allocatable(Resource::memory)[row] - s.requested(Resource::memory)[row];
  free_enis_[i] = s.allocatable(Resource::enis)[row] - s.requested(Resource::enis)[row];
  free_gpus_[i] = s.allocatable(Resource::gpus)[row] - s.requested(Resource::gpus)[row];
  usable_[i] = world.node(nodes_[i]).state == NodeState::ready && !s.node(row).unschedulable ? 1 : 0;
  // A task or two have come or gone: the others stand where they stood, one place on at most.
  const std::span<const PodOnNode> now = s.pods(row);
  std::vector<Counted>& known = pods_[i];
  std::size_t k = 0;
  for (; k < now.size(); ++k) {
    if (k < known.size() && known[k].pod != now[k].id && k + 1 < known.size() && known[k + 1].pod == now[k].id) {
      --counts_[known[k].workload.index()][i];
      known.erase(known.begin() + static_cast<std::ptrdiff_t>(k));
    }
    if (k < known.size() && known[k].pod == now[k].id) continue;
    const WorkloadId w = world.pod(now[k].id).workload;
    if (counts_[w.index()].size() <= i) counts_[w.index()].resize(nodes_.size(), 0);
    ++counts_[w.index()][i];
    if (k < known.size()) {
      --counts_[known[k].workload.index()][i];
      known[k] = {now[k].id, w};
    } else {
      known.push_back({now[k].id, w});
    }
  }
  for (; known.size() > k; known.pop_back()) --counts_[known.back().workload.index()][i];
}

void InstanceView::append(const World& world, Row row) {
  const Node& node = world.node(world.placement.node(row).id);
  instance_of_.resize(row + 1, 0);
  instance_of_[row] = static_cast<std::uint32_t>(nodes_.size());
  rows_.push_back(row);
  nodes_.push_back(node.id);
  zone_.push_back(node.zone.value());
  group_.push_back(node.group);
  free_cpu_.push_back(0);
  free_memory_.push_back(0);
  free_enis_.push_back(0);
  free_gpus_.push_back(0);
  usable_.push_back(0);
  pods_.emplace_back();
  read(world, instance_of_[row]);
}

void InstanceView::rebuild(const World& world) {
  rows_.clear();
  instance_of_.clear();
  nodes_.clear();
  zone_.clear();
  group_.clear();
  free_cpu_.clear();
  free_memory_.clear();
  free_enis_.clear();
  free_gpus_.clear();
  usable_.clear();
  pods_.clear();
  for (auto& counts : counts_) counts.clear();
  for (Row row = 0; row < world.placement.rows(); ++row) {
    if (world.placement.alive(row)) append(world, row);
  }
}

/// False when an instance has left, or the journal does not reach back: then the numbering is not to be trusted.
bool InstanceView::take_changes(const World& world) {
  const Snapshot& s = world.placement;
  bool good = true;
  Row last = kNoRow;
  const bool remembered = s.visit_changes(seen_, [&](const RowChange& change) {
    if (!good || change.row == last) return;
    if (change.row >= s.rows() || !s.alive(change.row)) {
      good = false;
      return;
    }
    last = change.row;
    if (rows_.empty() || change.row > rows_.back()) {
      append(world, change.row);
    } else {
      read(world, instance_of_[change.row]);
    }
  });
  return remembered && good;
}

void InstanceView::refresh(const World& world, WorkloadId workload, NodeGroupId group) {
  counts_.resize(world.workloads().size());
  if (seen_ == 0 || (seen_ != world.placement.version() && !take_changes(world))) rebuild(world);
  seen_ = world.placement.version();
  counts_[workload.index()].resize(nodes_.size(), 0);
  columns_ = {};
  columns_.free_cpu = free_cpu_;
  columns_.free_memory = free_memory_;
  columns_.free_enis = free_enis_;
  columns_.free_gpus = free_gpus_;
  columns_.usable = usable_;
  if (!group.is_none()) {
    usable_of_group_ = usable_;
    for (std::size_t i = 0; i < group_.size(); ++i) {
      if (group_[i] != group) usable_of_group_[i] = 0;
    }
    columns_.usable = usable_of_group_;
  }
  columns_.zone = zone_;
  columns_.zone_count = static_cast<std::uint32_t>(world.zones().size());
  columns_.group_tasks = counts_[workload.index()];
}

}  // namespace plimsoll::ecs
