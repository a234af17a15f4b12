#include "models/eks/cluster_autoscaler/estimator.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "sim/core/hash.h"

namespace plimsoll::eks::ca {

namespace {

/// The new nodes of one estimation.
class Packing {
 public:
  Packing(const Simulation& sim, const NodeGroup& group, const PackingParams& params)
      : sim_(sim), group_(group), params_(params), state_(params.seed) {}

  Duration spent() const { return Duration{params_.check_cost.count() * static_cast<std::int64_t>(checks_)}; }

  std::size_t nodes_with_pods() const {
    return static_cast<std::size_t>(std::count(used_.begin(), used_.end(), std::uint8_t{1}));
  }
  bool last_is_empty() const { return !rows_.empty() && used_.back() == 0; }
  bool any() const { return !rows_.empty(); }

  void begin_shape(ShapeId shape) {
    shape_ = shape;
    lasting_ = refusals_last(sim_.shapes[shape]);
    refused_.assign(rows_.size(), 0);
    refused_count_ = 0;
  }

  /// On any new node, going round from the last success; `skip_last` leaves the newest one out.
  bool place_anywhere(PodId pod, bool skip_last = false) {
    const std::size_t count = rows_.size();
    if (lasting_ && refused_count_ == count) {
      checks_ += count;  // the real search goes round all the same
      return false;
    }
    if (params_.order == NodeOrder::shuffled) shuffle();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t place = (next_ + i) % count;
      const std::size_t at = ring_[place];
      if (skip_last && at + 1 == count) continue;
      ++checks_;
      if (!try_at(at, pod)) continue;
      next_ = (place + 1) % count;
      return true;
    }
    return false;
  }
  bool place_on_last(PodId pod) {
    if (rows_.empty()) return false;
    ++checks_;
    return try_at(rows_.size() - 1, pod);
  }

  void add_node() {
    const std::size_t at = rows_.size();
    rows_.push_back(add_template_node(sim_, group_, params_.first_name + at));
    ring_.push_back(at);
    used_.push_back(0);
    refused_.push_back(0);
  }

  /// Whether the newest node fails for a hostname spread alone.
  bool last_fails_by_hostname_spread() const {
    if (rows_.empty()) return false;
    const auto& spread = sim_.shapes[shape_].spread;
    const NameId hostname = sim_.framework.keys().hostname;
    const bool by_host = std::any_of(spread.begin(), spread.end(), [&](const TopologySpreadConstraint& c) {
      return c.when == WhenUnsatisfiable::do_not_schedule && c.topology_key == hostname;
    });
    return by_host && sim_.verdict(shape_, rows_.back()).plugin == kubernetes::PluginId::pod_topology_spread;
  }

 private:
  /// Fisher and Yates.
  void shuffle() {
    for (std::size_t left = ring_.size(); left > 1; --left) {
      state_ += 0x9e3779b97f4a7c15ull;
      std::swap(ring_[left - 1], ring_[mix64(state_) % left]);
    }
  }

  bool try_at(std::size_t at, PodId pod) {
    if (lasting_ && refused_[at] != 0) return false;
    if (!sim_.fits(shape_, rows_[at])) {
      if (lasting_) {
        refused_[at] = 1;
        ++refused_count_;
      }
      return false;
    }
    sim_.place(rows_[at], pod, shape_);
    used_[at] = 1;
    return true;
  }

  const Simulation& sim_;
  const NodeGroup& group_;
  const PackingParams& params_;
  std::size_t checks_ = 0;
  std::uint64_t state_;            // of the shuffles
  std::vector<std::size_t> ring_;  // search order: indices into rows_
  std::vector<Row> rows_;
  std::vector<std::uint8_t> used_;
  std::vector<std::uint8_t> refused_;  // of the present shape
  std::size_t refused_count_ = 0;
  std::size_t next_ = 0;
  ShapeId shape_;
  bool lasting_ = false;
};

double score(const PodShape& shape, const ResourceVector& allocatable) {
  double s = 0;
  for (const Resource r : {Resource::cpu, Resource::memory}) {
    if (allocatable[r] > 0) s += static_cast<double>(shape.requests[r]) / static_cast<double>(allocatable[r]);
  }
  return s;
}

/// False when the limiter ended the packing.
bool pack_pod_by_pod(Packing& packing, const PodGroup& group, Limiter& limiter, std::size_t& placed) {
  for (const PodId pod : group.pods) {
    if (packing.place_anywhere(pod)) {
      ++placed;
      continue;
    }
    if (!limiter.permission_to_add_node(packing.spent())) return false;
    if (packing.last_is_empty()) continue;
    packing.add_node();
    if (packing.place_on_last(pod)) ++placed;
  }
  return true;
}

void pack_group(Packing& packing, const PodGroup& group, Limiter& limiter, bool spread_rule, bool& may_add,
                std::size_t& placed) {
  std::size_t i = 0;
  while (i < group.pods.size() && packing.place_anywhere(group.pods[i])) ++i;
  for (; i < group.pods.size(); ++i) {
    if (packing.place_on_last(group.pods[i])) continue;
    if (spread_rule && packing.last_fails_by_hostname_spread() && packing.place_anywhere(group.pods[i], true)) continue;
    if (packing.last_is_empty() || !may_add) break;
    if (!limiter.permission_to_add_node(packing.spent())) {
      may_add = false;
      break;
    }
    packing.add_node();
    if (!packing.place_on_last(group.pods[i])) break;
  }
  placed = i;
}

/// Whether what one node takes tells what the others will. SOURCE: shouldUseFastPath.
bool may_be_divided(const PodShape& shape, NameId hostname) {
  const auto larger = [hostname](const auto& term) { return term.topology_key != hostname; };
  return std::none_of(shape.spread.begin(), shape.spread.end(), larger) &&
         std::none_of(shape.anti_required.begin(), shape.anti_required.end(), larger);
}

/// The last group: one node more, filled, and as many like it as its pods need. Returns the nodes that no row stands
/// for.
std::int64_t pack_by_division(Packing& packing, const PodGroup& group, Limiter& limiter, bool& may_add,
                              std::size_t& placed) {
  while (placed < group.pods.size() && packing.place_anywhere(group.pods[placed])) ++placed;
  const std::size_t left = group.pods.size() - placed;
  if (left == 0 || !may_add) return 0;
  if (!limiter.permission_to_add_node(packing.spent())) {
    may_add = false;
    return 0;
  }
  packing.add_node();
  std::size_t each = 0;
  while (each < left && packing.place_on_last(group.pods[placed + each])) ++each;
  placed += each;
  if (each == 0) return 0;
  std::int64_t more = 0;
  for (; placed < group.pods.size(); ++more) {
    if (!limiter.permission_to_add_node(packing.spent())) {
      may_add = false;
      break;
    }
    placed += std::min(each, group.pods.size() - placed);
  }
  return more;
}

/// Puts last the group with most pods times nodes, of those whose pods must not share a node.
void order_for_division(std::vector<std::size_t>& order, std::span<const PodGroup> pods, const Simulation& sim) {
  const NameId hostname = sim.framework.keys().hostname;
  std::size_t most = 0, best = order.size();
  for (std::size_t i = 0; i < order.size(); ++i) {
    const PodShape& shape = sim.shapes[pods[order[i]].shape];
    const bool apart = std::any_of(shape.anti_required.begin(), shape.anti_required.end(),
                                   [hostname](const auto& term) { return term.topology_key == hostname; });
    const std::size_t count = pods[order[i]].pods.size();
    if (!apart || !may_be_divided(shape, hostname) || count * count <= most) continue;
    most = count * count;
    best = i;
  }
  if (best < order.size())
    std::rotate(order.begin() + static_cast<std::ptrdiff_t>(best),
                order.begin() + static_cast<std::ptrdiff_t>(best) + 1, order.end());
}

}  // namespace

NameId stand_in_name(const Simulation& sim, std::size_t index) {
  return sim.names.intern("template-node-" + std::to_string(index));
}

Row add_template_node(const Simulation& sim, const NodeGroup& group, std::size_t index) {
  SnapshotNode node = group.node;
  node.id = NodeId{};
  node.name = stand_in_name(sim, index);
  node.labels.set(sim.framework.keys().hostname, node.name);
  const Row row = sim.snapshot.add_node(std::move(node));
  for (const ShapeId daemon : group.daemons) sim.place(row, PodId{}, daemon);
  return row;
}

Estimate estimate(const Simulation& sim, const NodeGroup& group, std::span<const PodGroup> pods, Limiter limiter,
                  EstimatorRules rules, const PackingParams& params) {
  std::vector<std::size_t> order(pods.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<double> scores(pods.size());
  for (std::size_t i = 0; i < pods.size(); ++i) scores[i] = score(sim.shapes[pods[i].shape], group.node.allocatable);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });

  if (params.fastpath) order_for_division(order, pods, sim);
  const NameId hostname = sim.framework.keys().hostname;

  const Trial trial(sim);
  Packing packing(sim, group, params);
  Estimate out;
  out.placed.assign(pods.size(), 0);
  bool may_add = true;
  for (const std::size_t g : order) {
    packing.begin_shape(pods[g].shape);
    if (params.fastpath && g == order.back() && may_be_divided(sim.shapes[pods[g].shape], hostname)) {
      out.nodes += pack_by_division(packing, pods[g], limiter, may_add, out.placed[g]);
    } else if (rules == EstimatorRules::pod_by_pod) {
      if (!pack_pod_by_pod(packing, pods[g], limiter, out.placed[g])) {
        may_add = false;
        break;
      }
    } else {
      pack_group(packing, pods[g], limiter, rules == EstimatorRules::group_by_group_with_spread, may_add,
                 out.placed[g]);
    }
  }
  out.limited = !may_add;
  out.nodes += static_cast<std::int64_t>(packing.nodes_with_pods());
  out.spent = packing.spent();
  for (const std::size_t n : out.placed) out.pods += static_cast<std::int64_t>(n);
  return out;
}

}  // namespace plimsoll::eks::ca
