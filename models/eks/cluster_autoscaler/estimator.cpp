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
  Packing(const Simulation& sim, const NodeGroup& group, NodeOrder order, std::uint64_t seed)
      : sim_(sim), group_(group), order_(order), state_(seed) {}

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
    if (lasting_ && refused_count_ == count) return false;
    if (order_ == NodeOrder::shuffled) shuffle();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t place = (next_ + i) % count;
      const std::size_t at = ring_[place];
      if (skip_last && at + 1 == count) continue;
      if (!try_at(at, pod)) continue;
      next_ = (place + 1) % count;
      return true;
    }
    return false;
  }
  bool place_on_last(PodId pod) { return !rows_.empty() && try_at(rows_.size() - 1, pod); }

  void add_node() {
    const std::size_t at = rows_.size();
    rows_.push_back(add_template_node(sim_, group_, at));
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
  NodeOrder order_;
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
    if (!limiter.permission_to_add_node()) return false;
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
    if (!limiter.permission_to_add_node()) {
      may_add = false;
      break;
    }
    packing.add_node();
    if (!packing.place_on_last(group.pods[i])) break;
  }
  placed = i;
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
                  EstimatorRules rules, NodeOrder node_order, std::uint64_t seed) {
  std::vector<std::size_t> order(pods.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<double> scores(pods.size());
  for (std::size_t i = 0; i < pods.size(); ++i) scores[i] = score(sim.shapes[pods[i].shape], group.node.allocatable);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });

  const Trial trial(sim);
  Packing packing(sim, group, node_order, seed);
  Estimate out;
  out.placed.assign(pods.size(), 0);
  bool may_add = true;
  for (const std::size_t g : order) {
    packing.begin_shape(pods[g].shape);
    if (rules == EstimatorRules::pod_by_pod) {
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
  out.nodes = static_cast<std::int64_t>(packing.nodes_with_pods());
  for (const std::size_t n : out.placed) out.pods += static_cast<std::int64_t>(n);
  return out;
}

}  // namespace plimsoll::eks::ca
