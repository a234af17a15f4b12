#include "models/kubernetes/scheduler/cycle_runner.h"

#include <algorithm>
#include <bit>

#include "models/kubernetes/scheduler/num_feasible_nodes.h"
#include "sim/core/assert.h"

namespace plimsoll::kubernetes {

namespace {

/// The verdict of a row that is not there: fails, for no counted reason.
constexpr Verdict kAbsent{.code = Code::unresolvable, .plugin = PluginId::none, .detail = {}, .reasons = 0};

}  // namespace

CycleRunner::CycleRunner(const Framework& framework, const ClusterView& view, ShapeId shape, Scratch& scratch,
                         Path path)
    : framework_(framework),
      view_(view),
      snapshot_(view.snapshot),
      scratch_(scratch),
      cycle_{view_, view.shapes[shape], shape, framework.keys_, framework.profile_.version, framework.services_},
      path_(path) {
  if (path == Path::fast) {
    if (scratch.by_shape_.size() < view.shapes.size()) scratch.by_shape_.resize(view.shapes.size());
    cache_ = &scratch.by_shape_[shape.index()];
  } else {
    scratch.plain_ = ShapeCache{};
    cache_ = &scratch.plain_;
  }
  sync();
}

Cycle CycleRunner::cycle_for(const Plugin& plugin) const {
  Cycle cycle = cycle_;
  cycle.state = cache_->states[static_cast<std::size_t>(plugin.id())].get();
  return cycle;
}

// ---- keeping the cache up to date ------------------------------------------------------------------------------

void CycleRunner::sync() {
  if (cache_->built && cache_->services == framework_.services_version_ && cache_->seen == snapshot_.version()) return;
  if (!cache_->built || cache_->services != framework_.services_version_) {
    rebuild_all();
  } else {
    take_changes();
  }
  refresh_cluster_keys();
  cache_->seen = snapshot_.version();
}

void CycleRunner::rebuild_all() {
  cache_->built = true;
  cache_->services = framework_.services_version_;
  cache_->local_built = cache_->tree_built = false;
  cache_->failed = {};
  cache_->passing = 0;
  cache_->verdict.clear();
  cache_->node_verdict.clear();
  cache_->raw.assign(framework_.scorers_.size(), {});
  cache_->cluster_keys.assign(framework_.scorers_.size(), 0);
  resize_columns();
  for (const auto& plugin : framework_.cluster_) {
    auto& state = cache_->states[static_cast<std::size_t>(plugin->id())];
    if (!state) state = plugin->make_state();
    plugin->rebuild(cycle_for(*plugin), *state);
  }
  const std::span<const Row> rows = live_rows();
  refresh_node(rows);
  refresh_pods(rows);
  for (const Row row : rows) count(row, 1);
}

void CycleRunner::resize_columns() {
  cache_->verdict.resize(snapshot_.rows(), kAbsent);
  cache_->node_verdict.resize(snapshot_.rows(), kAbsent);
  for (auto& column : cache_->raw) column.resize(snapshot_.rows(), 0);
  cache_->local.resize(snapshot_.rows(), 0);
}

void CycleRunner::take_changes() {
  auto& changed = scratch_.changed_;
  auto& node_changed = scratch_.node_changed_;
  auto& dirty = scratch_.dirty_;
  changed.clear();
  node_changed.clear();
  const bool remembered = snapshot_.visit_changes(cache_->seen, [&](const RowChange& change) {
    for (const auto& plugin : framework_.cluster_) {
      plugin->update(cycle_, *cache_->states[static_cast<std::size_t>(plugin->id())], change);
    }
    if (change.row >= dirty.size()) dirty.resize(change.row + std::size_t{1}, 0);
    if (dirty[change.row] == 0) changed.push_back(change.row);
    dirty[change.row] |= change.shape.is_none() ? 2 : 1;
  });
  if (!remembered) {
    rebuild_all();
    return;
  }
  for (const Row row : changed) {
    if (row < cache_->verdict.size()) count(row, static_cast<std::uint32_t>(-1));
    if (cache_->tree_built && row >= snapshot_.rows() && row < cache_->tree.width()) {
      if (framework_.profile_.tie == Tie::random) cache_->tree.set(row, MaxTree::kAbsent);
    }
  }
  resize_columns();
  std::size_t kept = 0;
  for (const Row row : changed) {
    const bool node = (dirty[row] & 2) != 0;
    dirty[row] = 0;
    if (row >= snapshot_.rows()) continue;
    if (!snapshot_.alive(row)) {
      cache_->verdict[row] = cache_->node_verdict[row] = kAbsent;
      if (cache_->tree_built) set_leaf(row, true);
      continue;
    }
    changed[kept++] = row;
    if (node) node_changed.push_back(row);
  }
  changed.resize(kept);
  refresh_node(node_changed);
  refresh_pods(changed);
  for (const Row row : changed) {
    count(row, 1);
    if (cache_->local_built) set_local(row);
    if (cache_->tree_built) set_leaf(row, true);
  }
}

void CycleRunner::count(Row row, std::uint32_t sign) {
  const Verdict& verdict = cache_->verdict[row];
  if (verdict.ok()) {
    cache_->passing += sign;
    return;
  }
  for (std::uint32_t bits = verdict.reasons; bits != 0; bits &= bits - 1) {
    cache_->failed[static_cast<std::size_t>(std::countr_zero(bits))] += sign;
  }
}

void CycleRunner::refresh_node(std::span<const Row> rows) {
  if (rows.empty()) return;
  auto& verdicts = scratch_.verdicts_;
  verdicts.assign(rows.size(), Verdict{});
  for (const auto& plugin : framework_.filters_) {
    if (plugin->scope() == Scope::node && plugin->filters(cycle_)) plugin->filter(cycle_, rows, verdicts);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) cache_->node_verdict[rows[i]] = verdicts[i];
  score_into_columns(rows, Scope::node);
}

void CycleRunner::refresh_pods(std::span<const Row> rows) {
  if (rows.empty()) return;
  auto& verdicts = scratch_.verdicts_;
  verdicts.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) verdicts[i] = cache_->node_verdict[rows[i]];
  for (const auto& plugin : framework_.filters_) {
    if (plugin->scope() == Scope::node_and_pods && plugin->filters(cycle_)) plugin->filter(cycle_, rows, verdicts);
  }
  auto& passing = scratch_.looked_;
  passing.clear();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    cache_->verdict[rows[i]] = verdicts[i];
    if (verdicts[i].ok()) passing.push_back(rows[i]);
  }
  score_into_columns(passing, Scope::node_and_pods);
}

void CycleRunner::score_into_columns(std::span<const Row> rows, Scope scope) {
  auto& scores = scratch_.scores_;
  for (std::size_t i = 0; i < framework_.scorers_.size(); ++i) {
    const Plugin& plugin = *framework_.scorers_[i].plugin;
    if (plugin.scope() != scope || !plugin.scores(cycle_)) continue;
    scores.resize(rows.size());
    plugin.score(cycle_, rows, scores);
    for (std::size_t k = 0; k < rows.size(); ++k) cache_->raw[i][rows[k]] = scores[k];
  }
}

/// Columns whose plugin was idle until now, or that depend on a fact about the whole cluster, are made again as a whole
/// when that changes.
void CycleRunner::refresh_cluster_keys() {
  auto& scores = scratch_.scores_;
  for (std::size_t i = 0; i < framework_.scorers_.size(); ++i) {
    const Plugin& plugin = *framework_.scorers_[i].plugin;
    if (plugin.scope() != Scope::node) continue;
    const std::uint64_t key = plugin.scores(cycle_) ? plugin.cluster_key(cycle_) | 1 : 0;
    if (key == cache_->cluster_keys[i]) continue;
    cache_->cluster_keys[i] = key;
    cache_->local_built = cache_->tree_built = false;
    if (key == 0) continue;
    const std::span<const Row> rows = live_rows();
    scores.resize(rows.size());
    plugin.score(cycle_, rows, scores);
    for (std::size_t k = 0; k < rows.size(); ++k) cache_->raw[i][rows[k]] = scores[k];
  }
}

// ---- orders of nodes -------------------------------------------------------------------------------------------

std::span<const Row> CycleRunner::live_rows() {
  auto& rows = scratch_.live_;
  if (scratch_.live_version_ != snapshot_.membership_version()) {
    scratch_.live_version_ = snapshot_.membership_version();
    rows.clear();
    for (Row row = 0; row < snapshot_.rows(); ++row) {
      if (snapshot_.alive(row)) rows.push_back(row);
    }
  }
  return rows;
}

/// Zones in order of appearance, one node of each in turn, nodes of a zone in order of addition.
/// Source: pkg/scheduler/internal/cache/node_tree.go (1.20.2).
std::span<const Row> CycleRunner::visiting_order() {
  auto& order = scratch_.visiting_;
  if (scratch_.visiting_version_ == snapshot_.membership_version()) return order;
  scratch_.visiting_version_ = snapshot_.membership_version();
  std::vector<NameId> zones;
  std::vector<std::vector<Row>> members;
  for (const Row row : live_rows()) {
    NameId zone = snapshot_.node(row).labels.find(framework_.keys_.zone);
    if (zone.is_none()) zone = snapshot_.node(row).labels.find(framework_.keys_.beta_zone);
    const auto at = std::find(zones.begin(), zones.end(), zone);
    if (at == zones.end()) {
      zones.push_back(zone);
      members.push_back({row});
    } else {
      members[static_cast<std::size_t>(at - zones.begin())].push_back(row);
    }
  }
  order.clear();
  for (std::size_t turn = 0; order.size() < snapshot_.live_rows(); ++turn) {
    for (const auto& zone : members) {
      if (turn < zone.size()) order.push_back(zone[turn]);
    }
  }
  return order;
}

void CycleRunner::rank_names() {
  if (scratch_.names_version_ == snapshot_.membership_version()) return;
  scratch_.names_version_ = snapshot_.membership_version();
  auto& rows = scratch_.row_of_rank_;
  rows.assign(live_rows().begin(), live_rows().end());
  std::sort(rows.begin(), rows.end(), [&](Row a, Row b) {
    const std::string_view x = view_.names.text(snapshot_.node(a).name), y = view_.names.text(snapshot_.node(b).name);
    return x != y ? x < y : a < b;
  });
  scratch_.name_rank_.assign(snapshot_.rows(), 0);
  for (std::size_t i = 0; i < rows.size(); ++i) scratch_.name_rank_[rows[i]] = static_cast<std::uint32_t>(i);
}

// ---- filters ---------------------------------------------------------------------------------------------------

bool CycleRunner::has_cluster_filter() const {
  return std::any_of(framework_.filters_.begin(), framework_.filters_.end(), [&](const auto& plugin) {
    return plugin->scope() == Scope::cluster && plugin->filters(cycle_for(*plugin));
  });
}

void CycleRunner::filter_cluster(std::span<const Row> rows, std::span<Verdict> verdicts) const {
  for (const auto& plugin : framework_.filters_) {
    if (plugin->scope() != Scope::cluster) continue;
    const Cycle cycle = cycle_for(*plugin);
    if (plugin->filters(cycle)) plugin->filter(cycle, rows, verdicts);
  }
}

Verdict CycleRunner::filter_row(Row row) {
  PLIMSOLL_ASSERT(snapshot_.alive(row));
  Verdict verdict = cache_->verdict[row];
  if (verdict.ok()) filter_cluster({&row, 1}, {&verdict, 1});
  return verdict;
}

void CycleRunner::filter_all(std::vector<Row>& rows, std::vector<Verdict>& verdicts) {
  const std::span<const Row> live = live_rows();
  rows.assign(live.begin(), live.end());
  verdicts.clear();
  for (const Row row : live) verdicts.push_back(cache_->verdict[row]);
  filter_cluster(rows, verdicts);
}

std::span<const Row> CycleRunner::find_feasible(SearchState& search, Decision& counts) {
  // Neighbours mostly fail for the same reasons, so runs are counted.
  std::uint32_t run_reasons = 0, run = 0;
  const auto flush = [&] {
    for (std::uint32_t bits = run_reasons; bits != 0; bits &= bits - 1) {
      counts.failed[static_cast<std::size_t>(std::countr_zero(bits))] += run;
    }
    run = 0;
  };
  const auto tell = [&](const Verdict& verdict) {
    if (verdict.reasons != run_reasons) {
      flush();
      run_reasons = verdict.reasons;
    }
    ++run;
  };
  auto& feasible = scratch_.feasible_;
  auto& block = scratch_.looked_;
  auto& verdicts = scratch_.verdicts_;
  feasible.clear();
  counts.failed = {};
  const bool cluster_filter = has_cluster_filter();
  const std::size_t nodes = snapshot_.live_rows();
  const std::size_t wanted = static_cast<std::size_t>(
      num_feasible_nodes(static_cast<std::int64_t>(nodes), framework_.profile_.percentage_of_nodes_to_score));
  if (wanted >= nodes) {
    counts.looked_at = static_cast<std::uint32_t>(nodes);
    counts.failed = cache_->failed;
    for (const Row row : live_rows()) {
      if (cache_->verdict[row].ok()) feasible.push_back(row);
    }
    if (cluster_filter) {
      verdicts.assign(feasible.size(), Verdict{});
      filter_cluster(feasible, verdicts);
      std::size_t kept = 0;
      for (std::size_t i = 0; i < feasible.size(); ++i) {
        if (verdicts[i].ok()) {
          feasible[kept++] = feasible[i];
        } else {
          tell(verdicts[i]);
        }
      }
      feasible.resize(kept);
      flush();
    }
    counts.feasible = static_cast<std::uint32_t>(feasible.size());
    return feasible;
  }
  const std::span<const Row> order = visiting_order();
  const std::size_t start = search.next_start % nodes;
  std::size_t looked = 0;
  constexpr std::size_t kBlock = 128;
  while (looked < nodes && feasible.size() < wanted) {
    block.clear();
    verdicts.clear();
    for (std::size_t i = looked; i < std::min(nodes, looked + kBlock); ++i) {
      const std::size_t at = start + i;
      block.push_back(order[at < nodes ? at : at - nodes]);
      verdicts.push_back(cache_->verdict[block.back()]);
    }
    if (cluster_filter) filter_cluster(block, verdicts);
    for (std::size_t i = 0; i < block.size() && feasible.size() < wanted; ++i) {
      ++looked;
      if (verdicts[i].ok()) {
        feasible.push_back(block[i]);
      } else {
        tell(verdicts[i]);
      }
    }
  }
  flush();
  search.next_start = (start + looked) % nodes;
  counts.looked_at = static_cast<std::uint32_t>(looked);
  counts.feasible = static_cast<std::uint32_t>(feasible.size());
  return feasible;
}

// ---- scores ----------------------------------------------------------------------------------------------------

/// What the scorers that have nothing to say of this pod add to every node.
std::int64_t CycleRunner::idle_total() const {
  std::int64_t sum = 0;
  for (const auto& [plugin, weight] : framework_.scorers_) {
    const Cycle cycle = cycle_for(*plugin);
    if (!plugin->scores(cycle)) sum += weight * plugin->idle_score(cycle);
  }
  return sum;
}

void CycleRunner::total(std::span<const Row> rows, std::vector<std::int64_t>& totals, Grid* grid) {
  auto& scores = scratch_.scores_;
  const bool fast = path_ == Path::fast && grid == nullptr;
  std::uint64_t done = 0;
  if (fast) {
    bring_local();
    done = cache_->local_scorers;
    const std::int64_t common = idle_total();
    totals.resize(rows.size());
    for (std::size_t k = 0; k < rows.size(); ++k) totals[k] = common + cache_->local[rows[k]];
  } else {
    totals.assign(rows.size(), 0);
  }
  for (std::size_t i = 0; i < framework_.scorers_.size(); ++i) {
    if ((done >> i & 1u) != 0) continue;
    const auto& [plugin, weight] = framework_.scorers_[i];
    const Cycle cycle = cycle_for(*plugin);
    Grid::Column column;
    if (!plugin->scores(cycle)) {
      if (fast) continue;
      const std::int64_t idle = plugin->idle_score(cycle);
      for (std::int64_t& t : totals) t += weight * idle;
      if (grid != nullptr) {
        column.raw.assign(rows.size(), 0);
        column.normalized.assign(rows.size(), idle);
      }
    } else {
      scores.resize(rows.size());
      if (plugin->scope() == Scope::cluster || path_ == Path::plain) {
        plugin->score(cycle, rows, scores);
      } else {
        for (std::size_t k = 0; k < rows.size(); ++k) scores[k] = cache_->raw[i][rows[k]];
      }
      if (grid != nullptr) column.raw = scores;
      if (!plugin->is_absolute()) plugin->normalize(cycle, rows, scores);
      for (std::size_t k = 0; k < rows.size(); ++k) totals[k] += weight * scores[k];
      if (grid != nullptr) column.normalized = scores;
    }
    if (grid != nullptr) {
      column.plugin = plugin->id();
      column.weight = weight;
      grid->columns.push_back(std::move(column));
    }
  }
}

bool CycleRunner::is_simple() const {
  if (path_ == Path::plain) return false;
  const auto nodes = static_cast<std::int64_t>(snapshot_.live_rows());
  if (num_feasible_nodes(nodes, framework_.profile_.percentage_of_nodes_to_score) < nodes) return false;
  if (has_cluster_filter()) return false;
  return std::all_of(framework_.scorers_.begin(), framework_.scorers_.end(), [&](const Scorer& s) {
    return (s.plugin->is_absolute() && s.plugin->scope() != Scope::cluster) || !s.plugin->scores(cycle_for(*s.plugin));
  });
}

std::size_t CycleRunner::position(Row row) const {
  return framework_.profile_.tie == Tie::first ? scratch_.name_rank_[row] : row;
}

void CycleRunner::set_local(Row row) {
  if (!cache_->verdict[row].ok()) return;
  std::int64_t sum = 0;
  for (std::uint64_t bits = cache_->local_scorers; bits != 0; bits &= bits - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(bits));
    sum += framework_.scorers_[i].weight * cache_->raw[i][row];
  }
  cache_->local[row] = static_cast<std::int32_t>(sum);
}

void CycleRunner::bring_local() {
  std::uint64_t scorers = 0;
  for (std::size_t i = 0; i < framework_.scorers_.size(); ++i) {
    const Plugin& plugin = *framework_.scorers_[i].plugin;
    if (plugin.scope() != Scope::cluster && plugin.is_absolute() && plugin.scores(cycle_))
      scorers |= std::uint64_t{1} << i;
  }
  if (cache_->local_built && cache_->local_scorers == scorers) return;
  cache_->local_scorers = scorers;
  cache_->local_built = true;
  cache_->tree_built = false;
  for (const Row row : live_rows()) set_local(row);
}

void CycleRunner::set_leaf(Row row, bool propagate) {
  const bool first = framework_.profile_.tie == Tie::first;
  const bool moved = first ? cache_->tree_names != snapshot_.membership_version() : row >= cache_->tree.width();
  if (moved) {
    cache_->tree_built = false;
    return;
  }
  const std::int32_t value = cache_->verdict[row].ok() ? cache_->local[row] : MaxTree::kAbsent;
  if (propagate) {
    cache_->tree.set(position(row), value);
  } else {
    cache_->tree.put(position(row), value);
  }
}

void CycleRunner::bring_tree() {
  bring_local();
  const bool first = framework_.profile_.tie == Tie::first;
  if (first) rank_names();
  if (cache_->tree_built && (!first || cache_->tree_names == snapshot_.membership_version())) return;
  cache_->tree_names = snapshot_.membership_version();
  cache_->tree_built = true;
  cache_->tree.reset(std::max<std::size_t>(snapshot_.rows(), 1));
  for (const Row row : live_rows()) set_leaf(row, false);
  cache_->tree.rebuild();
}

Decision CycleRunner::decide_by_tree(const TieDraw& draw) {
  Decision d;
  d.looked_at = static_cast<std::uint32_t>(snapshot_.live_rows());
  d.feasible = cache_->passing;
  d.failed = cache_->failed;
  if (d.feasible == 0) return d;
  bring_tree();
  const std::int64_t common = idle_total();
  const bool first = framework_.profile_.tie == Tie::first;
  const auto row_at = [&](std::size_t at) { return first ? scratch_.row_of_rank_[at] : static_cast<Row>(at); };
  MaxTree& tree = cache_->tree;
  const std::size_t chosen = tree.kth(first ? 0 : draw.below(tree.count()));
  const std::int32_t value = tree.best();
  d.row = row_at(chosen);
  d.total = common + value;
  if (d.feasible > 1) {
    tree.set(chosen, MaxTree::kAbsent);
    d.runner_up = row_at(tree.kth(0));
    d.runner_up_total = common + tree.best();
    tree.set(chosen, value);
  }
  return d;
}

Decision CycleRunner::decide_by_rows(SearchState& search, const TieDraw& draw) {
  Decision d;
  const std::span<const Row> rows = find_feasible(search, d);
  if (rows.empty()) return d;
  auto& totals = scratch_.totals_;
  total(rows, totals, nullptr);
  const bool first = framework_.profile_.tie == Tie::first;
  if (first) rank_names();
  const auto before = [&](Row a, Row b) { return first ? scratch_.name_rank_[a] < scratch_.name_rank_[b] : a < b; };
  // The best total with its holders, and the best below it.
  std::int64_t second = -1;
  d.total = totals[0];
  std::size_t holders = 0;
  for (const std::int64_t t : totals) {
    if (t > d.total) {
      second = d.total;
      d.total = t;
      holders = 1;
    } else if (t == d.total) {
      ++holders;
    } else if (t > second) {
      second = t;
    }
  }
  auto& tied = scratch_.looked_;
  const auto gather = [&](std::int64_t value) {
    tied.clear();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (totals[i] == value) tied.push_back(rows[i]);
    }
  };
  gather(d.total);
  const bool in_order = !first && std::is_sorted(tied.begin(), tied.end());
  const auto chosen = tied.begin() + static_cast<std::ptrdiff_t>(first ? 0 : draw.below(holders));
  if (!in_order) std::nth_element(tied.begin(), chosen, tied.end(), before);
  d.row = *chosen;
  if (rows.size() == 1) return d;
  if (holders > 1) {
    d.runner_up_total = d.total;
    *chosen = tied.back();
    tied.pop_back();
  } else {
    d.runner_up_total = second;
    gather(second);
  }
  d.runner_up = *std::min_element(tied.begin(), tied.end(), before);
  return d;
}

Decision CycleRunner::schedule_one(SearchState& search, const TieDraw& draw) {
  return is_simple() ? decide_by_tree(draw) : decide_by_rows(search, draw);
}

Grid CycleRunner::explain() {
  Grid grid;
  filter_all(grid.rows, grid.verdicts);
  for (std::size_t i = 0; i < grid.rows.size(); ++i) {
    if (grid.verdicts[i].ok()) grid.feasible.push_back(grid.rows[i]);
  }
  total(grid.feasible, grid.totals, &grid);
  return grid;
}

Grid CycleRunner::score_rows(std::span<const Row> rows) {
  Grid grid;
  grid.feasible.assign(rows.begin(), rows.end());
  total(grid.feasible, grid.totals, &grid);
  return grid;
}

}  // namespace plimsoll::kubernetes
