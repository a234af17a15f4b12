#include <algorithm>
#include <bit>

#include "models/kubernetes/scheduler/cycle_runner.h"
#include "models/kubernetes/scheduler/num_feasible_nodes.h"

/// The scoring half of CycleRunner: totals, classes of rows, and who wins.
namespace plimsoll::kubernetes {

/// The equals of a decision as bits by position in the order of ties; clean again at the end.
class CycleRunner::Ties {
 public:
  /// @pre `bits` is all zero.
  Ties(std::vector<std::uint64_t>& bits, std::size_t positions) : bits_(bits), low_((positions + 63) / 64) {
    if (bits.size() < low_) bits.resize(low_, 0);
  }
  ~Ties() {
    for (std::size_t word = low_; word < high_; ++word) bits_[word] = 0;
  }
  Ties(const Ties&) = delete;
  Ties& operator=(const Ties&) = delete;

  void set(std::size_t position) {
    const std::size_t word = position / 64;
    bits_[word] |= std::uint64_t{1} << (position % 64);
    low_ = std::min(low_, word);
    high_ = std::max(high_, word + 1);
    ++count_;
  }
  std::size_t count() const { return count_; }
  /// The k-th lowest position (from 0). @pre k < count().
  std::size_t kth(std::size_t k) const {
    for (std::size_t word = low_;; ++word) {
      std::uint64_t left = bits_[word];
      const auto here = static_cast<std::size_t>(std::popcount(left));
      if (k >= here) {
        k -= here;
        continue;
      }
      for (; k > 0; --k) left &= left - 1;
      return word * 64 + static_cast<std::size_t>(std::countr_zero(left));
    }
  }

 private:
  std::vector<std::uint64_t>& bits_;
  std::size_t low_, high_ = 0;  // words between them have bits
  std::size_t count_ = 0;
};

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
  auto& scores = scratch_.scores;
  const bool fast = path_ == Path::fast && grid == nullptr;
  std::uint64_t done = 0;
  if (fast) {
    bring_local();
    done = table_->local_scorers;
    if (image_ < framework_.scorers_.size()) done |= std::uint64_t{1} << image_;
    const std::int64_t common = idle_total();
    totals.resize(rows.size());
    for (std::size_t k = 0; k < rows.size(); ++k) totals[k] = common + local(rows[k]);
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
        for (std::size_t k = 0; k < rows.size(); ++k) {
          scores[k] = i == image_ ? image_score(rows[k]) : table_->raw[i][rows[k]];
        }
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

std::size_t CycleRunner::position(Row row) const {
  return framework_.profile_.tie == Tie::first ? scratch_.name_rank[row] : row;
}

void CycleRunner::set_local(Row row) {
  if (!table_->verdict[row].ok()) return;
  std::int64_t sum = 0;
  for (std::uint64_t bits = table_->local_scorers; bits != 0; bits &= bits - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(bits));
    sum += framework_.scorers_[i].weight * table_->raw[i][row];
  }
  table_->local[row] = static_cast<std::int32_t>(sum);
}

void CycleRunner::bring_local() {
  std::uint64_t scorers = 0;
  for (std::size_t i = 0; i < framework_.scorers_.size(); ++i) {
    const Plugin& plugin = *framework_.scorers_[i].plugin;
    if (i != image_ && plugin.scope() != Scope::cluster && plugin.is_absolute() && plugin.scores(cycle_))
      scorers |= std::uint64_t{1} << i;
  }
  if (table_->local_built && table_->local_scorers == scorers) return;
  table_->local_scorers = scorers;
  table_->local_built = true;
  forget_table_changes();
  for (const Row row : live_rows()) set_local(row);
}

// ---- classes ---------------------------------------------------------------------------------------------------

/// Which plugins take part in the classes, and under which meaning; 0: rows cannot be classified.
std::uint64_t CycleRunner::class_meaning() const {
  std::uint64_t meaning = 1 + table_->remade;
  for (const auto& plugin : framework_.cluster_) {
    const Cycle cycle = cycle_for(*plugin);
    meaning = meaning * 1'000'003;
    if (!plugin->filters(cycle) && !plugin->scores(cycle)) continue;
    if (!plugin->classifies(cycle)) return 0;
    meaning += 1 + plugin->class_version(cycle);
  }
  for (const auto& [plugin, weight] : framework_.scorers_) {
    meaning *= 2;
    if (plugin->scope() == Scope::node && !plugin->is_absolute() && plugin->scores(cycle_)) meaning += 1;
  }
  return meaning;
}

void CycleRunner::classify(Row row) {
  const bool by_name = cache_->by_value && framework_.profile_.tie == Tie::first;
  if (by_name && cache_->class_names != snapshot_.membership_version()) {
    cache_->classes_built = false;
    return;
  }
  // Room for a quarter more nodes.
  if (row >= cache_->classes.positions()) cache_->classes.grow(snapshot_.rows() + snapshot_.rows() / 4 + 64);
  // A level that was rolled back may have left the ranks of another set of nodes.
  if (by_name) rank_names();
  const std::size_t at = by_name ? scratch_.name_rank[row] : row;
  if (cache_->by_value && !table_->verdict[row].ok()) {
    cache_->classes.remove(at);
    return;
  }
  RowClass key;
  for (std::size_t i = 0; i < framework_.scorers_.size(); ++i) {
    const Plugin& plugin = *framework_.scorers_[i].plugin;
    if (plugin.scope() == Scope::node && !plugin.is_absolute() && plugin.scores(cycle_)) key.add(table_->raw[i][row]);
  }
  for (const auto& plugin : framework_.cluster_) {
    const Cycle cycle = cycle_for(*plugin);
    if (plugin->filters(cycle) || plugin->scores(cycle)) plugin->classify(cycle, row, key);
  }
  const std::int64_t value = cache_->by_value ? local(row) : 0;
  if (key.overflow() || !cache_->classes.put(at, key, static_cast<std::int32_t>(value))) {
    cache_->classes_built = false;
    cache_->too_many = 1'000;
  }
}

void CycleRunner::drop_position(Row row) {
  if (!cache_->classes_built) return;
  if (cache_->by_value && framework_.profile_.tie == Tie::first) {
    cache_->classes_built = false;
  } else if (row < cache_->classes.positions()) {
    cache_->classes.remove(row);
  }
}

/// Whether the classes are there to decide by.
bool CycleRunner::bring_classes(bool by_value) {
  if (path_ == Path::plain) return false;
  if (cache_->too_many > 0) {
    --cache_->too_many;
    return false;
  }
  const std::uint64_t meaning = class_meaning();
  if (meaning == 0) return false;
  bring_local();
  const bool by_name = by_value && framework_.profile_.tie == Tie::first;
  if (framework_.profile_.tie == Tie::first) rank_names();
  const std::uint64_t changes = table_->forgotten + table_->changed.size();
  if (cache_->classes_built && cache_->by_value == by_value && cache_->class_meaning == meaning &&
      (!by_name || cache_->class_names == snapshot_.membership_version())) {
    if (!by_value) return true;
    if (cache_->class_seen >= table_->forgotten) {
      for (; cache_->class_seen < changes && cache_->classes_built; ++cache_->class_seen) {
        const Row row = table_->changed[cache_->class_seen - table_->forgotten];
        if (row < snapshot_.rows() && snapshot_.alive(row)) {
          classify(row);
        } else {
          drop_position(row);
        }
      }
      if (cache_->classes_built) return true;
    }
  }
  cache_->class_names = snapshot_.membership_version();
  cache_->class_meaning = meaning;
  cache_->class_seen = changes;
  cache_->by_value = by_value;
  cache_->classes_built = true;
  cache_->classes.reset(snapshot_.rows());
  for (const Row row : live_rows()) {
    classify(row);
    if (!cache_->classes_built) return false;
  }
  return true;
}

/// Whether the search for feasible nodes may end before the last.
bool CycleRunner::samples() const {
  const auto nodes = static_cast<std::int64_t>(snapshot_.live_rows());
  return num_feasible_nodes(nodes, framework_.profile_.percentage_of_nodes_to_score) < nodes;
}

/// One row of each class that has members, and what the filters of cluster scope say of it.
void CycleRunner::filter_classes() {
  const bool by_name = cache_->by_value && framework_.profile_.tie == Tie::first;
  const RowClasses& classes = cache_->classes;
  auto& rows = scratch_.class_rows;
  rows.clear();
  scratch_.class_ids.assign(classes.active().begin(), classes.active().end());
  for (const std::uint32_t id : scratch_.class_ids) {
    const std::size_t at = classes.first(classes.buckets(id).front());
    rows.push_back(by_name ? scratch_.row_of_rank[at] : static_cast<Row>(at));
  }
  scratch_.class_verdicts.assign(rows.size(), Verdict{});
  if (has_cluster_filter()) filter_cluster(rows, scratch_.class_verdicts);
}

/// One cycle on all nodes, by classes with values: no node is looked at but those that tie.
Decision CycleRunner::decide_by_classes(const TieDraw& draw) {
  filter_classes();
  Decision d;
  d.looked_at = static_cast<std::uint32_t>(snapshot_.live_rows());
  d.failed = table_->failed;
  const bool first = framework_.profile_.tie == Tie::first;
  const auto row_at = [&](std::size_t at) { return first ? scratch_.row_of_rank[at] : static_cast<Row>(at); };
  const RowClasses& classes = cache_->classes;
  auto& rows = scratch_.class_rows;
  auto& ids = scratch_.class_ids;
  auto& counts = scratch_.class_counts;
  counts.clear();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Verdict& verdict = scratch_.class_verdicts[i];
    const std::uint32_t count = classes.count(ids[i]);
    if (verdict.ok()) {
      rows[kept] = rows[i];
      ids[kept++] = ids[i];
      counts.push_back(count);
      d.feasible += count;
      continue;
    }
    for (std::uint32_t bits = verdict.reasons; bits != 0; bits &= bits - 1) {
      d.failed[static_cast<std::size_t>(std::countr_zero(bits))] += count;
    }
  }
  rows.resize(kept);
  ids.resize(kept);
  if (d.feasible == 0) return d;
  auto& totals = scratch_.totals;
  cycle_.multiplicity = counts;
  total(rows, totals, nullptr);
  cycle_.multiplicity = {};

  // The holders of the best total, class by class; one of them is drawn.
  auto& tied = scratch_.tied;
  tied.clear();
  d.total = *std::max_element(totals.begin(), totals.end());
  std::size_t holders = 0, winner = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (totals[i] != d.total) continue;
    tied.push_back(classes.buckets(ids[i]).front());
    holders += classes.holders(tied.back());
    winner = i;
  }
  const std::size_t k = first ? 0 : draw.below(holders);
  const std::size_t chosen = classes.kth(tied, k);
  d.row = row_at(chosen);
  if (d.feasible == 1) return d;
  if (holders > 1) {
    d.runner_up_total = d.total;
    d.runner_up = row_at(classes.kth(tied, k == 0 ? 1 : 0));
    return d;
  }
  // The winner stands alone: the best of the other classes, or the next bucket of its own.
  const auto next = [&](std::size_t i) -> std::pair<std::int64_t, std::uint32_t> {
    const auto buckets = classes.buckets(ids[i]);
    if (i != winner) return {totals[i], buckets[0]};
    if (buckets.size() < 2) return {-1, 0};
    return {totals[i] - classes.value(buckets[0]) + classes.value(buckets[1]), buckets[1]};
  };
  for (std::size_t i = 0; i < ids.size(); ++i) d.runner_up_total = std::max(d.runner_up_total, next(i).first);
  tied.clear();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto [value, bucket] = next(i);
    if (value == d.runner_up_total) tied.push_back(bucket);
  }
  d.runner_up = row_at(classes.kth(tied, 0));
  return d;
}

/// The rows that a search meets and that pass, into `feasible`; filters of cluster scope are asked once a class.
/// @pre classes without values; filter_classes() came before. @post class_place by class id.
void CycleRunner::meet_rows(SearchState& search, Decision& d) {
  const RowClasses& classes = cache_->classes;
  const auto& ids = scratch_.class_ids;
  const auto& verdicts = scratch_.class_verdicts;
  auto& place = scratch_.class_place;
  place.resize(classes.ids());
  for (std::size_t i = 0; i < ids.size(); ++i) place[ids[i]] = static_cast<std::uint32_t>(i);
  const bool all_pass = std::all_of(verdicts.begin(), verdicts.end(), [](const Verdict& v) { return v.ok(); });
  auto& feasible = scratch_.feasible;
  feasible.clear();
  const std::size_t nodes = snapshot_.live_rows();
  const auto wanted = static_cast<std::size_t>(
      num_feasible_nodes(static_cast<std::int64_t>(nodes), framework_.profile_.percentage_of_nodes_to_score));
  // Neighbours mostly fail for the same reasons, so runs are counted.
  std::uint32_t run_reasons = 0, run = 0;
  const auto flush = [&] {
    for (std::uint32_t bits = run_reasons; bits != 0; bits &= bits - 1) {
      d.failed[static_cast<std::size_t>(std::countr_zero(bits))] += run;
    }
    run = 0;
  };
  const auto tell_of = [&](std::uint32_t reasons) {
    if (reasons != run_reasons) {
      flush();
      run_reasons = reasons;
    }
    ++run;
  };
  const auto meet = [&](Row row) {
    if (!all_pass) {
      const Verdict& verdict = verdicts[place[classes.class_at(row)]];
      if (!verdict.ok()) {
        tell_of(verdict.reasons);
        return;
      }
    }
    feasible.push_back(row);
  };
  if (wanted >= nodes || table_->passing < wanted) {
    // Every node is met: those that pass are known, and the search ends where it began.
    if (wanted < nodes) search.next_start %= nodes;
    d.failed = table_->failed;
    for (std::size_t word = 0; word < table_->passes.size(); ++word) {
      for (std::uint64_t bits = table_->passes[word]; bits != 0; bits &= bits - 1) {
        meet(static_cast<Row>(word * 64 + static_cast<std::size_t>(std::countr_zero(bits))));
      }
    }
    d.looked_at = static_cast<std::uint32_t>(nodes);
  } else {
    const std::span<const Row> order = visiting_order();
    const std::size_t start = search.next_start % nodes;
    std::size_t looked = 0, at = start;
    const Verdict* const verdict = table_->verdict.data();
    for (; looked < nodes && feasible.size() < wanted; ++looked) {
      const Row row = order[at];
      if (++at == nodes) at = 0;
      if (verdict[row].ok()) {
        meet(row);
      } else {
        tell_of(verdict[row].reasons);
      }
    }
    search.next_start = (start + looked) % nodes;
    d.looked_at = static_cast<std::uint32_t>(looked);
  }
  flush();
  d.feasible = static_cast<std::uint32_t>(feasible.size());
}

/// One cycle on the nodes that a search meets: what depends on other nodes is asked once a class, the rest is a sum
/// that is kept for each node.
Decision CycleRunner::decide_by_met_rows(SearchState& search, const TieDraw& draw) {
  Decision d;
  filter_classes();
  meet_rows(search, d);
  const std::span<const Row> met = scratch_.feasible;
  if (met.empty()) return d;

  // Of each class: how many of its rows were met, one of them, and their best local sum. Of each row: class and sum.
  const RowClasses& classes = cache_->classes;
  const auto& place = scratch_.class_place;
  auto& rows = scratch_.class_rows;
  auto& counts = scratch_.class_counts;
  auto& best = scratch_.class_best;
  auto& met_class = scratch_.met_class;
  auto& met_local = scratch_.met_local;
  const std::size_t all = scratch_.class_ids.size();
  counts.assign(all, 0);
  best.assign(all, -1);
  met_class.resize(met.size());
  met_local.resize(met.size());
  for (std::size_t k = 0; k < met.size(); ++k) {
    const Row row = met[k];
    const std::uint32_t i = place[classes.class_at(row)];
    const std::int64_t sum = local(row);
    met_class[k] = i;
    met_local[k] = sum;
    rows[i] = row;
    ++counts[i];
    best[i] = std::max(best[i], sum);
  }
  // Only classes that were met take part in the scores.
  auto& beyond = scratch_.class_beyond;  // what a class has beyond the local sums of its rows
  auto& totals = scratch_.totals;
  auto& taking_part = scratch_.tied;
  taking_part.clear();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < all; ++i) {
    if (counts[i] == 0) continue;
    taking_part.push_back(static_cast<std::uint32_t>(i));
    rows[kept] = rows[i];
    counts[kept++] = counts[i];
  }
  rows.resize(kept);
  counts.resize(kept);
  cycle_.multiplicity = counts;
  total(rows, totals, nullptr);
  cycle_.multiplicity = {};
  beyond.resize(all);
  for (std::size_t k = 0; k < kept; ++k) {
    const std::uint32_t i = taking_part[k];
    beyond[i] = totals[k] - local(rows[k]);
    d.total = std::max(d.total, beyond[i] + best[i]);
  }

  const bool first = framework_.profile_.tie == Tie::first;
  const auto row_at = [&](std::size_t at) { return first ? scratch_.row_of_rank[at] : static_cast<Row>(at); };
  Ties ties(scratch_.bits, snapshot_.rows());
  for (std::size_t k = 0; k < met.size(); ++k) {
    if (beyond[met_class[k]] + met_local[k] == d.total) ties.set(position(met[k]));
  }
  const std::size_t chosen = first ? 0 : draw.below(ties.count());
  d.row = row_at(ties.kth(chosen));
  if (ties.count() > 1) {
    d.runner_up_total = d.total;
    d.runner_up = row_at(ties.kth(chosen == 0 ? 1 : 0));
    return d;
  }
  for (std::size_t k = 0; k < met.size(); ++k) {
    const std::int64_t t = beyond[met_class[k]] + met_local[k];
    if (t < d.runner_up_total || met[k] == d.row) continue;
    if (t > d.runner_up_total || position(met[k]) < position(d.runner_up)) d.runner_up = met[k];
    d.runner_up_total = t;
  }
  return d;
}

Decision CycleRunner::decide_by_rows(SearchState& search, const TieDraw& draw) {
  Decision d;
  auto& totals = scratch_.totals;
  const std::span<const Row> rows = find_feasible(search, d);
  if (rows.empty()) return d;
  total(rows, totals, nullptr);
  const bool first = framework_.profile_.tie == Tie::first;
  if (first) rank_names();
  // The best total, and the best below it.
  std::int64_t second = -1;
  d.total = totals[0];
  for (const std::int64_t t : totals) {
    if (t > d.total) {
      second = d.total;
      d.total = t;
    } else if (t < d.total && t > second) {
      second = t;
    }
  }
  Ties ties(scratch_.bits, snapshot_.rows());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (totals[i] == d.total) ties.set(position(rows[i]));
  }
  const auto row_at = [&](std::size_t at) { return first ? scratch_.row_of_rank[at] : static_cast<Row>(at); };
  const std::size_t k = first ? 0 : draw.below(ties.count());
  d.row = row_at(ties.kth(k));
  if (ties.count() > 1) {
    d.runner_up_total = d.total;
    d.runner_up = row_at(ties.kth(k == 0 ? 1 : 0));
  } else if (rows.size() > 1) {
    d.runner_up_total = second;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (totals[i] != second) continue;
      if (d.runner_up == kNoRow || position(rows[i]) < position(d.runner_up)) d.runner_up = rows[i];
    }
  }
  return d;
}

/// Classes with values are worth their upkeep where a search meets very many nodes.
Decision CycleRunner::schedule_one(SearchState& search, const TieDraw& draw) {
  constexpr std::size_t kMany = 128;
  bring_columns();
  const bool by_value = snapshot_.live_rows() > kMany && !samples();
  if (!bring_classes(by_value)) return decide_by_rows(search, draw);
  return by_value ? decide_by_classes(draw) : decide_by_met_rows(search, draw);
}

Grid CycleRunner::explain() {
  Grid grid;
  bring_columns();
  filter_all(grid.rows, grid.verdicts);
  for (std::size_t i = 0; i < grid.rows.size(); ++i) {
    if (grid.verdicts[i].ok()) grid.feasible.push_back(grid.rows[i]);
  }
  total(grid.feasible, grid.totals, &grid);
  return grid;
}

Grid CycleRunner::score_rows(std::span<const Row> rows) {
  Grid grid;
  bring_columns();
  grid.feasible.assign(rows.begin(), rows.end());
  total(grid.feasible, grid.totals, &grid);
  return grid;
}

}  // namespace plimsoll::kubernetes
