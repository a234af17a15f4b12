#include "models/kubernetes/scheduler/inter_pod_affinity.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "models/kubernetes/scheduler/match.h"

namespace plimsoll::kubernetes {

namespace {

constexpr std::uint32_t kNoDomain = 0xffffffffu;

/// Which domain of one topology key a row lies in.
struct Column {
  NameId key;
  std::unordered_map<NameId, std::uint32_t> index;  // looked up only
  std::vector<std::uint32_t> domain;                // by row
  bool hostname = false;
  std::vector<std::uint8_t> counted;  // by row: it is alive, and in `nodes`
  std::vector<std::int32_t> nodes;    // by domain: live rows
  std::int32_t shared = 0;            // domains of more than one live row

  void count(Row row, std::int32_t n) {
    const std::uint32_t d = domain[row];
    if (d == kNoDomain) return;
    if (nodes.size() <= d) nodes.resize(d + std::size_t{1}, 0);
    const bool before = nodes[d] > 1;
    nodes[d] += n;
    shared += (nodes[d] > 1 ? 1 : 0) - (before ? 1 : 0);
  }
};

enum class Kind : std::uint8_t { own_required, own_anti, existing_anti, score };

/// A sum per domain of what the pods there bring.
struct Counter {
  Kind kind = Kind::score;
  std::size_t column = 0;
  std::vector<std::int64_t> by_domain;
  std::int64_t pods = 0;  // how many pods on labelled nodes take part
};

struct Effect {
  std::size_t counter = 0;
  std::int64_t amount = 0;
};

class AffinityState final : public PluginState {
 public:
  std::unique_ptr<PluginState> clone() const override { return std::make_unique<AffinityState>(*this); }

  std::vector<Column> columns;
  std::vector<Counter> counters;
  std::size_t required = 0, anti = 0;  // counters[0, required) and the `anti` after them, in the order of the terms
  bool fits_itself = false;            // the pod matches all its own required terms
  std::vector<std::uint8_t> known;     // by shape
  std::vector<std::vector<Effect>> effects;

  std::int64_t score_pods = 0, existing_anti_pods = 0, required_pods = 0;
};

AffinityState& state_of(const Cycle& cycle) { return static_cast<AffinityState&>(*cycle.state); }

/// Labels of a row are fixed while it lives, and a dead row keeps them, so that the pods it loses later in the same
/// series of changes are taken from where they were counted.
void place_row(const Snapshot& s, Column& column, Row row, bool labels_too) {
  if (column.domain.size() <= row) {
    column.domain.resize(row + std::size_t{1}, kNoDomain);
    column.counted.resize(row + std::size_t{1}, 0);
  }
  if (column.counted[row] != 0) column.count(row, -1);
  if (labels_too) {
    const NameId value = row < s.rows() ? s.node(row).labels.find(column.key) : NameId{};
    column.domain[row] =
        value.is_none()
            ? kNoDomain
            : column.index.try_emplace(value, static_cast<std::uint32_t>(column.index.size())).first->second;
  }
  column.counted[row] = row < s.rows() && s.alive(row) ? 1 : 0;
  if (column.counted[row] != 0) column.count(row, 1);
}

std::size_t column_of(const Cycle& cycle, AffinityState& state, NameId key) {
  for (std::size_t i = 0; i < state.columns.size(); ++i) {
    if (state.columns[i].key == key) return i;
  }
  Column column;
  column.key = key;
  column.hostname = key == cycle.keys.hostname;
  for (Row row = 0; row < cycle.snapshot().rows(); ++row) place_row(cycle.snapshot(), column, row, true);
  state.columns.push_back(std::move(column));
  return state.columns.size() - 1;
}

std::size_t shared_counter(const Cycle& cycle, AffinityState& state, Kind kind, NameId key) {
  const std::size_t column = column_of(cycle, state, key);
  for (std::size_t i = 0; i < state.counters.size(); ++i) {
    if (state.counters[i].kind == kind && state.counters[i].column == column) return i;
  }
  state.counters.push_back({.kind = kind, .column = column, .by_domain = {}});
  return state.counters.size() - 1;
}

/// What one existing pod of shape `other` means to the incoming pod.
std::vector<Effect> effects_of(const Cycle& cycle, AffinityState& state, const PodShape& other,
                               std::int64_t hard_weight, bool own_preferences_only) {
  const PodShape& pod = cycle.pod;
  const Names& names = cycle.view.names;
  std::vector<Effect> out;
  const bool matches_all = std::all_of(pod.pod_required.begin(), pod.pod_required.end(),
                                       [&](const PodAffinityTerm& t) { return matches(t, pod, other, names); });
  if (matches_all) {
    for (std::size_t i = 0; i < state.required; ++i) out.push_back({i, 1});
  }
  for (std::size_t i = 0; i < pod.anti_required.size(); ++i) {
    if (matches(pod.anti_required[i], pod, other, names)) out.push_back({state.required + i, 1});
  }
  for (const PodAffinityTerm& term : other.anti_required) {
    if (matches(term, other, pod, names)) {
      out.push_back({shared_counter(cycle, state, Kind::existing_anti, term.topology_key), 1});
    }
  }
  const auto weigh = [&](const PodAffinityTerm& term, const PodShape& owner, const PodShape& target,
                         std::int64_t weight) {
    if (matches(term, owner, target, names)) {
      out.push_back({shared_counter(cycle, state, Kind::score, term.topology_key), weight});
    }
  };
  for (const WeightedPodAffinityTerm& t : pod.pod_preferred) weigh(t.term, pod, other, t.weight);
  for (const WeightedPodAffinityTerm& t : pod.anti_preferred) weigh(t.term, pod, other, -t.weight);
  if (hard_weight > 0) {
    for (const PodAffinityTerm& t : other.pod_required) weigh(t, other, pod, hard_weight);
  }
  if (own_preferences_only) return out;
  for (const WeightedPodAffinityTerm& t : other.pod_preferred) weigh(t.term, other, pod, t.weight);
  for (const WeightedPodAffinityTerm& t : other.anti_preferred) weigh(t.term, other, pod, -t.weight);
  return out;
}

const std::vector<Effect>& known_effects(const Cycle& cycle, AffinityState& state, ShapeId shape,
                                         std::int64_t hard_weight, bool own_preferences_only) {
  if (shape.index() >= state.known.size()) {
    state.known.resize(cycle.view.shapes.size(), 0);
    state.effects.resize(cycle.view.shapes.size());
  }
  if (state.known[shape.index()] == 0) {
    state.known[shape.index()] = 1;
    // Computed apart: it may add counters.
    state.effects[shape.index()] =
        effects_of(cycle, state, cycle.view.shapes[shape], hard_weight, own_preferences_only);
  }
  return state.effects[shape.index()];
}

void change_pods(const Cycle& cycle, AffinityState& state, Row row, ShapeId shape, std::int64_t by,
                 std::int64_t hard_weight, bool own_preferences_only) {
  if (by == 0) return;
  for (const Effect& effect : known_effects(cycle, state, shape, hard_weight, own_preferences_only)) {
    Counter& counter = state.counters[effect.counter];
    const Column& column = state.columns[counter.column];
    const std::uint32_t domain = row < column.domain.size() ? column.domain[row] : kNoDomain;
    if (domain == kNoDomain) continue;
    if (counter.by_domain.size() <= domain) counter.by_domain.resize(domain + std::size_t{1}, 0);
    counter.by_domain[domain] += by * effect.amount;
    counter.pods += by;
    if (counter.kind == Kind::score) state.score_pods += by;
    if (counter.kind == Kind::existing_anti) state.existing_anti_pods += by;
    if (counter.kind == Kind::own_required) state.required_pods += by;
  }
}

std::int64_t value_at(const AffinityState& state, const Counter& counter, Row row) {
  const std::uint32_t domain = state.columns[counter.column].domain[row];
  return domain == kNoDomain || domain >= counter.by_domain.size() ? 0 : counter.by_domain[domain];
}

}  // namespace

std::unique_ptr<PluginState> InterPodAffinity::make_state() const { return std::make_unique<AffinityState>(); }

void InterPodAffinity::rebuild(const Cycle& cycle, PluginState& plugin_state) const {
  AffinityState& state = static_cast<AffinityState&>(plugin_state);
  state = AffinityState{};
  const PodShape& pod = cycle.pod;
  state.required = pod.pod_required.size();
  state.anti = pod.anti_required.size();
  for (const PodAffinityTerm& t : pod.pod_required) {
    state.counters.push_back(
        {.kind = Kind::own_required, .column = column_of(cycle, state, t.topology_key), .by_domain = {}});
  }
  for (const PodAffinityTerm& t : pod.anti_required) {
    state.counters.push_back(
        {.kind = Kind::own_anti, .column = column_of(cycle, state, t.topology_key), .by_domain = {}});
  }
  state.fits_itself = std::all_of(pod.pod_required.begin(), pod.pod_required.end(),
                                  [&](const PodAffinityTerm& t) { return matches(t, pod, pod, cycle.view.names); });
  for (Row row = 0; row < cycle.snapshot().rows(); ++row) {
    for (const PodOnNode& there : cycle.snapshot().pods(row)) {
      change_pods(cycle, state, row, there.shape, 1, hard_weight_, own_preferences_only_);
    }
  }
}

void InterPodAffinity::update(const Cycle& cycle, PluginState& plugin_state, const RowChange& change) const {
  AffinityState& state = static_cast<AffinityState&>(plugin_state);
  if (change.shape.is_none()) {
    for (Column& column : state.columns) place_row(cycle.snapshot(), column, change.row, change.appeared);
  } else {
    change_pods(cycle, state, change.row, change.shape, change.pods, hard_weight_, own_preferences_only_);
  }
}

bool InterPodAffinity::heeds(const Cycle& cycle, PluginState& plugin_state, ShapeId other) const {
  AffinityState& state = static_cast<AffinityState&>(plugin_state);
  return !known_effects(cycle, state, other, hard_weight_, own_preferences_only_).empty();
}

bool InterPodAffinity::filters(const Cycle& cycle) const {
  const AffinityState& state = state_of(cycle);
  return state.required > 0 || state.anti > 0 || state.existing_anti_pods > 0;
}

void InterPodAffinity::filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const {
  const AffinityState& state = state_of(cycle);
  const bool first_of_its_kind = state.required_pods == 0 && state.fits_itself;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!verdicts[i].ok()) continue;
    const Row row = rows[i];
    bool labelled = true, together = true;
    for (std::size_t k = 0; k < state.required; ++k) {
      const Counter& counter = state.counters[k];
      labelled = labelled && state.columns[counter.column].domain[row] != kNoDomain;
      together = together && value_at(state, counter, row) > 0;
    }
    if (!labelled || (!together && !first_of_its_kind)) {
      verdicts[i].fail(Code::unresolvable, id(), Reason::pod_affinity);
      continue;
    }
    const auto blocked = [&](Kind kind) {
      return std::any_of(state.counters.begin(), state.counters.end(), [&](const Counter& counter) {
        return counter.kind == kind && counter.pods > 0 && value_at(state, counter, row) > 0;
      });
    };
    if (state.anti > 0 && blocked(Kind::own_anti)) {
      verdicts[i].fail(Code::unschedulable, id(), Reason::pod_anti_affinity);
    } else if (state.existing_anti_pods > 0 && blocked(Kind::existing_anti)) {
      verdicts[i].fail(Code::unschedulable, id(), Reason::existing_anti_affinity);
    }
  }
}

bool InterPodAffinity::scores(const Cycle& cycle) const { return state_of(cycle).score_pods > 0; }

void InterPodAffinity::score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const {
  const AffinityState& state = state_of(cycle);
  std::fill(scores.begin(), scores.end(), 0);
  for (const Counter& counter : state.counters) {
    if (counter.kind != Kind::score || counter.pods == 0) continue;
    for (std::size_t i = 0; i < rows.size(); ++i) scores[i] += value_at(state, counter, rows[i]);
  }
}

void InterPodAffinity::normalize(const Cycle& cycle, std::span<const Row>, std::span<std::int64_t> scores) const {
  const bool anchored = cycle.version == KubernetesVersion::v1_20;
  std::int64_t least = anchored ? 0 : std::numeric_limits<std::int64_t>::max();
  std::int64_t most = anchored ? 0 : std::numeric_limits<std::int64_t>::min();
  for (const std::int64_t s : scores) {
    least = std::min(least, s);
    most = std::max(most, s);
  }
  if (most <= least) {
    std::fill(scores.begin(), scores.end(), 0);
    return;
  }
  std::int64_t last = least, answer = 0;
  for (std::int64_t& s : scores) {
    if (s != last) {
      last = s;
      answer = static_cast<std::int64_t>(100.0 * (static_cast<double>(s - least) / static_cast<double>(most - least)));
    }
    s = answer;
  }
}

bool InterPodAffinity::classifies(const Cycle& cycle) const {
  const AffinityState& state = state_of(cycle);
  return std::all_of(state.columns.begin(), state.columns.end(),
                     [](const Column& c) { return !c.hostname || c.shared == 0; });
}

/// Rows of one domain are alike under its key; hosts, a domain each, are alike when their counts say the same.
void InterPodAffinity::classify(const Cycle& cycle, Row row, RowClass& out) const {
  const AffinityState& state = state_of(cycle);
  for (const Column& column : state.columns) {
    if (!column.hostname) out.add(column.domain[row] == kNoDomain ? -1 : std::int64_t{column.domain[row]});
  }
  std::int64_t verdicts = 0, sum = 0;
  int used = 0;
  const auto tell = [&](bool bit) {
    verdicts |= std::int64_t{bit ? 1 : 0} << used;
    if (++used < 60) return;
    out.add(verdicts);
    verdicts = used = 0;
  };
  for (const Counter& counter : state.counters) {
    const Column& column = state.columns[counter.column];
    if (!column.hostname) continue;
    const std::int64_t value = value_at(state, counter, row);
    if (counter.kind == Kind::score) {
      sum += value;
      continue;
    }
    if (counter.kind == Kind::own_required) tell(column.domain[row] != kNoDomain);
    tell(value > 0);
  }
  out.add(verdicts);
  out.add(sum);
}

std::uint64_t InterPodAffinity::class_version(const Cycle& cycle) const { return state_of(cycle).counters.size(); }

}  // namespace plimsoll::kubernetes
