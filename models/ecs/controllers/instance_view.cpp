#include "models/ecs/controllers/instance_view.h"

#include <algorithm>
#include <span>
#include <utility>

namespace plimsoll::ecs {

/// Takes over what is free on one instance, and whether it takes tasks.
void InstanceView::read(const World& world, std::uint32_t i) {
  const Snapshot& s = world.placement;
  const Row row = rows_[i];
  free_cpu_[i] = s.allocatable(Resource::cpu)[row] - s.requested(Resource::cpu)[row];
  free_memory_[i] = s.allocatable(Resource::memory)[row] - s.requested(Resource::memory)[row];
  free_enis_[i] = s.allocatable(Resource::enis)[row] - s.requested(Resource::enis)[row];
  free_gpus_[i] = s.allocatable(Resource::gpus)[row] - s.requested(Resource::gpus)[row];
  const Node& node = world.node(nodes_[i]);
  const bool active = node.state == NodeState::ready && !s.node(row).unschedulable;
  usable_[i] = active ? 1 : 0;
  no_candidate_[i] = active || node.is_lost() ? NoCandidate::no : NoCandidate::not_active;
  block_free_cpu_[i / kInstanceBlock] = kStale;
}

/// One task more or less of a workload on an instance.
void InstanceView::count(WorkloadId workload, std::uint32_t i, bool more) {
  const std::uint32_t by = more ? 1u : ~0u;
  std::vector<OnRow>& counts = counts_[workload.index()];
  const Row row = rows_[i];
  auto at = std::lower_bound(counts.begin(), counts.end(), row, [](const OnRow& c, Row r) { return c.row < r; });
  if (at == counts.end() || at->row != row) at = counts.insert(at, {row, 0});
  at->tasks += by;
  if (at->tasks == 0) counts.erase(at);
  if (workload == shown_) group_tasks_[i] += by;
  zone_counts_[workload.index() * zones_ + zone_[i]] += by;
}

void InstanceView::read_pods(const World& world, std::uint32_t i) {
  // Whose tasks are on it. A task or two have come or gone: the others stand where they stood, one place on at most.
  const std::span<const PodOnNode> now = world.placement.pods(rows_[i]);
  std::vector<Counted>& known = pods_[i];
  std::size_t k = 0;
  for (; k < now.size(); ++k) {
    if (k < known.size() && known[k].pod != now[k].id && k + 1 < known.size() && known[k + 1].pod == now[k].id) {
      count(known[k].workload, i, false);
      known.erase(known.begin() + static_cast<std::ptrdiff_t>(k));
    }
    if (k < known.size() && known[k].pod == now[k].id) continue;
    const WorkloadId w = world.pod(now[k].id).workload;
    count(w, i, true);
    if (k < known.size()) {
      count(known[k].workload, i, false);
      known[k] = {now[k].id, w};
    } else {
      known.push_back({now[k].id, w});
    }
  }
  for (; known.size() > k; known.pop_back()) count(known.back().workload, i, false);
}

void InstanceView::append(const World& world, Row row) {
  const Node& node = world.node(world.placement.node(row).id);
  instance_of_.resize(row + 1, kNoInstance);
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
  no_candidate_.push_back(NoCandidate::not_active);
  pods_.emplace_back();
  if (!shown_.is_none()) group_tasks_.push_back(0);
  block_free_cpu_.resize((nodes_.size() + kInstanceBlock - 1) / kInstanceBlock, kStale);
  read(world, instance_of_[row]);
  read_pods(world, instance_of_[row]);
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
  no_candidate_.clear();
  pods_.clear();
  block_free_cpu_.clear();
  zone_counts_.assign(zone_counts_.size(), 0);
  for (auto& counts : counts_) counts.clear();
  shown_ = {};
  for (Row row = 0; row < world.placement.rows(); ++row) {
    if (world.placement.alive(row)) append(world, row);
  }
}

/// Takes out the instances that have left; those behind them move up.
void InstanceView::drop_dead(const World& world) {
  const std::size_t n = nodes_.size();
  std::vector<std::size_t> dead;
  for (std::uint32_t i = 0; i < n; ++i) {
    if (world.placement.alive(rows_[i])) {
      instance_of_[rows_[i]] = i - static_cast<std::uint32_t>(dead.size());
      continue;
    }
    for (const Counted& gone : pods_[i]) count(gone.workload, i, false);
    instance_of_[rows_[i]] = kNoInstance;
    dead.push_back(i);
  }
  if (dead.empty()) return;
  block_free_cpu_.assign((n - dead.size() + kInstanceBlock - 1) / kInstanceBlock, kStale);
  // Few leave at a time: what stands between two of them moves as a whole.
  const auto pack = [&](auto& column) {
    const auto at = [&](std::size_t i) { return column.begin() + static_cast<std::ptrdiff_t>(i); };
    for (std::size_t k = 0; k < dead.size(); ++k) {
      std::move(at(dead[k] + 1), at(k + 1 < dead.size() ? dead[k + 1] : n), at(dead[k] - k));
    }
    column.resize(n - dead.size());
  };
  pack(rows_);
  pack(nodes_);
  pack(zone_);
  pack(group_);
  pack(free_cpu_);
  pack(free_memory_);
  pack(free_enis_);
  pack(free_gpus_);
  pack(usable_);
  pack(no_candidate_);
  pack(pods_);
  if (!shown_.is_none()) pack(group_tasks_);
}

/// False when the journal does not reach back, or names rows that are not known: then the numbering is not to be
/// trusted.
bool InstanceView::take_changes(const World& world) {
  const Snapshot& s = world.placement;
  bool good = true, left = false;
  changed_.clear();
  changes_.resize(s.rows(), 0);
  const bool remembered = s.visit_changes(seen_, [&](const RowChange& change) {
    if (change.row >= s.rows()) {
      good = false;
      return;
    }
    // A task that is told to stop holds what it holds until it has ended.
    if (change.pods == 0 && !change.shape.is_none()) return;
    std::uint8_t& known = changes_[change.row];
    if (known == 0) changed_.push_back(change.row);
    known |= change.shape.is_none() ? kNode : kPods;
  });
  for (const Row row : changed_) {
    const std::uint8_t what = std::exchange(changes_[row], std::uint8_t{0});
    const bool known = row < instance_of_.size() && instance_of_[row] != kNoInstance;
    if (!good || !remembered) continue;
    if (!s.alive(row)) {
      left = left || known;
    } else if (!known) {
      // Rows are in the order of the first change: a later one may have come first only when it was known before.
      good = rows_.empty() || row > rows_.back();
      if (good) append(world, row);
    } else {
      read(world, instance_of_[row]);
      if ((what & kPods) != 0) read_pods(world, instance_of_[row]);
    }
  }
  if (!remembered || !good) return false;
  if (left) drop_dead(world);
  return true;
}

void InstanceView::refresh(const World& world, WorkloadId workload, std::span<const NodeGroupId> groups) {
  if (counts_.size() != world.workloads().size() || zones_ != world.zones().size()) {
    counts_.resize(world.workloads().size());
    zones_ = world.zones().size();
    zone_counts_.assign(counts_.size() * zones_, 0);
    seen_ = 0;
  }
  if (seen_ == 0 || (seen_ != world.placement.version() && !take_changes(world))) rebuild(world);
  seen_ = world.placement.version();
  if (shown_ != workload) {
    shown_ = workload;
    group_tasks_.assign(nodes_.size(), 0);
    for (const OnRow& c : counts_[workload.index()]) group_tasks_[instance_of_[c.row]] = c.tasks;
  }
  columns_ = {};
  columns_.free_cpu = free_cpu_;
  columns_.free_memory = free_memory_;
  columns_.free_enis = free_enis_;
  columns_.free_gpus = free_gpus_;
  columns_.usable = usable_;
  columns_.no_candidate = no_candidate_;
  if (!groups.empty()) {
    usable_of_groups_ = usable_;
    no_candidate_of_groups_ = no_candidate_;
    for (std::size_t i = 0; i < group_.size(); ++i) {
      if (std::find(groups.begin(), groups.end(), group_[i]) != groups.end()) continue;
      usable_of_groups_[i] = 0;
      no_candidate_of_groups_[i] = NoCandidate::other_provider;
    }
    columns_.usable = usable_of_groups_;
    columns_.no_candidate = no_candidate_of_groups_;
  }
  columns_.zone = zone_;
  columns_.zone_count = static_cast<std::uint32_t>(world.zones().size());
  for (std::size_t b = 0; b < block_free_cpu_.size(); ++b) {
    if (block_free_cpu_[b] != kStale) continue;
    std::int64_t most = -1;
    for (std::size_t i = b * kInstanceBlock; i < std::min(nodes_.size(), (b + 1) * kInstanceBlock); ++i) {
      if (usable_[i] != 0) most = std::max(most, free_cpu_[i]);
    }
    block_free_cpu_[b] = most;
  }
  columns_.block_free_cpu = block_free_cpu_;
  columns_.zone_tasks = std::span(zone_counts_).subspan(workload.index() * zones_, zones_);
  columns_.group_tasks = group_tasks_;
}

}  // namespace plimsoll::ecs
