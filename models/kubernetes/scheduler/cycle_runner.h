#pragma once

#include "models/kubernetes/scheduler/framework.h"
#include "models/kubernetes/scheduler/shape_cache.h"

namespace plimsoll::kubernetes {

class ImageLocality;

/// One question to a framework: brings the shape's cache up to date and answers from it. Lives for one call.
class CycleRunner {
 public:
  CycleRunner(const Framework& framework, const ClusterView& view, ShapeId shape, Scratch& scratch, Path path);

  Verdict filter_row(Row row);
  void filter_all(std::vector<Row>& rows, std::vector<Verdict>& verdicts);
  std::span<const Row> find_feasible(SearchState& search, Decision& counts);
  Decision schedule_one(SearchState& search, const TieDraw& draw);
  Grid explain();
  Grid score_rows(std::span<const Row> rows);

 private:
  using Scorer = Framework::Scorer;
  class Ties;

  enum Dirty : std::uint8_t { kPods = 1, kNode = 2, kImages = 4 };

  std::uint32_t find_table();
  Cycle cycle_for(const Plugin& plugin) const;
  void sync();

  // The NodeTable.
  void rebuild_table();
  void take_table_changes();
  void forget_table_changes();
  void resize_columns();
  void mark(Row row, std::uint8_t what);
  void refresh_node(std::span<const Row> rows);  // node scope: filters and scores
  void refresh_pods(std::span<const Row> rows);  // node_and_pods scope
  void score_into_columns(std::span<const Row> rows, Scope scope);
  void check_cluster_keys();
  void bring_columns();
  void count(Row row, std::uint32_t sign);

  // The ShapeCache.
  bool is_heeded(ShapeId shape, ShapeCache& cache, ShapeId other);
  const std::vector<std::uint32_t>& readers_of_pods(ShapeId shape);
  void tell(std::span<const std::uint32_t> readers, const RowChange& change);
  void tell_images(const RowChange& change);
  void remember_images(Row row);
  void hear();
  void listen();
  void rebuild_all();
  void take_changes();

  const ImageLocality& images() const;
  void check_image_key();
  void refresh_image(Row row);
  void bring_images();
  std::int64_t image_score(Row row) const;

  std::span<const Row> live_rows();
  std::span<const Row> visiting_order();
  void rank_names();
  void filter_cluster(std::span<const Row> rows, std::span<Verdict> verdicts) const;
  bool has_cluster_filter() const;

  std::int64_t idle_total() const;
  void bring_local();
  void set_local(Row row);
  /// The scores that belong to the node alone, weighed.
  std::int64_t local(Row row) const {
    if (row >= cache_->image.size()) return table_->local[row];
    return table_->local[row] + framework_.scorers_[image_].weight * cache_->image[row];
  }
  bool bring_classes(bool by_value);
  std::uint64_t class_meaning() const;
  void classify(Row row);
  void drop_position(Row row);
  std::size_t position(Row row) const;
  bool samples() const;
  void filter_classes();
  Decision decide_by_classes(const TieDraw& draw);
  void meet_rows(SearchState& search, Decision& counts);
  Decision decide_by_met_rows(SearchState& search, const TieDraw& draw);
  Decision decide_by_rows(SearchState& search, const TieDraw& draw);
  void total(std::span<const Row> rows, std::vector<std::int64_t>& totals, Grid* grid);

  const Framework& framework_;
  const ClusterView& view_;
  const Snapshot& snapshot_;
  CycleMemory& scratch_;
  Cycle cycle_;
  Path path_;
  std::size_t image_ = 0;  ///< index of ImageLocality among the scorers; their number when the profile has none
  ShapeCache* cache_ = nullptr;
  NodeTable* table_ = nullptr;
};

}  // namespace plimsoll::kubernetes
