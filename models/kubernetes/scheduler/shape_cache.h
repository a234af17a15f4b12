#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "models/kubernetes/scheduler/plugin.h"

namespace plimsoll::kubernetes {

/// What is known about one shape on every row, as of one version of the snapshot.
struct ShapeCache {
  ShapeCache() = default;
  ShapeCache(const ShapeCache& other);
  ShapeCache& operator=(const ShapeCache& other);
  ShapeCache(ShapeCache&&) = default;
  ShapeCache& operator=(ShapeCache&&) = default;

  bool built = false;
  std::uint64_t seen = 0;             // snapshot version
  std::uint64_t services = 0;         // version of the framework's services
  std::vector<Verdict> node_verdict;  // by row: filters of node scope
  std::vector<Verdict> verdict;       // by row: with those of node_and_pods scope
  /// By row, what the plugins of the profile that need no other node say: raw scores, by index of the scorer.
  std::vector<std::vector<std::int64_t>> raw;
  std::vector<std::uint64_t> cluster_keys;  // by index of the scorer
  std::uint64_t stale = 0;                  // bit i: the key of scorer i has changed, its column has not
  /// Of the rows that hold images of the shape (and some that did): which they are, how much of each image they hold,
  /// every combination once with its score in the column.
  struct HeldImages {
    bool known = false, stale = false;  ///< stale: of the scores, only these may have changed
    std::vector<Row> rows;
    std::vector<std::uint8_t> is_in;  ///< by row
    std::vector<std::pair<std::vector<std::int64_t>, std::int64_t>> sizes;
  };
  HeldImages held;
  std::array<std::unique_ptr<PluginState>, kPluginCount> states;
  /// By shape: whether any of these heeds its pods: 0 not asked yet, 1 none does, 2 some do.
  std::vector<std::uint8_t> heeded;
  /// Nodes that fail by reason, and how many pass, under `verdict`.
  std::array<std::uint32_t, kReasonCount> failed{};
  std::uint32_t passing = 0;
  /// By row: the weighted sum of the scores that belong to a node alone (bit i of the mask: scorer i is in it), for
  /// rows that pass `verdict`.
  bool local_built = false;
  std::uint64_t local_scorers = 0;
  std::vector<std::int32_t> local;
  /// The passing rows by class and local sum, by position in the order of ties.
  bool classes_built = false;
  std::uint64_t class_names = 0;    // version of the nodes whose names gave the positions; not used when they are rows
  std::uint64_t class_meaning = 0;  // of the plugins that classify
  std::uint32_t too_many = 0;       // decisions to go without classes, after there were too many
  RowClasses classes;
};

/// Memory reused between decisions, so that a cycle allocates nothing. What it holds never changes an answer; it
/// belongs to one Snapshot object with its history, and is copied with it.
class Scratch {
 public:
  /// Forgets everything, for use with another snapshot.
  void clear();

 private:
  friend class CycleRunner;
  std::vector<ShapeCache> by_shape_;
  ShapeCache plain_;
  std::vector<std::uint8_t> dirty_;  // by row: 1 its pods changed, 2 the node itself, 4 its images
  std::vector<Row> changed_, node_changed_, images_changed_;
  std::vector<std::int64_t> sizes_;
  std::vector<Row> live_, visiting_, looked_, feasible_;
  struct ZoneOfNode {
    NodeId id;
    NameId name, zone;
  };
  std::vector<ZoneOfNode> zone_of_row_;
  std::vector<std::vector<Row>> zone_rows_;
  std::uint64_t live_version_ = 0, visiting_version_ = 0, names_version_ = 0;
  std::vector<std::uint32_t> name_rank_;  // by row
  std::vector<Row> row_of_rank_;
  std::vector<Verdict> verdicts_;
  std::vector<std::int64_t> scores_, totals_;
  // By active class: its id, a row of it, what the filters of cluster scope say of it, its nodes; and its place by id.
  std::vector<std::uint32_t> class_ids_, class_counts_, class_place_;
  std::vector<Row> class_rows_;
  std::vector<Verdict> class_verdicts_;
  std::vector<std::int64_t> class_totals_;
  std::vector<std::uint32_t> tied_, places_;
  std::vector<std::uint64_t> bits_;  // by position in the order of ties; all zero between uses
};

}  // namespace plimsoll::kubernetes
