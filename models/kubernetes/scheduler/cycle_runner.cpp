#include "models/kubernetes/scheduler/cycle_runner.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "models/kubernetes/scheduler/image_locality.h"
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
  if (path == Path::fast) {
    if (scratch_.by_shape.size() < view.shapes.size()) scratch_.by_shape.resize(view.shapes.size());
    cache_ = &scratch_.by_shape[shape.index()];
  } else {
    scratch_.plain = ShapeCache{};
    cache_ = &scratch_.plain;
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
  check_cluster_keys();
  cache_->seen = snapshot_.version();
}

void CycleRunner::rebuild_all() {
  cache_->built = true;
  cache_->services = framework_.services_version_;
  cache_->local_built = cache_->classes_built = false;
  cache_->heeded.clear();
  cache_->failed = {};
  cache_->passing = 0;
  cache_->verdict.clear();
  cache_->node_verdict.clear();
  cache_->raw.assign(framework_.scorers_.size(), {});
  cache_->cluster_keys.assign(framework_.scorers_.size(), 0);
  cache_->stale = 0;
  cache_->held = {};
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

/// Most pods that come and go mean nothing to the counts of this one.
bool CycleRunner::is_heeded(ShapeId other) {
  auto& known = cache_->heeded;
  if (other.index() >= known.size()) known.resize(view_.shapes.size(), 0);
  std::uint8_t& answer = known[other.index()];
  if (answer == 0) {
    const bool any = std::any_of(framework_.cluster_.begin(), framework_.cluster_.end(), [&](const auto& plugin) {
      return plugin->heeds(cycle_, *cache_->states[static_cast<std::size_t>(plugin->id())], other);
    });
    answer = any ? 2 : 1;
  }
  return answer == 2;
}

void CycleRunner::take_changes() {
  auto& changed = scratch_.changed;
  auto& node_changed = scratch_.node_changed;
  auto& images_changed = scratch_.images_changed;
  auto& dirty = scratch_.dirty;
  changed.clear();
  node_changed.clear();
  const bool remembered = snapshot_.visit_changes(cache_->seen, [&](const RowChange& change) {
    const bool node = change.shape.is_none(), images = node && change.running != 0;  // images: nothing but these
    if (node ? !images : is_heeded(change.shape)) {
      for (const auto& plugin : framework_.cluster_) {
        plugin->update(cycle_, *cache_->states[static_cast<std::size_t>(plugin->id())], change);
      }
    }
    if (change.row >= dirty.size()) dirty.resize(change.row + std::size_t{1}, 0);
    if (dirty[change.row] == 0) changed.push_back(change.row);
    dirty[change.row] |= images ? 4 : node ? 2 : 1;
  });
  if (!remembered) {
    rebuild_all();
    return;
  }
  for (const Row row : changed) {
    if (dirty[row] != 4 && row < cache_->verdict.size()) count(row, static_cast<std::uint32_t>(-1));
    if (row >= snapshot_.rows()) drop_position(row);
  }
  resize_columns();
  images_changed.clear();
  std::size_t kept = 0;
  for (const Row row : changed) {
    const std::uint8_t what = std::exchange(dirty[row], 0);
    if (row >= snapshot_.rows()) continue;
    if (!snapshot_.alive(row)) {
      cache_->verdict[row] = cache_->node_verdict[row] = kAbsent;
      drop_position(row);
      continue;
    }
    if (what != 4) changed[kept++] = row;
    if ((what & 2) != 0) {
      node_changed.push_back(row);
    } else if ((what & 4) != 0) {
      images_changed.push_back(row);
    }
  }
  changed.resize(kept);
  refresh_images(images_changed);
  refresh_node(node_changed);
  for (const Row row : node_changed) hear_of_images(row);
  refresh_pods(changed);
  for (const Row row : changed) {
    count(row, 1);
    if (cache_->local_built) set_local(row);
    if (cache_->classes_built) classify(row);
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
  auto& verdicts = scratch_.verdicts;
  verdicts.assign(rows.size(), Verdict{});
  for (const auto& plugin : framework_.filters_) {
    if (plugin->scope() == Scope::node && plugin->filters(cycle_)) plugin->filter(cycle_, rows, verdicts);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) cache_->node_verdict[rows[i]] = verdicts[i];
  score_into_columns(rows, Scope::node);
}

void CycleRunner::refresh_pods(std::span<const Row> rows) {
  if (rows.empty()) return;
  auto& verdicts = scratch_.verdicts;
  verdicts.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) verdicts[i] = cache_->node_verdict[rows[i]];
  for (const auto& plugin : framework_.filters_) {
    if (plugin->scope() == Scope::node_and_pods && plugin->filters(cycle_)) plugin->filter(cycle_, rows, verdicts);
  }
  auto& passing = scratch_.looked;
  passing.clear();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    cache_->verdict[rows[i]] = verdicts[i];
    if (verdicts[i].ok()) passing.push_back(rows[i]);
  }
  score_into_columns(passing, Scope::node_and_pods);
}

void CycleRunner::score_into_columns(std::span<const Row> rows, Scope scope) {
  auto& scores = scratch_.scores;
  for (std::size_t i = 0; i < framework_.scorers_.size(); ++i) {
    const Plugin& plugin = *framework_.scorers_[i].plugin;
    if (plugin.scope() != scope || !plugin.scores(cycle_)) continue;
    scores.resize(rows.size());
    plugin.score(cycle_, rows, scores);
    for (std::size_t k = 0; k < rows.size(); ++k) cache_->raw[i][rows[k]] = scores[k];
  }
}

/// Columns whose plugin was idle until now, or that depend on a fact about the whole cluster, are to be made again as a
/// whole when that changes: by bring_columns, since simulations never ask for scores.
void CycleRunner::check_cluster_keys() {
  for (std::size_t i = 0; i < framework_.scorers_.size(); ++i) {
    const Plugin& plugin = *framework_.scorers_[i].plugin;
    if (plugin.scope() != Scope::node) continue;
    const std::uint64_t key = plugin.scores(cycle_) ? plugin.cluster_key(cycle_) | 1 : 0;
    if (key == cache_->cluster_keys[i]) continue;
    const bool goes_on = cache_->cluster_keys[i] != 0 && key != 0;
    cache_->cluster_keys[i] = key;
    if (i == image_scorer()) {
      if (goes_on && cache_->held.known) {
        cache_->held.stale = true;
        continue;
      }
      cache_->held = {};
    }
    cache_->stale |= std::uint64_t{1} << i;
  }
}

/// Most rows keep their score when the key changes, and their place among the others with it.
void CycleRunner::bring_columns() {
  auto& scores = scratch_.scores;
  for (std::uint64_t bits = std::exchange(cache_->stale, 0); bits != 0; bits &= bits - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(bits));
    if (cache_->cluster_keys[i] == 0) continue;
    const std::span<const Row> rows = live_rows();
    scores.resize(rows.size());
    framework_.scorers_[i].plugin->score(cycle_, rows, scores);
    for (std::size_t k = 0; k < rows.size(); ++k) {
      std::int64_t& raw = cache_->raw[i][rows[k]];
      if (raw == scores[k]) continue;
      raw = scores[k];
      if (cache_->local_built) set_local(rows[k]);
      if (cache_->classes_built) classify(rows[k]);
    }
    if (i != image_scorer()) continue;
    cache_->held = {};
    cache_->held.known = true;
    for (const Row row : rows) hear_of_images(row);
  }
  if (cache_->held.stale) bring_images(image_scorer());
}

// ---- images ----------------------------------------------------------------------------------------------------

/// Each image that a node comes to hold, and each node that comes or goes, changes the share of the nodes that hold it
/// and mostly no score: scores are whole and few. So the scores of what nodes hold are looked at, not the nodes.

/// The index of ImageLocality among the scorers; beyond them when the profile has none.
std::size_t CycleRunner::image_scorer() const {
  std::size_t i = 0;
  while (i < framework_.scorers_.size() && framework_.scorers_[i].plugin->id() != PluginId::image_locality) ++i;
  return i;
}

/// @pre the row's score is in the column.
void CycleRunner::hear_of_images(Row row) {
  ShapeCache::HeldImages& held = cache_->held;
  if (!held.known) return;
  const auto& plugin = static_cast<const ImageLocality&>(*framework_.scorers_[image_scorer()].plugin);
  if (!plugin.held_sizes(cycle_, row, scratch_.sizes)) return;
  if (held.is_in.size() <= row) held.is_in.resize(snapshot_.rows(), 0);
  if (std::exchange(held.is_in[row], 1) == 0) held.rows.push_back(row);
  const auto at = std::find_if(held.sizes.begin(), held.sizes.end(),
                               [&](const auto& known) { return known.first == scratch_.sizes; });
  const std::int64_t score = cache_->raw[image_scorer()][row];
  if (at == held.sizes.end()) {
    held.sizes.emplace_back(scratch_.sizes, score);
  } else if (at->second != score) {
    at->second = -1;  // rows differ until all are scored again
    held.stale = true;
  }
}

/// Rows of which nothing but images has changed, for what the node's own filters and scores go by.
void CycleRunner::refresh_images(std::span<const Row> rows) {
  const std::size_t i = image_scorer();
  if (rows.empty() || i == framework_.scorers_.size()) return;
  const auto& plugin = static_cast<const ImageLocality&>(*framework_.scorers_[i].plugin);
  if (!plugin.scores(cycle_)) return;
  auto& scores = scratch_.scores;
  scores.resize(rows.size());
  plugin.score(cycle_, rows, scores);
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const Row row = rows[k];
    const bool same = std::exchange(cache_->raw[i][row], scores[k]) == scores[k];
    hear_of_images(row);
    if (same) continue;
    if (cache_->local_built) set_local(row);
    if (cache_->classes_built) classify(row);
  }
}

void CycleRunner::bring_images(std::size_t i) {
  ShapeCache::HeldImages& held = cache_->held;
  held.stale = false;
  const auto& plugin = static_cast<const ImageLocality&>(*framework_.scorers_[i].plugin);
  bool same = true;
  for (auto& [sizes, score] : held.sizes) {
    const std::int64_t now = plugin.score_of(cycle_, sizes);
    same = std::exchange(score, now) == now && same;
  }
  if (same) return;
  std::size_t kept = 0;
  for (const Row row : held.rows) {
    const bool holds =
        row < snapshot_.rows() && snapshot_.alive(row) && plugin.held_sizes(cycle_, row, scratch_.sizes);
    if (!holds) {
      held.is_in[row] = 0;
      continue;
    }
    held.rows[kept++] = row;
    const std::int64_t now = plugin.score_of(cycle_, scratch_.sizes);
    if (std::exchange(cache_->raw[i][row], now) == now) continue;
    if (cache_->local_built) set_local(row);
    if (cache_->classes_built) classify(row);
  }
  held.rows.resize(kept);
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

}  // namespace plimsoll::kubernetes
