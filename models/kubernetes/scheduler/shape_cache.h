#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "models/kubernetes/scheduler/plugin.h"
#include "models/kubernetes/scheduler/row_classes.h"

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

/// What a Scratch holds.
struct CycleMemory {
  std::vector<ShapeCache> by_shape;
  ShapeCache plain;
  std::vector<std::uint8_t> dirty;  // by row: 1 its pods changed, 2 the node itself, 4 its images
  std::vector<Row> changed, node_changed, images_changed;
  std::vector<std::int64_t> sizes;
  std::vector<Row> live, visiting, looked, feasible;
  struct ZoneOfNode {
    NodeId id;
    NameId name, zone;
  };
  std::vector<ZoneOfNode> zone_of_row;
  std::vector<std::vector<Row>> zone_rows;
  std::uint64_t live_version = 0, visiting_version = 0, names_version = 0;
  std::vector<std::uint32_t> name_rank;  // by row
  std::vector<Row> row_of_rank;
  std::vector<Verdict> verdicts;
  std::vector<std::int64_t> scores, totals;
  // By active class: its id, a row of it, what the filters of cluster scope say of it, its nodes; and its place by id.
  std::vector<std::uint32_t> class_ids, class_counts, class_place;
  std::vector<Row> class_rows;
  std::vector<Verdict> class_verdicts;
  std::vector<std::int64_t> class_totals;
  std::vector<std::uint32_t> tied, places;
  std::vector<std::uint64_t> bits;  // by position in the order of ties; all zero between uses
};

}  // namespace plimsoll::kubernetes
