#include "models/eks/node/free_room.h"

#include <algorithm>
#include <limits>

namespace plimsoll::eks {

namespace {

constexpr std::int64_t kLeastCpu = std::numeric_limits<std::int64_t>::min();

/// Filters that come after the one of resources and let pods without volumes and rules about others pass.
bool is_quiet(kubernetes::PluginId id) {
  using kubernetes::PluginId;
  return id == PluginId::volume_restrictions || id == PluginId::node_volume_limits || id == PluginId::volume_binding ||
         id == PluginId::volume_zone || id == PluginId::pod_topology_spread || id == PluginId::inter_pod_affinity;
}

/// Whether a node fails of another plugin than that of resources only for what it is itself.
bool is_orderly(const kubernetes::Profile& profile) {
  const auto& filters = profile.filters;
  const auto fit = std::find(filters.begin(), filters.end(), kubernetes::PluginId::node_resources_fit);
  return fit != filters.end() && std::all_of(fit + 1, filters.end(), is_quiet);
}

bool is_plain(const Simulation& sim, ShapeId id) {
  const PodShape& s = sim.shapes[id];
  const NameId hostname = sim.framework.keys().hostname;
  const bool selects_host = std::any_of(s.node_selector.begin(), s.node_selector.end(),
                                        [&](const auto& pair) { return pair.first == hostname; });
  return !sim.depends_on_others(id) && s.extended.empty() && s.host_ports.empty() && s.volumes.empty() &&
         s.node_name.is_none() && !s.node_required && !selects_host;
}

bool are_alike(const PodShape& a, const PodShape& b) {
  return a.requests == b.requests && a.requests_anything == b.requests_anything && a.tolerations == b.tolerations &&
         a.node_selector == b.node_selector;
}

}  // namespace

void FreeRoom::resize(std::size_t rows) {
  for (auto& column : free_) column.resize(rows, 0);
  open_.resize(rows, 0);
  search_.resize(rows, kLeastCpu);
  most_.resize((rows + kBlock - 1) / kBlock, kLeastCpu);
  if (stamp_.size() < rows) stamp_.resize(rows, 0);
}

void FreeRoom::set_search(Row row, std::int64_t cpu) {
  const std::int64_t before = search_[row];
  search_[row] = cpu;
  std::int64_t& most = most_[row / kBlock];
  if (cpu >= most) {
    most = cpu;
  } else if (before == most) {
    const std::size_t begin = row / kBlock * kBlock, end = std::min(begin + kBlock, search_.size());
    most = *std::max_element(search_.begin() + static_cast<std::ptrdiff_t>(begin),
                             search_.begin() + static_cast<std::ptrdiff_t>(end));
  }
}

void FreeRoom::read(const Snapshot& snapshot, Row row) {
  for (std::size_t r = 0; r < kResourceCount; ++r) {
    const auto resource = static_cast<Resource>(r);
    free_[r][row] = snapshot.allocatable(resource)[row] - snapshot.requested(resource)[row];
  }
  open_[row] = snapshot.alive(row) && !snapshot.node(row).unschedulable ? 1 : 0;
  set_search(row, open_[row] != 0 ? free_[0][row] : kLeastCpu);
}

void FreeRoom::follow(const Simulation& sim) {
  const Snapshot& s = sim.snapshot;
  if (built_ && seen_ == s.version()) return;
  const bool goes_on = built_ && s.rows() >= rows();
  if (goes_on) resize(s.rows());
  const bool followed = goes_on && s.visit_changes(seen_, [&](const RowChange& change) {
    if (change.row >= s.rows()) return;
    if (change.shape.is_none() && change.running == 0) ++stamp_[change.row];  // more than its images
    read(s, change.row);
  });
  if (!followed) {
    built_ = true;
    orderly_ = is_orderly(sim.framework.profile());
    resize(0);
    resize(s.rows());
    for (std::uint32_t& stamp : stamp_) ++stamp;
    for (Row row = 0; row < s.rows(); ++row) read(s, row);
  }
  seen_ = s.version();
}

FreeRoom::Kind FreeRoom::kind_of(const Simulation& sim, ShapeId shape) {
  // A shape with a rule that keeps others away makes all of them depend on others.
  if (sim.anti_affinity || !orderly_) return kNoKind;
  if (shape.index() >= known_.size()) {
    known_.resize(sim.shapes.size(), 0);
    kind_of_.resize(sim.shapes.size(), kNoKind);
  }
  if (known_[shape.index()] != 0) return kind_of_[shape.index()];
  known_[shape.index()] = 1;
  if (!is_plain(sim, shape)) return kNoKind;
  const PodShape& s = sim.shapes[shape];
  const auto at = std::find_if(kinds_.begin(), kinds_.end(),
                               [&](const KindOfPods& k) { return are_alike(sim.shapes[k.shape], s); });
  kind_of_[shape.index()] = static_cast<Kind>(at - kinds_.begin());
  if (at != kinds_.end()) return kind_of_[shape.index()];
  KindOfPods kind;
  kind.shape = shape;
  kind.cpu = s.requests[Resource::cpu];
  const bool current = sim.framework.profile().version == kubernetes::KubernetesVersion::current;
  for (std::size_t r = 0; r < kResourceCount; ++r) {
    const std::int64_t wanted = s.requests.v[r];
    if (wanted != 0) kind.takes.emplace_back(r, wanted);
    const auto resource = static_cast<Resource>(r);
    if (resource == Resource::pods) {
      kind.needs.emplace_back(r, std::max<std::int64_t>(wanted, 1));
    } else if (s.requests_anything) {
      // As NodeResourcesFit: before the newest releases a node that is overcommitted fails whatever is asked of it.
      const bool ours = resource == Resource::enis || resource == Resource::gpus;
      if (wanted != 0 || (!current && !ours)) kind.needs.emplace_back(r, wanted);
    }
  }
  kinds_.push_back(std::move(kind));
  return kind_of_[shape.index()];
}

std::size_t FreeRoom::next(std::size_t at, std::size_t last, Kind kind) const {
  const std::int64_t need = kinds_[kind].cpu > 0 ? kinds_[kind].cpu : kLeastCpu + 1;
  return first_with(search_, most_, at, last, need);
}

bool FreeRoom::admits(const Simulation& sim, Kind kind, Row row) const {
  const kubernetes::ClusterView view{sim.snapshot, sim.shapes, sim.names};
  const kubernetes::Verdict verdict = sim.framework.filter_alone(view, kinds_[kind].shape, row);
  return verdict.ok() || verdict.plugin == kubernetes::PluginId::node_resources_fit;
}

bool FreeRoom::fits(const Simulation& sim, Kind kind, Row row) {
  KindOfPods& k = kinds_[kind];
  for (const auto& [resource, least] : k.needs) {
    if (free_[resource][row] < least) return false;
  }
  if (k.asked.size() <= row) k.asked.resize(rows(), 0xffffffffu);
  std::uint32_t& asked = k.asked[row];
  if (asked >> 1 != stamp_[row]) asked = stamp_[row] << 1 | (admits(sim, kind, row) ? 1u : 0u);
  return (asked & 1u) != 0;
}

void FreeRoom::place(Kind kind, Row row) {
  for (const auto& [resource, amount] : kinds_[kind].takes) free_[resource][row] -= amount;
  if (open_[row] != 0) set_search(row, free_[0][row]);
  steps_.push_back({row, kind});
}

void FreeRoom::close(Row row) {
  if (open_[row] == 0) return;
  open_[row] = 0;
  set_search(row, kLeastCpu);
  steps_.push_back({row, kClosing});
}

void FreeRoom::add_row(const ResourceVector& free, std::span<const std::uint8_t> admitted) {
  const Row row = static_cast<Row>(rows());
  resize(row + std::size_t{1});
  ++stamp_[row];
  for (std::size_t r = 0; r < kResourceCount; ++r) free_[r][row] = free.v[r];
  open_[row] = 1;
  set_search(row, free_[0][row]);
  for (std::size_t k = 0; k < kinds_.size(); ++k) {
    if (kinds_[k].asked.size() <= row) kinds_[k].asked.resize(rows(), 0xffffffffu);
    kinds_[k].asked[row] = stamp_[row] << 1 | admitted[k];
  }
  steps_.push_back({row, kAdding});
}

void FreeRoom::undo(std::size_t mark) {
  for (; steps_.size() > mark; steps_.pop_back()) {
    const auto [row, kind] = steps_.back();
    if (kind == kClosing) {
      open_[row] = 1;
    } else if (kind == kAdding) {
      ++stamp_[row];
      set_search(row, kLeastCpu);
      resize(row);
      continue;
    } else {
      for (const auto& [resource, amount] : kinds_[kind].takes) free_[resource][row] += amount;
    }
    if (open_[row] != 0) set_search(row, free_[0][row]);
  }
}

}  // namespace plimsoll::eks
