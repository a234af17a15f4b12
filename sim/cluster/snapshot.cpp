#include "sim/cluster/snapshot.h"

#include <algorithm>
#include <bit>

#include "sim/core/assert.h"

namespace plimsoll {

namespace {

/// In `running` of a change of the node itself: nothing but its images has changed.
constexpr std::int8_t kImages = 1;

bool has_soft_taint(const SnapshotNode& node) {
  return std::any_of(node.taints.begin(), node.taints.end(),
                     [](const Taint& t) { return t.effect == TaintEffect::prefer_no_schedule; });
}

std::int64_t lookup(const std::vector<std::pair<NameId, std::int64_t>>& sorted, NameId name) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), name,
                                   [](const auto& entry, NameId key) { return entry.first < key; });
  return at != sorted.end() && at->first == name ? at->second : 0;
}

}  // namespace

/// A change outside levels.
void Snapshot::note(const RowChange& change) {
  if (journal_.empty()) journal_.resize(kJournal);
  ++version_;
  journal_[version_ & (journal_.size() - 1)] = change;
}

/// Keeps pace with the rows: who follows the changes of a large cluster has more of them to catch up with, and a
/// recount costs it more.
void Snapshot::grow_journal() {
  const std::size_t wanted = std::bit_ceil(nodes_.size() * kJournalOfRow);
  if (wanted <= std::max(journal_.size(), kJournal)) return;
  std::vector<RowChange> longer(wanted);
  const std::uint64_t kept = std::min<std::uint64_t>(version_, journal_.size());
  for (std::uint64_t v = version_ - kept + 1; v <= version_; ++v) {
    longer[v & (wanted - 1)] = journal_[v & (journal_.size() - 1)];
  }
  forgotten_ = std::max(forgotten_, version_ - kept);
  journal_ = std::move(longer);
}

void Snapshot::touch(const RowChange& change) {
  if (recording()) {
    trial_.push_back(change);
  } else {
    note(change);
  }
  row_version_[change.row] = version();
}

void Snapshot::remember(Undo entry) {
  entry.row_version = row_version_[entry.row];
  log_.push_back(std::move(entry));
}

void Snapshot::touch_pod(Row row, const PodOnNode& pod, std::int8_t sign) {
  touch({.row = row, .shape = pod.shape, .pods = sign, .running = pod.terminating ? std::int8_t{0} : sign});
}

void Snapshot::touch_node(Row row, bool appeared) {
  touch({.row = row, .shape = {}, .appeared = appeared});
  nodes_version_ = version();
}

void Snapshot::count_images(const std::vector<ImageOnNode>& images, std::int64_t sign) {
  for (const ImageOnNode& image : images) {
    if (image.name.index() >= image_rows_.size()) image_rows_.resize(image.name.index() + 1, 0);
    image_rows_[image.name.index()] += sign;
  }
}

/// A row joins or leaves the live ones.
void Snapshot::enter_counts(Row row, std::int64_t sign) {
  count_images(nodes_[row].images, sign);
  if (has_soft_taint(nodes_[row])) soft_taint_rows_ += static_cast<std::size_t>(sign);
  live_ += static_cast<std::size_t>(sign);
  membership_version_ = version();
}

Row Snapshot::add_node(SnapshotNode node) {
  const Row row = static_cast<Row>(nodes_.size());
  for (std::size_t r = 0; r < kResourceCount; ++r) {
    allocatable_[r].push_back(node.allocatable.v[r]);
    requested_[r].push_back(0);
  }
  nodes_.push_back(std::move(node));
  alive_.push_back(1);
  pods_.emplace_back();
  extended_requested_.emplace_back();
  nonzero_cpu_.push_back(0);
  nonzero_memory_.push_back(0);
  row_version_.push_back(0);
  if (!recording()) grow_journal();
  touch_node(row, true);
  enter_counts(row, 1);
  if (recording()) remember({.change = Change::node_added, .row = row, .pod = {}, .requests = {}});
  return row;
}

void Snapshot::remove_node(Row row) {
  PLIMSOLL_ASSERT(alive(row));
  Undo entry{.change = Change::node_removed, .row = row, .pod = {}, .requests = {}, .row_version = row_version_[row]};
  for (const PodOnNode& pod : pods_[row]) touch_pod(row, pod, -1);
  for (std::size_t r = 0; r < kResourceCount; ++r) {
    entry.requests.v[r] = requested_[r][row];
    requested_[r][row] = 0;
  }
  entry.nonzero_cpu = std::exchange(nonzero_cpu_[row], 0);
  entry.nonzero_memory = std::exchange(nonzero_memory_[row], 0);
  if (recording()) {
    entry.aux = saved_rows_.size();
    saved_rows_.push_back({std::move(pods_[row]), std::move(extended_requested_[row])});
    log_.push_back(entry);
  }
  pods_[row].clear();
  extended_requested_[row].clear();
  alive_[row] = 0;
  touch_node(row);
  enter_counts(row, -1);
}

void Snapshot::set_unschedulable(Row row, bool value) {
  if (nodes_[row].unschedulable == value) return;
  if (recording()) {
    remember({.change = Change::schedulability,
              .row = row,
              .pod = {},
              .requests = {},
              .aux = nodes_[row].unschedulable ? std::size_t{1} : std::size_t{0}});
  }
  nodes_[row].unschedulable = value;
  touch_node(row);
}

void Snapshot::add_taint(Row row, const Taint& taint) {
  if (recording()) {
    remember({.change = Change::taints, .row = row, .pod = {}, .requests = {}, .aux = saved_taints_.size()});
    saved_taints_.push_back(nodes_[row].taints);
  }
  const bool before = has_soft_taint(nodes_[row]);
  nodes_[row].taints.push_back(taint);
  touch_node(row);
  if (alive(row) && !before && has_soft_taint(nodes_[row])) ++soft_taint_rows_;
}

void Snapshot::remove_taint(Row row, NameId key) {
  auto& taints = nodes_[row].taints;
  if (std::none_of(taints.begin(), taints.end(), [key](const Taint& t) { return t.key == key; })) return;
  if (recording()) {
    remember({.change = Change::taints, .row = row, .pod = {}, .requests = {}, .aux = saved_taints_.size()});
    saved_taints_.push_back(taints);
  }
  const bool before = has_soft_taint(nodes_[row]);
  std::erase_if(taints, [key](const Taint& t) { return t.key == key; });
  touch_node(row);
  if (alive(row) && before && !has_soft_taint(nodes_[row])) --soft_taint_rows_;
}

void Snapshot::add_image(Row row, const ImageOnNode& image) {
  std::vector<ImageOnNode> images = nodes_[row].images;
  std::erase_if(images, [&](const ImageOnNode& i) { return i.name == image.name; });
  images.push_back(image);
  touch_images(row, std::move(images));
}

void Snapshot::set_images(Row row, std::vector<ImageOnNode> images) {
  if (nodes_[row].images != images) touch_images(row, std::move(images));
}

void Snapshot::touch_images(Row row, std::vector<ImageOnNode> images) {
  if (alive(row)) count_images(nodes_[row].images, -1);
  if (recording()) {
    remember({.change = Change::images, .row = row, .pod = {}, .requests = {}, .aux = saved_images_.size()});
    saved_images_.push_back(std::move(nodes_[row].images));
  }
  nodes_[row].images = std::move(images);
  if (alive(row)) count_images(nodes_[row].images, 1);
  touch({.row = row, .shape = {}, .running = kImages});
}

void Snapshot::account(Row row, const ResourceVector& requests, std::int64_t nonzero_cpu, std::int64_t nonzero_memory,
                       const ExtendedResources& extended, std::int64_t sign) {
  for (std::size_t r = 0; r < kResourceCount; ++r) requested_[r][row] += sign * requests.v[r];
  nonzero_cpu_[row] += sign * nonzero_cpu;
  nonzero_memory_[row] += sign * nonzero_memory;
  auto& held = extended_requested_[row];
  for (const auto& [name, amount] : extended) {
    const auto at = std::lower_bound(held.begin(), held.end(), name,
                                     [](const auto& entry, NameId key) { return entry.first < key; });
    if (at != held.end() && at->first == name) {
      at->second += sign * amount;
      if (at->second == 0) held.erase(at);
    } else if (amount != 0) {
      held.insert(at, {name, sign * amount});
    }
  }
}

std::size_t Snapshot::position_of(Row row, PodId pod) const {
  const auto& pods = pods_[row];
  const auto at = std::find_if(pods.begin(), pods.end(), [pod](const PodOnNode& p) { return p.id == pod; });
  PLIMSOLL_ASSERT(at != pods.end());
  return static_cast<std::size_t>(at - pods.begin());
}

Snapshot::Undo Snapshot::undo_of_pod(Change change, Row row, const PodOnNode& pod, std::size_t position,
                                     const PodShape& shape) {
  Undo entry{.change = change,
             .row = row,
             .pod = pod,
             .position = position,
             .requests = shape.requests,
             .nonzero_cpu = shape.nonzero_cpu,
             .nonzero_memory = shape.nonzero_memory,
             .aux = kNoRow};
  if (!shape.extended.empty()) {
    entry.aux = saved_extended_.size();
    saved_extended_.push_back(shape.extended);
  }
  return entry;
}

void Snapshot::add_pod(Row row, const PodOnNode& pod, const PodShape& shape) {
  PLIMSOLL_ASSERT(alive(row));
  if (recording()) remember(undo_of_pod(Change::pod_added, row, pod, pods_[row].size(), shape));
  pods_[row].push_back(pod);
  touch_pod(row, pod, 1);
  account(row, shape.requests, shape.nonzero_cpu, shape.nonzero_memory, shape.extended, 1);
}

void Snapshot::remove_pod(Row row, PodId pod, const PodShape& shape) {
  const std::size_t position = position_of(row, pod);
  if (recording()) remember(undo_of_pod(Change::pod_removed, row, pods_[row][position], position, shape));
  touch_pod(row, pods_[row][position], -1);
  pods_[row].erase(pods_[row].begin() + static_cast<std::ptrdiff_t>(position));
  account(row, shape.requests, shape.nonzero_cpu, shape.nonzero_memory, shape.extended, -1);
}

void Snapshot::set_terminating(Row row, PodId pod) {
  const std::size_t position = position_of(row, pod);
  if (pods_[row][position].terminating) return;
  if (recording()) {
    remember({.change = Change::terminating, .row = row, .pod = {}, .position = position, .requests = {}});
  }
  pods_[row][position].terminating = true;
  touch({.row = row, .shape = pods_[row][position].shape, .pods = 0, .running = -1});
}

Snapshot::Level Snapshot::checkpoint() {
  if (marks_.empty()) {
    trial_first_ += trial_.size();
    trial_.clear();
    trial_base_ = version_;
    trial_committed_ = false;
  }
  marks_.push_back({log_.size(), nodes_version_, membership_version_});
  return marks_.size() - 1;
}

void Snapshot::rollback(Level level) {
  PLIMSOLL_ASSERT(level < marks_.size());
  const Mark mark = marks_[level];
  while (log_.size() > mark.log) {
    const Undo entry = log_.back();
    log_.pop_back();
    undo(entry);
    if (entry.row < row_version_.size()) row_version_[entry.row] = entry.row_version;
  }
  nodes_version_ = mark.nodes_version;
  membership_version_ = mark.membership_version;
  marks_.resize(level);
}

void Snapshot::commit(Level level) {
  PLIMSOLL_ASSERT(level < marks_.size());
  marks_.resize(level);
  if (!marks_.empty()) return;
  for (const RowChange& change : trial_) note(change);
  trial_committed_ = true;
  log_.clear();
  saved_rows_.clear();
  saved_extended_.clear();
  saved_taints_.clear();
  saved_images_.clear();
}

void Snapshot::undo(const Undo& entry) {
  const Row row = entry.row;
  static const ExtendedResources kNoExtended;
  const auto saved_extended = [&]() -> const ExtendedResources& {
    return entry.aux == kNoRow ? kNoExtended : saved_extended_[entry.aux];
  };
  switch (entry.change) {
    case Change::node_added:
      PLIMSOLL_ASSERT(row + 1 == nodes_.size() && pods_[row].empty());
      touch_node(row);
      enter_counts(row, -1);
      nodes_.pop_back();
      alive_.pop_back();
      pods_.pop_back();
      extended_requested_.pop_back();
      for (std::size_t r = 0; r < kResourceCount; ++r) {
        allocatable_[r].pop_back();
        requested_[r].pop_back();
      }
      nonzero_cpu_.pop_back();
      nonzero_memory_.pop_back();
      row_version_.pop_back();
      break;
    case Change::node_removed:
      for (std::size_t r = 0; r < kResourceCount; ++r) requested_[r][row] = entry.requests.v[r];
      nonzero_cpu_[row] = entry.nonzero_cpu;
      nonzero_memory_[row] = entry.nonzero_memory;
      pods_[row] = std::move(saved_rows_[entry.aux].pods);
      extended_requested_[row] = std::move(saved_rows_[entry.aux].extended);
      saved_rows_.resize(entry.aux);
      alive_[row] = 1;
      touch_node(row, true);
      enter_counts(row, 1);
      for (const PodOnNode& pod : pods_[row]) touch_pod(row, pod, 1);
      break;
    case Change::pod_added:
      PLIMSOLL_ASSERT(entry.position + 1 == pods_[row].size());
      pods_[row].pop_back();
      touch_pod(row, entry.pod, -1);
      account(row, entry.requests, entry.nonzero_cpu, entry.nonzero_memory, saved_extended(), -1);
      if (entry.aux != kNoRow) saved_extended_.resize(entry.aux);
      break;
    case Change::pod_removed:
      pods_[row].insert(pods_[row].begin() + static_cast<std::ptrdiff_t>(entry.position), entry.pod);
      touch_pod(row, entry.pod, 1);
      account(row, entry.requests, entry.nonzero_cpu, entry.nonzero_memory, saved_extended(), 1);
      if (entry.aux != kNoRow) saved_extended_.resize(entry.aux);
      break;
    case Change::schedulability:
      nodes_[row].unschedulable = entry.aux != 0;
      touch_node(row);
      break;
    case Change::taints: {
      const bool before = has_soft_taint(nodes_[row]);
      nodes_[row].taints = std::move(saved_taints_[entry.aux]);
      saved_taints_.resize(entry.aux);
      const bool after = has_soft_taint(nodes_[row]);
      touch_node(row);
      if (alive(row) && before != after) soft_taint_rows_ += after ? std::size_t{1} : static_cast<std::size_t>(-1);
      break;
    }
    case Change::images:
      if (alive(row)) count_images(nodes_[row].images, -1);
      nodes_[row].images = std::move(saved_images_[entry.aux]);
      saved_images_.resize(entry.aux);
      if (alive(row)) count_images(nodes_[row].images, 1);
      touch({.row = row, .shape = {}, .running = kImages});
      break;
    case Change::terminating:
      pods_[row][entry.position].terminating = false;
      touch({.row = row, .shape = pods_[row][entry.position].shape, .pods = 0, .running = 1});
      break;
  }
}

std::vector<Row> Snapshot::compact() {
  PLIMSOLL_ASSERT(marks_.empty());
  std::vector<Row> renumbered(nodes_.size(), kNoRow);
  Row next = 0;
  for (Row row = 0; row < nodes_.size(); ++row) {
    if (!alive(row)) continue;
    renumbered[row] = next;
    if (next != row) {
      nodes_[next] = std::move(nodes_[row]);
      pods_[next] = std::move(pods_[row]);
      extended_requested_[next] = std::move(extended_requested_[row]);
      for (std::size_t r = 0; r < kResourceCount; ++r) {
        allocatable_[r][next] = allocatable_[r][row];
        requested_[r][next] = requested_[r][row];
      }
      nonzero_cpu_[next] = nonzero_cpu_[row];
      nonzero_memory_[next] = nonzero_memory_[row];
    }
    ++next;
  }
  nodes_.resize(next);
  alive_.assign(next, 1);
  pods_.resize(next);
  extended_requested_.resize(next);
  for (std::size_t r = 0; r < kResourceCount; ++r) {
    allocatable_[r].resize(next);
    requested_[r].resize(next);
  }
  nonzero_cpu_.resize(next);
  nonzero_memory_.resize(next);
  ++version_;
  trial_first_ += trial_.size();
  trial_.clear();
  nodes_version_ = membership_version_ = forgotten_ = version_;
  row_version_.assign(next, version_);
  return renumbered;
}

std::int64_t Snapshot::requested_extended(Row row, NameId name) const { return lookup(extended_requested_[row], name); }

std::int64_t Snapshot::allocatable_extended(Row row, NameId name) const { return lookup(nodes_[row].extended, name); }

}  // namespace plimsoll
