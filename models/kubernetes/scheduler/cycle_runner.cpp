#include "models/kubernetes/scheduler/cycle_runner.h"

#include <algorithm>
#include <bit>
#include <utility>

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
      scratch_(scratch.memory()),
      cycle_{view_, view.shapes[shape], shape, framework.keys_, framework.profile_.version, framework.services_},
      path_(path) {
  while (image_ < framework.scorers_.size() && framework.scorers_[image_].plugin->id() != PluginId::image_locality) {
    ++image_;
  }
  if (path == Path::fast) {
    if (scratch_.by_shape.size() < view.shapes.size()) scratch_.by_shape.resize(view.shapes.size());
    cache_ = &scratch_.by_shape[shape.index()];
    if (cache_->table == ShapeCache::kNoTable) cache_->table = find_table();
    table_ = &scratch_.tables[cache_->table];
    hear();
  } else {
    scratch_.plain = ShapeCache{};
    scratch_.plain_table = NodeTable{};
    cache_ = &scratch_.plain;
    table_ = &scratch_.plain_table;
  }
  sync();
}

std::uint32_t CycleRunner::find_table() {
  auto& tables = scratch_.tables;
  const auto at = std::find_if(tables.begin(), tables.end(), [&](const NodeTable& table) {
    return alike_on_nodes(view_.shapes[table.shape], cycle_.pod);
  });
  if (at != tables.end()) return static_cast<std::uint32_t>(at - tables.begin());
  tables.emplace_back().shape = cycle_.shape;
  return static_cast<std::uint32_t>(tables.size() - 1);
}

Cycle CycleRunner::cycle_for(const Plugin& plugin) const {
  Cycle cycle = cycle_;
  cycle.state = cache_->states[static_cast<std::size_t>(plugin.id())].get();
  return cycle;
}

// ---- keeping up to date ----------------------------------------------------------------------------------------

void CycleRunner::sync() {
  if (!table_->built) {
    rebuild_table();
  } else if (table_->seen != snapshot_.version()) {
    take_table_changes();
  }
  if (table_->seen != snapshot_.version()) {
    check_cluster_keys();
    table_->seen = snapshot_.version();
  }
  const bool stands = cache_->built && cache_->services == framework_.services_version_;
  if (stands && cache_->seen == snapshot_.version()) return;
  if (stands) {
    take_changes();
  } else {
    rebuild_all();
  }
  check_image_key();
  cache_->seen = snapshot_.version();
  if (path_ == Path::fast) listen();
}

void CycleRunner::rebuild_table() {
  table_->built = true;
  table_->seen = ~snapshot_.version();
  table_->local_built = false;
  table_->failed = {};
  table_->passing = 0;
  table_->passes.clear();
  table_->verdict.clear();
  table_->node_verdict.clear();
  table_->raw.assign(framework_.scorers_.size(), {});
  table_->cluster_keys.assign(framework_.scorers_.size(), 0);
  table_->stale = 0;
  forget_table_changes();
  resize_columns();
  const std::span<const Row> rows = live_rows();
  refresh_node(rows);
  refresh_pods(rows);
  for (const Row row : rows) count(row, 1);
}

/// For those who read `changed`, all rows have changed.
void CycleRunner::forget_table_changes() {
  table_->forgotten += table_->changed.size() + 1;
  table_->changed.clear();
}

void CycleRunner::resize_columns() {
  table_->verdict.resize(snapshot_.rows(), kAbsent);
  table_->node_verdict.resize(snapshot_.rows(), kAbsent);
  for (std::size_t i = 0; i < table_->raw.size(); ++i) {
    if (i != image_ && framework_.scorers_[i].plugin->scope() != Scope::cluster) {
      table_->raw[i].resize(snapshot_.rows(), 0);
    }
  }
  table_->local.resize(snapshot_.rows(), 0);
  table_->passes.resize((snapshot_.rows() + 63) / 64, 0);
}

void CycleRunner::mark(Row row, std::uint8_t what) {
  auto& dirty = scratch_.dirty;
  if (row >= dirty.size()) dirty.resize(row + std::size_t{1}, 0);
  if (dirty[row] == 0) scratch_.changed.push_back(row);
  dirty[row] |= what;
}

void CycleRunner::take_table_changes() {
  auto& changed = scratch_.changed;
  auto& node_changed = scratch_.node_changed;
  changed.clear();
  node_changed.clear();
  const bool remembered = snapshot_.visit_changes(table_->seen, [&](const RowChange& change) {
    const bool node = change.shape.is_none();
    if (!node || change.running == 0) mark(change.row, node ? kNode : kPods);  // else: its images only
  });
  if (!remembered) {
    rebuild_table();
    return;
  }
  for (const Row row : changed) {
    if (row < table_->verdict.size()) count(row, static_cast<std::uint32_t>(-1));
  }
  resize_columns();
  if (table_->changed.size() > 4096 + snapshot_.rows()) forget_table_changes();
  table_->changed.insert(table_->changed.end(), changed.begin(), changed.end());
  std::size_t kept = 0;
  for (const Row row : changed) {
    const std::uint8_t what = std::exchange(scratch_.dirty[row], 0);
    if (row >= snapshot_.rows()) continue;
    if (!snapshot_.alive(row)) {
      table_->verdict[row] = table_->node_verdict[row] = kAbsent;
      continue;
    }
    changed[kept++] = row;
    if ((what & kNode) != 0) node_changed.push_back(row);
  }
  changed.resize(kept);
  refresh_node(node_changed);
  refresh_pods(changed);
  for (const Row row : changed) {
    count(row, 1);
    if (table_->local_built) set_local(row);
  }
}

void CycleRunner::count(Row row, std::uint32_t sign) {
  const Verdict& verdict = table_->verdict[row];
  if (verdict.ok()) {
    table_->passing += sign;
    table_->passes[row / 64] ^= std::uint64_t{1} << (row % 64);
    return;
  }
  for (std::uint32_t bits = verdict.reasons; bits != 0; bits &= bits - 1) {
    table_->failed[static_cast<std::size_t>(std::countr_zero(bits))] += sign;
  }
}

void CycleRunner::refresh_node(std::span<const Row> rows) {
  if (rows.empty()) return;
  auto& verdicts = scratch_.verdicts;
  verdicts.assign(rows.size(), Verdict{});
  for (const auto& plugin : framework_.filters_) {
    if (plugin->scope() == Scope::node && plugin->filters(cycle_)) plugin->filter(cycle_, rows, verdicts);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) table_->node_verdict[rows[i]] = verdicts[i];
  score_into_columns(rows, Scope::node);
}

void CycleRunner::refresh_pods(std::span<const Row> rows) {
  if (rows.empty()) return;
  auto& verdicts = scratch_.verdicts;
  verdicts.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) verdicts[i] = table_->node_verdict[rows[i]];
  for (const auto& plugin : framework_.filters_) {
    if (plugin->scope() == Scope::node_and_pods && plugin->filters(cycle_)) plugin->filter(cycle_, rows, verdicts);
  }
  auto& passing = scratch_.looked;
  passing.clear();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    table_->verdict[rows[i]] = verdicts[i];
    if (verdicts[i].ok()) passing.push_back(rows[i]);
  }
  score_into_columns(passing, Scope::node_and_pods);
}

void CycleRunner::score_into_columns(std::span<const Row> rows, Scope scope) {
  auto& scores = scratch_.scores;
  for (std::size_t i = 0; i < framework_.scorers_.size(); ++i) {
    const Plugin& plugin = *framework_.scorers_[i].plugin;
    if (i == image_ || plugin.scope() != scope || !plugin.scores(cycle_)) continue;
    scores.resize(rows.size());
    plugin.score(cycle_, rows, scores);
    for (std::size_t k = 0; k < rows.size(); ++k) table_->raw[i][rows[k]] = scores[k];
  }
}

/// Columns whose plugin was idle until now, or that depend on a fact about the whole cluster, are to be made again as a
/// whole when that changes: by bring_columns, since simulations never ask for scores.
void CycleRunner::check_cluster_keys() {
  for (std::size_t i = 0; i < framework_.scorers_.size(); ++i) {
    const Plugin& plugin = *framework_.scorers_[i].plugin;
    if (i == image_ || plugin.scope() != Scope::node) continue;
    const std::uint64_t key = plugin.scores(cycle_) ? plugin.cluster_key(cycle_) | 1 : 0;
    if (key == std::exchange(table_->cluster_keys[i], key)) continue;
    table_->stale |= std::uint64_t{1} << i;
  }
}

void CycleRunner::bring_columns() {
  auto& scores = scratch_.scores;
  for (std::uint64_t bits = std::exchange(table_->stale, 0); bits != 0; bits &= bits - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(bits));
    if (table_->cluster_keys[i] == 0) continue;
    const std::span<const Row> rows = live_rows();
    scores.resize(rows.size());
    framework_.scorers_[i].plugin->score(cycle_, rows, scores);
    for (std::size_t k = 0; k < rows.size(); ++k) {
      std::int64_t& raw = table_->raw[i][rows[k]];
      if (raw == scores[k]) continue;
      raw = scores[k];
      if (table_->local_built) set_local(rows[k]);
    }
    ++table_->remade;
  }
  bring_images();
}

// ---- orders of nodes -------------------------------------------------------------------------------------------

std::span<const Row> CycleRunner::live_rows() {
  auto& rows = scratch_.live;
  if (scratch_.live_version != snapshot_.membership_version()) {
    scratch_.live_version = snapshot_.membership_version();
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
  auto& order = scratch_.visiting;
  if (scratch_.visiting_version == snapshot_.membership_version()) return order;
  scratch_.visiting_version = snapshot_.membership_version();
  // A node keeps its zone; stand-ins of simulations, which have no id, are asked each time.
  auto& known = scratch_.zone_of_row;
  if (known.size() < snapshot_.rows()) known.resize(snapshot_.rows());
  std::vector<NameId> zones;
  auto& members = scratch_.zone_rows;
  for (auto& zone : members) zone.clear();
  for (const Row row : live_rows()) {
    const SnapshotNode& node = snapshot_.node(row);
    auto& [id, name, zone] = known[row];
    if (id.is_none() || id != node.id || name != node.name) {
      id = node.id;
      name = node.name;
      zone = node.labels.find(framework_.keys_.zone);
      if (zone.is_none()) zone = node.labels.find(framework_.keys_.beta_zone);
    }
    const auto at = static_cast<std::size_t>(std::find(zones.begin(), zones.end(), zone) - zones.begin());
    if (at == zones.size()) zones.push_back(zone);
    if (members.size() < zones.size()) members.emplace_back();
    members[at].push_back(row);
  }
  order.clear();
  order.reserve(snapshot_.live_rows());
  for (std::size_t turn = 0; order.size() < snapshot_.live_rows(); ++turn) {
    for (std::size_t zone = 0; zone < zones.size(); ++zone) {
      if (turn < members[zone].size()) order.push_back(members[zone][turn]);
    }
  }
  return order;
}

void CycleRunner::rank_names() {
  if (scratch_.names_version == snapshot_.membership_version()) return;
  scratch_.names_version = snapshot_.membership_version();
  auto& rows = scratch_.row_of_rank;
  rows.assign(live_rows().begin(), live_rows().end());
  std::sort(rows.begin(), rows.end(), [&](Row a, Row b) {
    const std::string_view x = view_.names.text(snapshot_.node(a).name), y = view_.names.text(snapshot_.node(b).name);
    return x != y ? x < y : a < b;
  });
  scratch_.name_rank.assign(snapshot_.rows(), 0);
  for (std::size_t i = 0; i < rows.size(); ++i) scratch_.name_rank[rows[i]] = static_cast<std::uint32_t>(i);
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
  Verdict verdict = table_->verdict[row];
  if (verdict.ok()) filter_cluster({&row, 1}, {&verdict, 1});
  return verdict;
}

void CycleRunner::filter_all(std::vector<Row>& rows, std::vector<Verdict>& verdicts) {
  const std::span<const Row> live = live_rows();
  rows.assign(live.begin(), live.end());
  verdicts.clear();
  for (const Row row : live) verdicts.push_back(table_->verdict[row]);
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
  auto& feasible = scratch_.feasible;
  auto& block = scratch_.looked;
  auto& verdicts = scratch_.verdicts;
  feasible.clear();
  counts.failed = {};
  const bool cluster_filter = has_cluster_filter();
  const std::size_t nodes = snapshot_.live_rows();
  const std::size_t wanted = static_cast<std::size_t>(
      num_feasible_nodes(static_cast<std::int64_t>(nodes), framework_.profile_.percentage_of_nodes_to_score));
  if (wanted >= nodes) {
    counts.looked_at = static_cast<std::uint32_t>(nodes);
    counts.failed = table_->failed;
    for (const Row row : live_rows()) {
      if (table_->verdict[row].ok()) feasible.push_back(row);
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
      verdicts.push_back(table_->verdict[block.back()]);
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

}  // namespace plimsoll::kubernetes
