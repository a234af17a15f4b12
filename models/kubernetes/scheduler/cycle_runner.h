#pragma once

#include "models/kubernetes/scheduler/framework.h"
#include "models/kubernetes/scheduler/shape_cache.h"

namespace plimsoll::kubernetes {

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
  class Window;

  Cycle cycle_for(const Plugin& plugin) const;
  void sync();
  void rebuild_all();
  bool is_heeded(ShapeId other);
  void take_changes();
  void resize_columns();
  void refresh_node(std::span<const Row> rows);  // node scope: filters and scores
  void refresh_pods(std::span<const Row> rows);  // node_and_pods scope
  void check_cluster_keys();
  void bring_columns();
  std::size_t image_scorer() const;
  void hear_of_images(Row row);
  void refresh_images(std::span<const Row> rows);
  void bring_images(std::size_t scorer);
  void count(Row row, std::uint32_t sign);
  void score_into_columns(std::span<const Row> rows, Scope scope);
  std::span<const Row> live_rows();
  std::span<const Row> visiting_order();
  void rank_names();
  void filter_cluster(std::span<const Row> rows, std::span<Verdict> verdicts) const;
  bool has_cluster_filter() const;

  std::int64_t idle_total() const;
  void bring_local();
  void set_local(Row row);
  bool bring_classes();
  std::uint64_t class_meaning() const;
  void classify(Row row);
  void drop_position(Row row);
  std::size_t position(Row row) const;
  bool samples() const;
  void filter_classes();
  Decision decide_by_classes(const TieDraw& draw);
  Decision decide_by_filtered_classes(const TieDraw& draw);
  std::uint32_t best_bucket(std::span<const std::uint32_t> buckets, const Window& window, std::size_t& count) const;
  Decision sample_by_classes(SearchState& search, const TieDraw& draw);
  Decision decide_by_rows(SearchState& search, const TieDraw& draw);
  void total(std::span<const Row> rows, std::vector<std::int64_t>& totals, Grid* grid);

  const Framework& framework_;
  const ClusterView& view_;
  const Snapshot& snapshot_;
  CycleMemory& scratch_;
  Cycle cycle_;
  Path path_;
  ShapeCache* cache_ = nullptr;
};

}  // namespace plimsoll::kubernetes
