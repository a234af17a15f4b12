#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "models/kubernetes/scheduler/plugin.h"
#include "models/kubernetes/scheduler/row_classes.h"

namespace plimsoll::kubernetes {

/// What the plugins that look at one node and at nothing else say of every row, as of one version of the snapshot.
/// Shapes that differ in nothing that these read (`alike_on_nodes`) share one table; images are each shape's own.
struct NodeTable {
  bool built = false;
  ShapeId shape;                      // one of those that share it
  std::uint64_t seen = 0;             // snapshot version
  std::vector<Verdict> node_verdict;  // by row: filters of node scope
  std::vector<Verdict> verdict;       // by row: with those of node_and_pods scope
  /// By row, what the plugins of the profile that need no other node say: raw scores, by index of the scorer.
  std::vector<std::vector<std::int64_t>> raw;
  std::vector<std::uint64_t> cluster_keys;  // by index of the scorer
  std::uint64_t stale = 0;                  // bit i: the key of scorer i has changed, its column has not
  std::uint64_t remade = 0;                 // how often a column was made again for that
  /// Nodes that fail by reason, how many pass, and which (as bits), under `verdict`.
  std::array<std::uint32_t, kReasonCount> failed{};
  std::uint32_t passing = 0;
  std::vector<std::uint64_t> passes;
  /// By row: the weighted sum of the scores that belong to a node alone (bit i of the mask: scorer i is in it), for
  /// rows that pass `verdict`.
  bool local_built = false;
  std::uint64_t local_scorers = 0;
  std::vector<std::int32_t> local;
  /// Rows that have changed, in order: change i is changed[i - forgotten].
  std::vector<Row> changed;
  std::uint64_t forgotten = 0;
};

/// Whether no plugin of node or node_and_pods scope, but ImageLocality, can tell pods of these shapes apart.
bool alike_on_nodes(const PodShape& a, const PodShape& b);

/// What is known about one shape beyond its NodeTable, as of one version of the snapshot.
struct ShapeCache {
  ShapeCache() = default;
  ShapeCache(const ShapeCache& other);
  ShapeCache& operator=(const ShapeCache& other);
  ShapeCache(ShapeCache&&) = default;
  ShapeCache& operator=(ShapeCache&&) = default;

  bool built = false;
  std::uint64_t seen = 0;      // snapshot version
  std::uint64_t services = 0;  // version of the framework's services
  static constexpr std::uint32_t kNoTable = 0xffffffffu;
  std::uint32_t table = kNoTable;  // in CycleMemory::tables

  /// While it listens: what has happened since `seen` and means something to it.
  bool listens = false;
  std::vector<RowChange> news;

  /// By row: raw scores of ImageLocality, while it has any.
  std::vector<std::int64_t> image;
  std::uint64_t image_key = 0;
  bool image_stale = false;  // the key has changed, the scores have not
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

  /// Rows by class. To decide by the rows that a search meets: all live rows, by row, without values. To decide by
  /// classes: the passing rows with their local sums, by position in the order of ties.
  bool classes_built = false, by_value = false;
  std::uint64_t class_names = 0;    // version of the nodes whose names gave the positions; not used when they are rows
  std::uint64_t class_meaning = 0;  // of the plugins that classify
  std::uint64_t class_seen = 0;     // of the table's changes
  std::uint32_t too_many = 0;       // decisions to go without classes, after there were too many
  RowClasses classes;
};

/// What a Scratch holds. A change of the snapshot is told once, to the shapes that listen and to which it means
/// something; a shape that has not listened for long looks at all changes since, or at all rows.
struct CycleMemory {
  std::vector<ShapeCache> by_shape;
  ShapeCache plain;
  std::vector<NodeTable> tables;
  NodeTable plain_table;

  bool hears = false;       // some shape listens, as of
  std::uint64_t heard = 0;  // this version of the snapshot
  std::vector<std::uint32_t> listeners;
  struct Readers {
    bool known = false;
    std::vector<std::uint32_t> shapes;
  };
  std::vector<Readers> readers_of_pods;                      // by shape of the pods
  std::vector<std::vector<std::uint32_t>> readers_of_image;  // by name of the image
  struct Told {
    bool known = false;
    std::vector<ImageOnNode> images;
  };
  std::vector<Told> told;                 // by row: its images as heard
  std::vector<std::int64_t> image_sizes;  // by name of the image; all -1 between uses

  std::vector<std::uint8_t> dirty;  // by row: which of CycleRunner::Dirty; all zero between uses
  std::vector<Row> changed, node_changed;
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
  // By active class: its id, a row of it, what the filters of cluster scope say of it, how many of its rows take part,
  // their best local sum; and its place by id.
  std::vector<std::uint32_t> class_ids, class_counts, class_place;
  std::vector<Row> class_rows;
  std::vector<Verdict> class_verdicts;
  std::vector<std::int64_t> class_best, class_beyond;
  std::vector<std::uint32_t> met_class;  // by row that a search met: its place among the active classes,
  std::vector<std::int64_t> met_local;   // and its local sum
  std::vector<std::uint32_t> tied;
  std::vector<std::uint64_t> bits;  // by position in the order of ties; all zero between uses
};

}  // namespace plimsoll::kubernetes
