#include <algorithm>
#include <bit>

#include "models/kubernetes/scheduler/cycle_runner.h"
#include "models/kubernetes/scheduler/num_feasible_nodes.h"

/// The scoring half of CycleRunner: totals, classes of rows, and who wins.
namespace plimsoll::kubernetes {

/// The positions of the nodes that a search has met, as bits; clean again at the end.
class CycleRunner::Window {
 public:
  /// @pre `bits` is all zero.
  Window(std::vector<std::uint64_t>& bits, std::size_t positions) : bits_(bits), low_(positions / 64) {
    if (bits.size() < positions / 64) bits.resize(positions / 64, 0);
  }
  ~Window() {
    if (low_ < high_) std::fill(bits_.begin() + begin(), bits_.begin() + static_cast<std::ptrdiff_t>(high_), 0);
  }
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  void set(std::size_t position) {
    const std::size_t word = position / 64;
    bits_[word] |= std::uint64_t{1} << (position % 64);
    low_ = std::min(low_, word);
    high_ = std::max(high_, word + 1);
  }
  /// How many of these were met.
  std::size_t count(std::span<const std::uint64_t> members) const {
    std::size_t sum = 0;
    for (std::size_t word = low_; word < high_; ++word) {
      const std::uint64_t both = bits_[word] & members[word];
      if (both != 0) sum += static_cast<std::size_t>(std::popcount(both));
    }
    return sum;
  }
  /// The k-th lowest position (from 0) that was met of several buckets together. @pre k < sum of their counts.
  std::size_t kth(const RowClasses& classes, std::span<const std::uint32_t> buckets, std::size_t k) const {
    for (std::size_t word = low_;; ++word) {
      std::uint64_t members = 0;
      for (const std::uint32_t bucket : buckets) members |= classes.bits(bucket)[word];
      members &= bits_[word];
      const auto here = static_cast<std::size_t>(std::popcount(members));
      if (k < here) {
        for (; k > 0; --k) members &= members - 1;
        return word * 64 + static_cast<std::size_t>(std::countr_zero(members));
      }
      k -= here;
    }
  }

 private:
  std::ptrdiff_t begin() const { return static_cast<std::ptrdiff_t>(low_); }

  std::vector<std::uint64_t>& bits_;
  std::size_t low_, high_ = 0;  // words between them have bits
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

std::size_t CycleRunner::position(Row row) const {
  return framework_.profile_.tie == Tie::first ? scratch_.name_rank[row] : row;
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
  cache_->classes_built = false;
  for (const Row row : live_rows()) set_local(row);
}

// ---- classes ---------------------------------------------------------------------------------------------------

/// Which plugins take part in the classes, and under which meaning; 0: rows cannot be classified.
std::uint64_t CycleRunner::class_meaning() const {
  std::uint64_t meaning = 1;
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
  const bool first = framework_.profile_.tie == Tie::first;
  if (first ? cache_->class_names != snapshot_.membership_version() : row >= cache_->classes.positions()) {
    cache_->classes_built = false;
    return;
  }
  // A level that was rolled back may have left the ranks of another set of nodes.
  if (first) rank_names();
  if (!cache_->verdict[row].ok()) {
    cache_->classes.remove(position(row));
    return;
  }
  RowClass key;
  for (std::size_t i = 0; i < framework_.scorers_.size(); ++i) {
    const Plugin& plugin = *framework_.scorers_[i].plugin;
    if (plugin.scope() == Scope::node && !plugin.is_absolute() && plugin.scores(cycle_)) key.add(cache_->raw[i][row]);
  }
  for (const auto& plugin : framework_.cluster_) {
    const Cycle cycle = cycle_for(*plugin);
    if (plugin->filters(cycle) || plugin->scores(cycle)) plugin->classify(cycle, row, key);
  }
  if (key.overflow() || !cache_->classes.put(position(row), key, cache_->local[row])) {
    cache_->classes_built = false;
    cache_->too_many = 1'000;
  }
}

void CycleRunner::drop_position(Row row) {
  if (!cache_->classes_built) return;
  if (framework_.profile_.tie == Tie::first) {
    cache_->classes_built = false;
  } else if (row < cache_->classes.positions()) {
    cache_->classes.remove(row);
  }
}

/// Whether the classes are there to decide by.
bool CycleRunner::bring_classes() {
  if (path_ == Path::plain) return false;
  if (cache_->too_many > 0) {
    --cache_->too_many;
    return false;
  }
  const std::uint64_t meaning = class_meaning();
  if (meaning == 0) return false;
  bring_local();
  const bool first = framework_.profile_.tie == Tie::first;
  if (first) rank_names();
  if (cache_->classes_built && cache_->class_meaning == meaning &&
      (!first || cache_->class_names == snapshot_.membership_version())) {
    return true;
  }
  cache_->class_names = snapshot_.membership_version();
  cache_->class_meaning = meaning;
  cache_->classes_built = true;
  // Room for a quarter more nodes, so that a growing cluster is not classified anew with each.
  cache_->classes.reset(snapshot_.rows() + snapshot_.rows() / 4 + 64);
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
  const bool first = framework_.profile_.tie == Tie::first;
  const RowClasses& classes = cache_->classes;
  auto& rows = scratch_.class_rows;
  rows.clear();
  scratch_.class_ids.assign(classes.active().begin(), classes.active().end());
  for (const std::uint32_t id : scratch_.class_ids) {
    const std::size_t at = classes.first(classes.buckets(id).front());
    rows.push_back(first ? scratch_.row_of_rank[at] : static_cast<Row>(at));
  }
  scratch_.class_verdicts.assign(rows.size(), Verdict{});
  if (has_cluster_filter()) filter_cluster(rows, scratch_.class_verdicts);
}

Decision CycleRunner::decide_by_classes(const TieDraw& draw) {
  filter_classes();
  return decide_by_filtered_classes(draw);
}

/// @pre filter_classes() came before.
Decision CycleRunner::decide_by_filtered_classes(const TieDraw& draw) {
  Decision d;
  d.looked_at = static_cast<std::uint32_t>(snapshot_.live_rows());
  d.failed = cache_->failed;
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

/// The first of the buckets, by falling value, that has a position in the window; how many it has there in `count`.
/// kNone when none has.
std::uint32_t CycleRunner::best_bucket(std::span<const std::uint32_t> buckets, const Window& window,
                                       std::size_t& count) const {
  for (const std::uint32_t bucket : buckets) {
    count = window.count(cache_->classes.bits(bucket));
    if (count > 0) return bucket;
  }
  return RowClasses::kNone;
}

/// One cycle on a sample of the nodes: filters of cluster scope and scores are asked once a class, and the nodes that
/// were met are bits by position, so that those of a class and of a score are found by laying bits over each other.
Decision CycleRunner::sample_by_classes(SearchState& search, const TieDraw& draw) {
  Decision d;
  const bool first = framework_.profile_.tie == Tie::first;
  const RowClasses& classes = cache_->classes;
  filter_classes();
  auto& rows = scratch_.class_rows;
  auto& ids = scratch_.class_ids;
  const auto& verdicts = scratch_.class_verdicts;
  const std::size_t nodes = snapshot_.live_rows();
  const auto wanted = static_cast<std::size_t>(
      num_feasible_nodes(static_cast<std::int64_t>(nodes), framework_.profile_.percentage_of_nodes_to_score));
  bool all_pass = true;
  std::size_t passing = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (verdicts[i].ok()) passing += classes.count(ids[i]);
    all_pass = all_pass && verdicts[i].ok();
  }
  if (passing < wanted) {  // the search meets every node and ends where it began
    search.next_start %= nodes;
    return decide_by_filtered_classes(draw);
  }
  auto& place = scratch_.class_place;
  if (!all_pass) {
    place.assign(classes.ids(), 0);
    for (std::size_t i = 0; i < ids.size(); ++i) place[ids[i]] = static_cast<std::uint32_t>(i);
  }
  const std::span<const Row> order = visiting_order();
  Window window(scratch_.bits, classes.positions());
  const std::size_t start = search.next_start % nodes;
  std::size_t looked = 0, at = start, found = 0;
  std::uint32_t run_reasons = 0, run = 0;
  const auto flush = [&] {
    for (std::uint32_t bits = run_reasons; bits != 0; bits &= bits - 1) {
      d.failed[static_cast<std::size_t>(std::countr_zero(bits))] += run;
    }
    run = 0;
  };
  const auto tell = [&](std::uint32_t reasons) {
    if (reasons != run_reasons) {
      flush();
      run_reasons = reasons;
    }
    ++run;
  };
  for (; looked < nodes && found < wanted; ++looked) {
    const Row row = order[at];
    if (++at == nodes) at = 0;
    const std::size_t where = first ? scratch_.name_rank[row] : row;
    const std::uint32_t id = classes.class_at(where);
    if (id == RowClasses::kNone) {
      tell(cache_->verdict[row].reasons);
      continue;
    }
    if (!all_pass && !verdicts[place[id]].ok()) {
      tell(verdicts[place[id]].reasons);
      continue;
    }
    window.set(where);
    ++found;
  }
  flush();
  search.next_start = (start + looked) % nodes;
  d.looked_at = static_cast<std::uint32_t>(looked);
  d.feasible = static_cast<std::uint32_t>(found);
  if (found == 0) return d;

  // Only classes that were met take part in the scores.
  auto& met = scratch_.class_counts;
  met.clear();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::size_t count = verdicts[i].ok() ? window.count(classes.members(ids[i])) : 0;
    if (count == 0) continue;
    rows[kept] = rows[i];
    ids[kept++] = ids[i];
    met.push_back(static_cast<std::uint32_t>(count));
  }
  rows.resize(kept);
  ids.resize(kept);
  auto& totals = scratch_.class_totals;
  cycle_.multiplicity = met;
  total(rows, totals, nullptr);
  cycle_.multiplicity = {};

  // The best score of each class among those met; then its holders in all classes, of which one is drawn.
  auto& best = scratch_.places;
  auto& tied = scratch_.tied;
  best.clear();
  std::size_t holders = 0, winner = 0;
  for (std::size_t i = 0; i < kept; ++i) {
    std::size_t count = 0;
    best.push_back(best_bucket(classes.buckets(ids[i]), window, count));
    totals[i] += classes.value(best[i]) - cache_->local[rows[i]];
    if (i > 0 && totals[i] < d.total) continue;
    if (i == 0 || totals[i] > d.total) {
      d.total = totals[i];
      holders = 0;
      tied.clear();
    }
    tied.push_back(best[i]);
    holders += count;
    winner = i;
  }
  const auto kth = [&](std::size_t k) {
    const std::size_t chosen = window.kth(classes, tied, k);
    return first ? scratch_.row_of_rank[chosen] : static_cast<Row>(chosen);
  };
  const std::size_t k = first ? 0 : draw.below(holders);
  d.row = kth(k);
  if (found == 1) return d;
  if (holders > 1) {
    d.runner_up_total = d.total;
    d.runner_up = kth(k == 0 ? 1 : 0);
    return d;
  }
  // The winner stands alone: the best of the other classes, or the next score of its own.
  const auto buckets = classes.buckets(ids[winner]);
  const auto rest = buckets.subspan(
      static_cast<std::size_t>(std::find(buckets.begin(), buckets.end(), best[winner]) - buckets.begin()) + 1);
  const std::int64_t base = d.total - classes.value(best[winner]);
  std::size_t count = 0;
  best[winner] = best_bucket(rest, window, count);
  totals[winner] = best[winner] == RowClasses::kNone ? -1 : base + classes.value(best[winner]);
  d.runner_up_total = std::max<std::int64_t>(-1, *std::max_element(totals.begin(), totals.end()));
  tied.clear();
  for (std::size_t i = 0; i < kept; ++i) {
    if (totals[i] == d.runner_up_total && best[i] != RowClasses::kNone) tied.push_back(best[i]);
  }
  if (!tied.empty()) d.runner_up = kth(0);
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
  // Holders as bits in the order of ties, so that the k-th is found by counting.
  auto& bits = scratch_.bits;
  const std::size_t words = (snapshot_.rows() + 63) / 64;
  if (bits.size() < words) bits.resize(words, 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (totals[i] != d.total) continue;
    const std::size_t at = position(rows[i]);
    bits[at / 64] |= std::uint64_t{1} << (at % 64);
  }
  const auto kth = [&](std::size_t k) {
    for (std::size_t word = 0;; ++word) {
      const auto here = static_cast<std::size_t>(std::popcount(bits[word]));
      if (k >= here) {
        k -= here;
        continue;
      }
      std::uint64_t left = bits[word];
      for (; k > 0; --k) left &= left - 1;
      const std::size_t at = word * 64 + static_cast<std::size_t>(std::countr_zero(left));
      return first ? scratch_.row_of_rank[at] : static_cast<Row>(at);
    }
  };
  const std::size_t k = first ? 0 : draw.below(holders);
  d.row = kth(k);
  if (holders > 1) {
    d.runner_up_total = d.total;
    d.runner_up = kth(k == 0 ? 1 : 0);
  } else if (rows.size() > 1) {
    d.runner_up_total = second;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (totals[i] != second) continue;
      if (d.runner_up == kNoRow || position(rows[i]) < position(d.runner_up)) d.runner_up = rows[i];
    }
  }
  std::fill(bits.begin(), bits.begin() + static_cast<std::ptrdiff_t>(words), 0);
  return d;
}

Decision CycleRunner::schedule_one(SearchState& search, const TieDraw& draw) {
  bring_columns();
  if (!bring_classes()) return decide_by_rows(search, draw);
  return samples() ? sample_by_classes(search, draw) : decide_by_classes(draw);
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
