#include "models/kubernetes/scheduler/pod_topology_spread.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "models/kubernetes/scheduler/match.h"
#include "sim/core/math.h"

namespace plimsoll::kubernetes {

namespace {

constexpr std::uint32_t kNoDomain = 0xffffffffu;

/// One constraint with its counts. A row is `eligible` when its domain takes part, and `counted` when its pods do.
struct Counted {
  TopologySpreadConstraint rule;
  bool hostname = false;
  bool self = false;                                // the pod matches its own selector
  std::unordered_map<NameId, std::uint32_t> index;  // domain by label value; looked up only
  std::vector<std::uint32_t> domain;                // by row
  std::vector<std::int32_t> row_pods;               // matching pods by row, terminating ones left out
  std::vector<std::uint8_t> eligible, counted;      // by row
  std::vector<std::int32_t> domain_pods, domain_rows;
  std::vector<std::int32_t> domain_nodes;  // live rows with this value, eligible or not
  std::int32_t shared_domains = 0;         // with more than one of them
  std::vector<std::int32_t> domains_with;  // how many eligible domains hold this many pods
  std::int32_t domains = 0;
  std::int32_t least = 0;           // no eligible domain holds fewer
  std::vector<std::uint32_t> seen;  // by domain: stamp of the last scoring that met it
  std::uint32_t stamp = 0;

  void grow(std::size_t rows) {
    if (domain.size() >= rows) return;
    domain.resize(rows, kNoDomain);
    row_pods.resize(rows, 0);
    eligible.resize(rows, 0);
    counted.resize(rows, 0);
  }
  std::uint32_t domain_of(NameId value) {
    const auto [at, is_new] = index.try_emplace(value, static_cast<std::uint32_t>(domain_pods.size()));
    if (is_new) {
      domain_pods.push_back(0);
      domain_rows.push_back(0);
      domain_nodes.push_back(0);
      seen.push_back(0);
    }
    return at->second;
  }
  void add_node(std::uint32_t d, std::int32_t n) {
    if (d == kNoDomain) return;
    const bool before = domain_nodes[d] > 1;
    domain_nodes[d] += n;
    shared_domains += (domain_nodes[d] > 1 ? 1 : 0) - (before ? 1 : 0);
  }
  void tally(std::int32_t pods, std::int32_t by) {
    const auto at = static_cast<std::size_t>(pods);
    if (at >= domains_with.size()) domains_with.resize(at + 1, 0);
    domains_with[at] += by;
    domains += by;
    if (by > 0 && (domains == 1 || pods < least)) least = pods;
    if (domains == 0) return;
    while (domains_with[static_cast<std::size_t>(least)] == 0) ++least;
  }
  void add_pods(std::uint32_t d, std::int32_t n) {
    if (d == kNoDomain || n == 0) return;
    const bool in = domain_rows[d] > 0;
    const std::int32_t before = domain_pods[d];
    domain_pods[d] += n;
    if (in) {
      // The new place first, so that `domains` never touches zero between the two steps.
      tally(domain_pods[d], 1);
      tally(before, -1);
    }
  }
  void add_row(std::uint32_t d, std::int32_t n) {
    const bool before = domain_rows[d] > 0;
    domain_rows[d] += n;
    const bool after = domain_rows[d] > 0;
    if (before != after) tally(domain_pods[d], after ? 1 : -1);
  }
};

class SpreadState final : public PluginState {
 public:
  std::unique_ptr<PluginState> clone() const override { return std::make_unique<SpreadState>(*this); }

  std::vector<Counted> hard, soft;
  bool soft_needs_all_keys = true;
  std::vector<std::uint8_t> known;      // by shape: `matching` is set
  std::vector<std::uint64_t> matching;  // by shape: bit i for hard[i], then soft

  template <class F>
  void each(F&& f) {
    std::size_t bit = 0;
    for (Counted& c : hard) f(c, bit++, true);
    for (Counted& c : soft) f(c, bit++, false);
  }
};

SpreadState& state_of(const Cycle& cycle) { return static_cast<SpreadState&>(*cycle.state); }

/// The pod's own constraints of one kind, with matchLabelKeys folded into the selector.
void own_constraints(const Cycle& cycle, WhenUnsatisfiable when, std::vector<Counted>& out) {
  const PodShape& pod = cycle.pod;
  for (const TopologySpreadConstraint& c : pod.spread) {
    if (c.when != when) continue;
    Counted counted;
    counted.rule = c;
    for (const NameId key : c.match_label_keys) {
      const NameId value = pod.labels.find(key);
      if (!value.is_none()) counted.rule.selector.requirements.push_back({key, SelectorOp::in, {value}, 0});
    }
    out.push_back(std::move(counted));
  }
}

/// Selectors of every Service that selects the pod, and of its owner, as one; not present when nothing selects it.
LabelSelector default_selector(const Cycle& cycle) {
  LabelSelector merged;
  Labels wanted;
  for (const ServiceSelector& service : cycle.services) {
    if (service.selector.empty() || service.namespace_name != cycle.pod.namespace_name) continue;
    const bool selects = std::all_of(service.selector.begin(), service.selector.end(), [&](const auto& pair) {
      return cycle.pod.labels.find(pair.first) == pair.second;
    });
    if (!selects) continue;
    for (const auto& [key, value] : service.selector) wanted.set(key, value);
  }
  for (const auto& [key, value] : wanted.pairs()) merged.requirements.push_back({key, SelectorOp::in, {value}, 0});
  const auto& owner = cycle.pod.owner_selector.requirements;
  merged.requirements.insert(merged.requirements.end(), owner.begin(), owner.end());
  merged.present = !merged.requirements.empty();
  return merged;
}

bool matches_existing(const Cycle& cycle, const Counted& c, const PodShape& other) {
  if (other.namespace_name != cycle.pod.namespace_name) return false;
  if (c.rule.selector.requirements.empty() && cycle.version != KubernetesVersion::v1_20) return false;
  return matches(c.rule.selector, other.labels, cycle.view.names);
}

std::uint64_t matching_bits(const Cycle& cycle, SpreadState& state, ShapeId other) {
  if (other.index() >= state.known.size()) {
    state.known.resize(cycle.view.shapes.size(), 0);
    state.matching.resize(cycle.view.shapes.size(), 0);
  }
  if (state.known[other.index()] == 0) {
    std::uint64_t bits = 0;
    state.each([&](const Counted& c, std::size_t bit, bool) {
      if (matches_existing(cycle, c, cycle.view.shapes[other])) bits |= std::uint64_t{1} << bit;
    });
    state.matching[other.index()] = bits;
    state.known[other.index()] = 1;
  }
  return state.matching[other.index()];
}

bool has_all_keys(const std::vector<Counted>& constraints, const SnapshotNode& node) {
  return std::all_of(constraints.begin(), constraints.end(),
                     [&](const Counted& c) { return node.labels.has(c.rule.topology_key); });
}

/// The node's own properties changed, or it came or went.
void refresh_row(const Cycle& cycle, SpreadState& state, Row row) {
  const Snapshot& s = cycle.snapshot();
  const bool there = row < s.rows() && s.alive(row);
  const SnapshotNode* node = there ? &s.node(row) : nullptr;
  const bool old = cycle.version == KubernetesVersion::v1_20;
  const bool selected = there && matches_required(cycle.pod, *node, cycle.view.names);
  const bool hard_keys = there && has_all_keys(state.hard, *node);
  const bool soft_keys = there && (!state.soft_needs_all_keys || has_all_keys(state.soft, *node));
  const bool taint_free = there && first_untolerated(node->taints, cycle.pod.tolerations) == nullptr;
  state.each([&](Counted& c, std::size_t, bool hard) {
    c.grow(row + std::size_t{1});
    const std::uint32_t was = c.domain[row];
    if (c.counted[row] != 0) c.add_pods(was, -c.row_pods[row]);
    if (c.eligible[row] != 0) c.add_row(was, -1);
    const NameId value = there ? node->labels.find(c.rule.topology_key) : NameId{};
    const std::uint32_t now = value.is_none() ? kNoDomain : c.domain_of(value);
    c.add_node(was, -1);
    c.add_node(now, 1);
    c.domain[row] = now;
    bool takes_part = now != kNoDomain && (hard ? hard_keys : soft_keys);
    if (old) {
      takes_part = takes_part && selected;
    } else {
      takes_part = takes_part && (c.rule.node_affinity_policy == InclusionPolicy::ignore || selected) &&
                   (c.rule.node_taints_policy == InclusionPolicy::ignore || taint_free);
    }
    c.eligible[row] = takes_part ? 1 : 0;
    c.counted[row] = takes_part || (old && hard && now != kNoDomain) ? 1 : 0;
    if (c.eligible[row] != 0) c.add_row(now, 1);
    if (c.counted[row] != 0) c.add_pods(now, c.row_pods[row]);
  });
}

void change_pods(const Cycle& cycle, SpreadState& state, Row row, ShapeId shape, std::int32_t by) {
  const std::uint64_t bits = matching_bits(cycle, state, shape);
  if (bits == 0 || by == 0) return;
  state.each([&](Counted& c, std::size_t bit, bool) {
    if ((bits >> bit & 1u) == 0) return;
    c.grow(row + std::size_t{1});
    c.row_pods[row] += by;
    if (c.counted[row] != 0) c.add_pods(c.domain[row], by);
  });
}

bool is_ignored(const SpreadState& state, Row row) {
  return state.soft_needs_all_keys && std::any_of(state.soft.begin(), state.soft.end(),
                                                  [&](const Counted& c) { return c.domain[row] == kNoDomain; });
}

}  // namespace

std::unique_ptr<PluginState> PodTopologySpread::make_state() const { return std::make_unique<SpreadState>(); }

void PodTopologySpread::rebuild(const Cycle& cycle, PluginState& plugin_state) const {
  SpreadState& state = static_cast<SpreadState&>(plugin_state);
  state = SpreadState{};
  if (!cycle.pod.spread.empty()) {
    own_constraints(cycle, WhenUnsatisfiable::do_not_schedule, state.hard);
    own_constraints(cycle, WhenUnsatisfiable::schedule_anyway, state.soft);
  } else if (system_defaults_ || !defaults_.empty()) {
    const LabelSelector selector = default_selector(cycle);
    if (selector.present && !system_defaults_) {
      for (const TopologySpreadConstraint& rule : defaults_) {
        Counted c;
        c.rule = rule;
        c.rule.selector = selector;
        (rule.when == WhenUnsatisfiable::do_not_schedule ? state.hard : state.soft).push_back(std::move(c));
      }
    } else if (selector.present) {
      for (const auto& [key, skew] : {std::pair{cycle.keys.hostname, 3}, std::pair{cycle.keys.zone, 5}}) {
        Counted c;
        c.rule.max_skew = skew;
        c.rule.topology_key = key;
        c.rule.when = WhenUnsatisfiable::schedule_anyway;
        c.rule.selector = selector;
        state.soft.push_back(std::move(c));
      }
      state.soft_needs_all_keys = cycle.version == KubernetesVersion::v1_20;
    }
  }
  if (state.hard.empty() && state.soft.empty()) return;
  state.each([&](Counted& c, std::size_t, bool) {
    c.hostname = c.rule.topology_key == cycle.keys.hostname;
    c.self = matches(c.rule.selector, cycle.pod.labels, cycle.view.names);
    c.grow(cycle.snapshot().rows());
  });
  for (Row row = 0; row < cycle.snapshot().rows(); ++row) {
    refresh_row(cycle, state, row);
    for (const PodOnNode& pod : cycle.snapshot().pods(row)) {
      if (!pod.terminating) change_pods(cycle, state, row, pod.shape, 1);
    }
  }
}

void PodTopologySpread::update(const Cycle& cycle, PluginState& plugin_state, const RowChange& change) const {
  SpreadState& state = static_cast<SpreadState&>(plugin_state);
  if (state.hard.empty() && state.soft.empty()) return;
  if (change.shape.is_none()) {
    refresh_row(cycle, state, change.row);
  } else {
    change_pods(cycle, state, change.row, change.shape, change.running);
  }
}

bool PodTopologySpread::heeds(const Cycle& cycle, PluginState& plugin_state, ShapeId other) const {
  SpreadState& state = static_cast<SpreadState&>(plugin_state);
  return !(state.hard.empty() && state.soft.empty()) && matching_bits(cycle, state, other) != 0;
}

bool PodTopologySpread::filters(const Cycle& cycle) const { return !state_of(cycle).hard.empty(); }

void PodTopologySpread::filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const {
  const SpreadState& state = state_of(cycle);
  for (const Counted& c : state.hard) {
    std::int64_t least = c.domains == 0 ? std::numeric_limits<std::int32_t>::max() : c.least;
    if (cycle.version != KubernetesVersion::v1_20 && c.domains < c.rule.min_domains.value_or(1)) least = 0;
    const std::int64_t limit = least + c.rule.max_skew - (c.self ? 1 : 0);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!verdicts[i].ok()) continue;
      const std::uint32_t domain = c.domain[rows[i]];
      if (domain == kNoDomain) {
        verdicts[i].fail(Code::unresolvable, id(), Reason::spread_missing_label);
        continue;
      }
      // A domain without an eligible node counts as empty.
      const std::int64_t pods = c.domain_rows[domain] > 0 ? c.domain_pods[domain] : 0;
      if (pods > limit) verdicts[i].fail(Code::unschedulable, id(), Reason::spread_skew);
    }
  }
}

bool PodTopologySpread::scores(const Cycle& cycle) const { return !state_of(cycle).soft.empty(); }

std::int64_t PodTopologySpread::idle_score(const Cycle& cycle) const {
  return cycle.version == KubernetesVersion::current ? 0 : 100;
}

void PodTopologySpread::score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const {
  SpreadState& state = state_of(cycle);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!is_ignored(state, rows[i])) kept += cycle.multiplicity.empty() ? 1 : cycle.multiplicity[i];
  }
  // Sums of doubles in the order of the constraints, per node.
  struct Weighed {
    Counted* counted;
    double weight;
  };
  Weighed weighed[64];
  std::size_t constraints = 0;
  for (Counted& c : state.soft) {
    std::size_t size = kept;
    if (!c.hostname) {
      size = 0;
      bool met_missing = false;
      ++c.stamp;
      for (const Row row : rows) {
        const std::uint32_t domain = c.domain[row];
        if (domain == kNoDomain) {
          met_missing = met_missing || !state.soft_needs_all_keys;
        } else if (c.seen[domain] != c.stamp && !is_ignored(state, row)) {
          c.seen[domain] = c.stamp;
          ++size;
        }
      }
      size += met_missing ? 1 : 0;
    }
    weighed[constraints++] = {&c, math::log(static_cast<double>(size + 2))};
  }
  const bool truncates = cycle.version == KubernetesVersion::v1_20;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    if (is_ignored(state, row)) {
      scores[i] = 0;
      continue;
    }
    double sum = 0;
    for (std::size_t k = 0; k < constraints; ++k) {
      const Counted& c = *weighed[k].counted;
      if (c.domain[row] == kNoDomain) continue;
      const std::int32_t pods = c.hostname ? c.row_pods[row] : c.domain_pods[c.domain[row]];
      sum += static_cast<double>(pods) * weighed[k].weight + static_cast<double>(c.rule.max_skew - 1);
    }
    scores[i] = static_cast<std::int64_t>(truncates ? sum : std::round(sum));
  }
}

void PodTopologySpread::normalize(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const {
  const SpreadState& state = state_of(cycle);
  std::int64_t least = std::numeric_limits<std::int64_t>::max(), most = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (is_ignored(state, rows[i])) continue;
    least = std::min(least, scores[i]);
    most = std::max(most, scores[i]);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (is_ignored(state, rows[i])) {
      scores[i] = 0;
    } else {
      scores[i] = most == 0 ? 100 : 100 * (most + least - scores[i]) / most;
    }
  }
}

bool PodTopologySpread::classifies(const Cycle& cycle) const {
  const SpreadState& state = state_of(cycle);
  return std::all_of(state.hard.begin(), state.hard.end(),
                     [](const Counted& c) { return !c.hostname || c.shared_domains == 0; });
}

/// Rows of one zone are alike; hosts, a domain each, are alike when they hold as many pods.
void PodTopologySpread::classify(const Cycle& cycle, Row row, RowClass& out) const {
  const SpreadState& state = state_of(cycle);
  for (const Counted& c : state.hard) {
    const std::uint32_t domain = c.domain[row];
    if (domain == kNoDomain) {
      out.add(-1);
    } else {
      out.add(!c.hostname ? std::int64_t{domain} : c.domain_rows[domain] > 0 ? c.domain_pods[domain] : 0);
    }
  }
  for (const Counted& c : state.soft) {
    const std::uint32_t domain = c.domain[row];
    if (domain == kNoDomain) {
      out.add(-1);
    } else {
      out.add(c.hostname ? c.row_pods[row] : std::int64_t{domain});
    }
  }
}

}  // namespace plimsoll::kubernetes
