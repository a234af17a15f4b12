#include "models/eks/karpenter/consolidation.h"

#include <algorithm>
#include <limits>

#include "models/eks/karpenter/candidates.h"

namespace plimsoll::eks::karpenter {

namespace {

constexpr double kNoPrice = std::numeric_limits<double>::infinity();

OfferingMask mask_of(const Cluster& cluster, const PlannedClaim& claim) {
  return cluster.types.mask(claim.requirements, cluster.known, cluster.sim.names);
}

/// Keeps types that cost less than `price` even at worst; false when none is left or minValues break.
KeepReason filter_by_price(const Cluster& cluster, PlannedClaim& claim, double price) {
  const OfferingMask mask = mask_of(cluster, claim);
  std::erase_if(claim.types, [&](std::uint32_t t) { return !(cluster.types.worst_launch_price(t, mask) < price); });
  if (claim.types.empty()) return KeepReason::no_cheaper_replacement;
  if (claim.requirements.has_min_values() && !cluster.types.types_for_min_values(claim.types, claim.requirements)) {
    return KeepReason::min_values;
  }
  return KeepReason::none;
}

KeepReason spot_to_spot(const Cluster& cluster, const DisruptionInput& input, std::size_t candidates, double price,
                        PlannedClaim& claim) {
  if (!input.spot_to_spot_consolidation) return KeepReason::spot_to_spot_disabled;
  claim.requirements.add(KeyRequirement::in(cluster.known.capacity_type, cluster.known.spot), cluster.sim.names);
  const OfferingMask mask = mask_of(cluster, claim);
  std::erase_if(claim.types, [&](std::uint32_t t) { return !cluster.types.has_offering(t, mask); });
  if (const KeepReason r = filter_by_price(cluster, claim, price); r != KeepReason::none) return r;
  if (candidates > 1) return KeepReason::none;
  if (claim.types.size() < kSpotToSpotTypes) return KeepReason::spot_flexibility;
  std::size_t keep = kSpotToSpotTypes;
  if (const auto needed = cluster.types.types_for_min_values(claim.types, claim.requirements))
    keep = std::max(keep, *needed);
  if (claim.types.size() > keep) claim.types.resize(keep);
  return KeepReason::none;
}

}  // namespace

RemovalTrial simulate_without(const Cluster& cluster, const DisruptionInput& input, const PoolTemplates& templates,
                              std::span<const Candidate> candidates) {
  const Trial trial(cluster.sim);
  std::vector<SchedulingPod> pods(input.pending.begin(), input.pending.end());
  std::vector<NodeId> without;
  std::vector<PodId> moved;
  for (const Candidate& c : candidates) {
    const ClusterNode& node = cluster.nodes[c.node];
    without.push_back(node.id);
    // Others with such pods are no candidates.
    const bool may_hold = input.pods != nullptr && node.pool && cluster.pools[*node.pool].termination_grace_period;
    for (const SchedulingPod& p : c.pods) {
      if (may_hold && is_held(*input.pods, p, input.now, input.release)) continue;
      pods.push_back(p);
      moved.push_back(p.id);
    }
    cluster.sim.snapshot.remove_node(node.row);
  }
  for (const ClusterNode& node : cluster.nodes) {
    if (!node.deleting || node.row == kNoRow) continue;
    for (const SchedulingPod& p :
         currently_reschedulable_pods(cluster.sim, *input.pods, node.row, input.now, input.release)) {
      pods.push_back(p);
      moved.push_back(p.id);
      cluster.sim.snapshot.remove_pod(node.row, p.id, cluster.sim.shapes[p.shape]);
    }
  }
  RemovalTrial out;
  out.result = schedule(cluster, templates, pods, without);
  std::sort(moved.begin(), moved.end());
  const auto is_moved = [&](PodId pod) { return std::binary_search(moved.begin(), moved.end(), pod); };
  out.all_placed = std::none_of(out.result.unschedulable.begin(), out.result.unschedulable.end(), is_moved) &&
                   std::none_of(out.result.existing.begin(), out.result.existing.end(),
                                [&](const PlannedPlacement& p) { return !p.initialized && is_moved(p.pod); });
  return out;
}

ConsolidationAnswer consolidate(const Cluster& cluster, const DisruptionInput& input, const PoolTemplates& templates,
                                std::span<const Candidate> candidates) {
  ConsolidationAnswer out;
  for (const Candidate& c : candidates) out.price += c.price;
  RemovalTrial trial = simulate_without(cluster, input, templates, candidates);
  if (!trial.all_placed) {
    out.reason = KeepReason::pods_unschedulable;
    return out;
  }
  if (trial.result.claims.empty()) return out;
  if (trial.result.claims.size() > 1) {
    out.reason = KeepReason::needs_several_nodes;
    return out;
  }
  PlannedClaim claim = std::move(trial.result.claims.front());
  truncate_types(claim, cluster, max_instance_types(input.release));
  const bool all_spot = std::all_of(candidates.begin(), candidates.end(), [&](const Candidate& c) {
    return cluster.nodes[c.node].capacity_type == CapacityType::spot;
  });
  const bool may_be_spot =
      claim.requirements.allows(cluster.known.capacity_type, cluster.known.spot, cluster.sim.names);
  if (all_spot && may_be_spot) {
    out.reason = spot_to_spot(cluster, input, candidates.size(), out.price, claim);
  } else {
    out.reason = filter_by_price(cluster, claim, out.price);
    // A failed spot launch must not fall back to a dearer on-demand node.
    if (may_be_spot &&
        claim.requirements.allows(cluster.known.capacity_type, cluster.known.on_demand, cluster.sim.names)) {
      claim.requirements.add(KeyRequirement::in(cluster.known.capacity_type, cluster.known.spot), cluster.sim.names);
    }
  }
  if (out.ok()) out.replacements.push_back(std::move(claim));
  return out;
}

bool drop_same_types(const Cluster& cluster, std::span<const Candidate> candidates, PlannedClaim& replacement) {
  double limit = kNoPrice;
  for (const Candidate& c : candidates) {
    const std::uint32_t type = cluster.nodes[c.node].type;
    if (std::find(replacement.types.begin(), replacement.types.end(), type) != replacement.types.end()) {
      limit = std::min(limit, c.price);
    }
  }
  return filter_by_price(cluster, replacement, limit) == KeepReason::none;
}

bool is_balanced(const Cluster& cluster, const DisruptionInput& input, std::span<const Candidate> candidates,
                 const ConsolidationAnswer& answer) {
  double savings = answer.price;
  for (const PlannedClaim& claim : answer.replacements) {
    double worst = 0;
    const OfferingMask mask = mask_of(cluster, claim);
    for (const std::uint32_t t : claim.types) worst = std::max(worst, cluster.types.worst_launch_price(t, mask));
    savings -= worst;
  }
  double move = 0;
  for (const Candidate& c : candidates) move += 1 + c.eviction_cost;
  double pool_price = 0;
  double pool_disruption = 0;
  const std::size_t pool = *cluster.nodes[candidates.front().node].pool;
  for (std::size_t i = 0; i < cluster.nodes.size(); ++i) {
    const ClusterNode& node = cluster.nodes[i];
    if (node.pool != pool || node.row == kNoRow) continue;
    if (const Offering* o = cluster.types.offering(node.type, node.zone, node.capacity_type)) pool_price += o->usd();
    KeepReason ignored = KeepReason::none;
    const auto c = make_candidate(cluster, input, i, true, ignored);
    pool_disruption += 1 + (c ? c->eviction_cost : 0);
  }
  if (pool_price <= 0 || move <= 0) return true;
  return savings / pool_price * pool_disruption >= 0.5 * move;
}

}  // namespace plimsoll::eks::karpenter
