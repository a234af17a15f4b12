#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "sim/cluster/constraints.h"
#include "sim/cluster/pod_shape.h"
#include "sim/cluster/resources.h"

namespace plimsoll {

/// A row of the snapshot. Rows keep their number while a node lives; a removed row is dead (`alive` is 0) until
/// `compact`.
using Row = std::uint32_t;
inline constexpr Row kNoRow = 0xffffffffu;

struct ImageOnNode {
  NameId name;
  std::int64_t size = 0;  // bytes
  friend bool operator==(const ImageOnNode&, const ImageOnNode&) = default;
};

/// A node as placement sees it.
struct SnapshotNode {
  NodeId id;
  NameId name;
  ResourceVector capacity, allocatable;
  ExtendedResources extended;  // allocatable
  Labels labels;
  std::vector<Taint> taints;
  bool unschedulable = false;
  std::vector<ImageOnNode> images;
  friend bool operator==(const SnapshotNode&, const SnapshotNode&) = default;
};

struct PodOnNode {
  PodId id;
  ShapeId shape;
  std::int32_t priority = 0;
  bool terminating = false;
  Time start{};
  friend bool operator==(const PodOnNode&, const PodOnNode&) = default;
};

/// One step of a snapshot, as a difference, so that counters over pods can be kept up to date without a recount.
/// A pod's coming or going names its shape; a change of the node itself (appeared, disappeared, taints, images,
/// schedulability) names none. A node that goes reports its pods as going before itself; one that a rollback brings
/// back reports itself first.
struct RowChange {
  Row row = kNoRow;
  ShapeId shape;            // none: the node itself
  std::int8_t pods = 0;     // +1, -1, or 0
  std::int8_t running = 0;  // the same among the pods that are not terminating
  bool appeared = false;    // the node itself: it is new, or back; no pods yet
};

/// Placement's view of a cluster: columns over rows, changed by small steps, undone by a log. `checkpoint` opens a
/// level, `rollback` undoes it at the cost of what changed since, `commit` keeps it. Levels nest. The Kubernetes
/// scheduler, Cluster Autoscaler and Karpenter simulate on this and on nothing else. Copyable.
class Snapshot {
 public:
  Row add_node(SnapshotNode node);
  /// Its pods go with it. @pre the row is alive.
  void remove_node(Row row);
  void set_unschedulable(Row row, bool value);
  void add_taint(Row row, const Taint& taint);
  void remove_taint(Row row, NameId key);
  void add_image(Row row, const ImageOnNode& image);

  void add_pod(Row row, const PodOnNode& pod, const PodShape& shape);
  /// @pre the pod is on the row.
  void remove_pod(Row row, PodId pod, const PodShape& shape);
  void set_terminating(Row row, PodId pod);

  /// Drops dead rows and renumbers the others, keeping their order: new row by old row, kNoRow for dead ones.
  /// @pre no open level.
  std::vector<Row> compact();

  /// A level is the depth at which it was opened. Rolling back or committing it does the same to all levels above it.
  using Level = std::size_t;
  Level checkpoint();
  void rollback(Level level);
  void commit(Level level);

  std::size_t open_levels() const { return marks_.size(); }

  std::size_t rows() const { return nodes_.size(); }
  std::size_t live_rows() const { return live_; }
  bool alive(Row row) const { return alive_[row] != 0; }
  const SnapshotNode& node(Row row) const { return nodes_[row]; }
  std::span<const PodOnNode> pods(Row row) const { return pods_[row]; }

  /// Columns, one value a row.
  std::span<const std::int64_t> allocatable(Resource r) const { return allocatable_[static_cast<std::size_t>(r)]; }
  std::span<const std::int64_t> requested(Resource r) const { return requested_[static_cast<std::size_t>(r)]; }
  std::span<const std::int64_t> nonzero_cpu() const { return nonzero_cpu_; }
  std::span<const std::int64_t> nonzero_memory() const { return nonzero_memory_; }
  std::int64_t requested_extended(Row row, NameId name) const;
  std::int64_t allocatable_extended(Row row, NameId name) const;

  /// Grows with every change of nodes, pods or requests (rollbacks included): unchanged version, unchanged answers.
  std::uint64_t version() const { return version_; }
  /// The version at the row's last change.
  std::uint64_t row_version(Row row) const { return row_version_[row]; }
  /// The version at the last change of anything but pods: rows added, removed or renumbered, taints, images,
  /// schedulability.
  std::uint64_t nodes_version() const { return nodes_version_; }
  /// The version at the last change of the set of live rows.
  std::uint64_t membership_version() const { return membership_version_; }
  /// Calls `visit(change)` for each change after `since`, oldest first. The row may be dead or beyond rows() by now.
  /// False, with nothing called, when the changes are no longer remembered: then start again from all rows.
  template <class Visit>
  bool visit_changes(std::uint64_t since, Visit&& visit) const {
    if (since < forgotten_ || version_ - since > kJournal) return false;
    for (std::uint64_t v = since + 1; v <= version_; ++v) visit(journal_[v % kJournal]);
    return true;
  }

  /// How many live rows hold the image.
  std::int64_t rows_with_image(NameId image) const {
    return image.index() < image_rows_.size() ? image_rows_[image.index()] : 0;
  }
  /// How many live rows carry a PreferNoSchedule taint.
  std::size_t rows_with_soft_taint() const { return soft_taint_rows_; }

 private:
  enum class Change : std::uint8_t {
    node_added,
    node_removed,
    pod_added,
    pod_removed,
    schedulability,
    taints,
    images,
    terminating
  };
  struct SavedRow {
    std::vector<PodOnNode> pods;
    ExtendedResources extended;
  };
  struct Undo {
    Change change = Change::node_added;
    Row row = kNoRow;
    PodOnNode pod;
    std::size_t position = 0;
    ResourceVector requests;
    std::int64_t nonzero_cpu = 0, nonzero_memory = 0;
    std::size_t aux = 0;  // index into the saved rows, extended resources, taints or images; or the old flag
  };
  static constexpr std::uint64_t kJournal = 8192;

  void touch(const RowChange& change);
  void touch_pod(Row row, const PodOnNode& pod, std::int8_t sign);
  void touch_node(Row row, bool appeared = false);
  bool recording() const { return !marks_.empty(); }
  std::size_t position_of(Row row, PodId pod) const;
  void account(Row row, const ResourceVector& requests, std::int64_t nonzero_cpu, std::int64_t nonzero_memory,
               const ExtendedResources& extended, std::int64_t sign);
  Undo undo_of_pod(Change change, Row row, const PodOnNode& pod, std::size_t position, const PodShape& shape);
  void enter_counts(Row row, std::int64_t sign);
  void count_images(const std::vector<ImageOnNode>& images, std::int64_t sign);
  void undo(const Undo& entry);

  std::vector<SnapshotNode> nodes_;
  std::vector<std::uint8_t> alive_;
  std::vector<std::vector<PodOnNode>> pods_;
  std::vector<std::vector<std::pair<NameId, std::int64_t>>> extended_requested_;
  std::array<std::vector<std::int64_t>, kResourceCount> allocatable_, requested_;
  std::vector<std::int64_t> nonzero_cpu_, nonzero_memory_;
  std::vector<std::uint64_t> row_version_;
  std::vector<std::int64_t> image_rows_;  // by image name
  std::size_t soft_taint_rows_ = 0;
  std::size_t live_ = 0;
  std::uint64_t version_ = 0, nodes_version_ = 0, membership_version_ = 0;
  std::vector<RowChange> journal_;  // ring: change v at v % kJournal
  std::uint64_t forgotten_ = 0;     // changes up to this one cannot be replayed
  std::vector<std::size_t> marks_;  // log size at each open level
  std::vector<Undo> log_;
  std::vector<SavedRow> saved_rows_;
  std::vector<ExtendedResources> saved_extended_;
  std::vector<std::vector<Taint>> saved_taints_;
  std::vector<std::vector<ImageOnNode>> saved_images_;
};

}  // namespace plimsoll
