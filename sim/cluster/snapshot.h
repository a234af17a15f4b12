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
  /// All that the node tells of its images. @pre each name once.
  void set_images(Row row, std::vector<ImageOnNode> images);

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

  /// Names a state of nodes, pods and requests: equal versions, equal answers. Each change outside levels adds one.
  /// Changes inside levels take versions of a range of their own, and when the outermost level is rolled back the
  /// version is what it was before it: a simulation that takes everything back leaves no work for those who did not
  /// look while it ran.
  std::uint64_t version() const { return in_trial() ? kTrial | (trial_first_ + trial_.size()) : version_; }
  /// The version at the row's last change; a rollback restores it. Equal versions, equal row.
  std::uint64_t row_version(Row row) const { return row_version_[row]; }
  /// The same for anything that decides where pods fit, but for pods: rows added, removed or renumbered, taints,
  /// schedulability. Images decide nothing.
  std::uint64_t nodes_version() const { return nodes_version_; }
  /// The same for the set of live rows.
  std::uint64_t membership_version() const { return membership_version_; }
  /// Calls `visit(change)` for each change after the version `since`, oldest first. The row may be dead or beyond
  /// rows() by now. False, with nothing called, when the changes are no longer remembered (too many; or `since` was
  /// inside a level older than the last outermost one): then start again from all rows.
  template <class Visit>
  bool visit_changes(std::uint64_t since, Visit&& visit) const {
    std::size_t from_trial = recording() ? 0 : trial_.size();
    if ((since & kTrial) != 0) {
      const std::uint64_t done = (since & ~kTrial) - trial_first_;
      if (done == 0 || done > trial_.size()) return false;
      from_trial = static_cast<std::size_t>(done);
      since = trial_base_;
      if (trial_committed_) {
        since += done;
        from_trial = trial_.size();
      }
    }
    if (since < forgotten_ || version_ - since > journal_.size()) return false;
    // What came after a level that was rolled back came after its changes; before an open one, before them.
    if (recording()) {
      for (std::uint64_t v = since + 1; v <= version_; ++v) visit(journal_[v & (journal_.size() - 1)]);
    }
    for (std::size_t i = from_trial; i < trial_.size(); ++i) visit(trial_[i]);
    if (!recording()) {
      for (std::uint64_t v = since + 1; v <= version_; ++v) visit(journal_[v & (journal_.size() - 1)]);
    }
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
    std::size_t aux = 0;            // index into the saved rows, extended resources, taints or images; or the old flag
    std::uint64_t row_version = 0;  // before the change
  };
  struct Mark {
    std::size_t log = 0;  // its size when the level was opened
    std::uint64_t nodes_version = 0, membership_version = 0;
  };
  static constexpr std::size_t kJournal = 8192;     // at least so many changes are remembered,
  static constexpr std::size_t kJournalOfRow = 16;  // and so many for each row
  static constexpr std::uint64_t kTrial = std::uint64_t{1} << 63;

  void note(const RowChange& change);
  void grow_journal();
  void touch(const RowChange& change);
  void touch_pod(Row row, const PodOnNode& pod, std::int8_t sign);
  void touch_node(Row row, bool appeared = false);
  void touch_images(Row row, std::vector<ImageOnNode> images);
  bool recording() const { return !marks_.empty(); }
  bool in_trial() const { return recording() && !trial_.empty(); }
  void remember(Undo entry);
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
  std::uint64_t version_ = 0;  // outside levels
  std::uint64_t nodes_version_ = 0, membership_version_ = 0;
  std::vector<RowChange> journal_;  // ring, a power of two: change v at v % size, those outside levels
  std::uint64_t forgotten_ = 0;     // changes up to this one cannot be replayed
  std::vector<RowChange> trial_;    // changes of the open outermost level, or of the last one
  std::uint64_t trial_first_ = 0;   // changes of all levels before it
  std::uint64_t trial_base_ = 0;    // version_ when it was opened
  bool trial_committed_ = false;
  std::vector<Mark> marks_;  // by open level
  std::vector<Undo> log_;
  std::vector<SavedRow> saved_rows_;
  std::vector<ExtendedResources> saved_extended_;
  std::vector<std::vector<Taint>> saved_taints_;
  std::vector<std::vector<ImageOnNode>> saved_images_;
};

}  // namespace plimsoll
