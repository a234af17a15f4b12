#include "models/eks/karpenter/candidates.h"

#include <algorithm>

#include "models/eks/karpenter/eviction_cost.h"
#include "models/kubernetes/scheduler/match.h"

namespace plimsoll::eks::karpenter {

namespace {

/// Under no budget, or under exactly one that allows an eviction.
bool is_evictable(const DisruptionInput& input, const PodShape& shape, const Names& names) {
  std::size_t covering = 0;
  for (const DisruptionBudget& b : input.pod_budgets) {
    if (b.namespace_name != shape.namespace_name || !kubernetes::matches(b.selector, shape.labels, names)) continue;
    if (++covering > 1 || b.disruptions_allowed < 1) return false;
  }
  return true;
}

}  // namespace

std::optional<Candidate> make_candidate(const Cluster& cluster, const DisruptionInput& input, std::size_t index,
                                        bool for_drift, KeepReason& reason) {
  const ClusterNode& node = cluster.nodes[index];
  reason = KeepReason::none;
  if (!node.pool) {
    reason = KeepReason::not_managed;
  } else if (node.deleting) {
    reason = KeepReason::deleting;
  } else if (!node.initialized || node.row == kNoRow) {
    reason = KeepReason::not_initialized;
  } else if (node.nominated) {
    reason = KeepReason::nominated;
  } else if (node.do_not_disrupt) {
    reason = KeepReason::node_do_not_disrupt;
  }
  if (reason != KeepReason::none) return std::nullopt;

  const NodePool& pool = cluster.pools[*node.pool];
  const Offering* own = cluster.types.offering(node.type, node.zone, node.capacity_type);
  if (own == nullptr && !for_drift) {
    reason = KeepReason::unknown_offering;
    return std::nullopt;
  }
  Candidate c;
  c.node = index;
  c.price = own != nullptr ? own->usd() : 0;
  c.pods = reschedulable_pods(cluster.sim, *input.pods, node.row);
  const bool pods_may_block = !(for_drift && pool.termination_grace_period);
  double cost = 0;
  for (const PodOnNode& p : cluster.sim.snapshot.pods(node.row)) {
    const PodShape& shape = cluster.sim.shapes[p.shape];
    if (p.id.is_none() || p.terminating) continue;
    const PodFacts& facts = input.pods->facts(p.id);
    const bool finished = facts.phase == PodPhase::succeeded || facts.phase == PodPhase::failed;
    if (finished || facts.mirror) continue;
    if (pods_may_block && is_protected(facts, p.start, input.now, input.release)) {
      reason = KeepReason::pod_do_not_disrupt;
      return std::nullopt;
    }
    const bool daemon = shape.is_daemon || facts.controller == ControllerKind::daemon_set;
    if (pods_may_block && !daemon && !is_evictable(input, shape, cluster.sim.names)) {
      reason = KeepReason::pod_disruption_budget;
      return std::nullopt;
    }
    if (daemon) continue;
    const double eviction = eviction_cost(facts.deletion_cost, p.priority);
    cost += eviction;
    c.eviction_cost += std::max(0.0, eviction);
  }
  c.disruption_cost = cost * lifetime_remaining(input.now - node.created, pool.expire_after);
  return c;
}

PodId blocking_pod(const Cluster& cluster, const DisruptionInput& input, std::size_t index, KeepReason reason) {
  const Row row = cluster.nodes[index].row;
  if (row == kNoRow) return {};
  for (const PodOnNode& p : cluster.sim.snapshot.pods(row)) {
    if (p.id.is_none() || p.terminating) continue;
    const PodShape& shape = cluster.sim.shapes[p.shape];
    const PodFacts& facts = input.pods->facts(p.id);
    if (facts.phase == PodPhase::succeeded || facts.phase == PodPhase::failed || facts.mirror) continue;
    if (reason == KeepReason::pod_do_not_disrupt && is_protected(facts, p.start, input.now, input.release)) return p.id;
    const bool daemon = shape.is_daemon || facts.controller == ControllerKind::daemon_set;
    if (reason == KeepReason::pod_disruption_budget && !daemon && !is_evictable(input, shape, cluster.sim.names))
      return p.id;
  }
  return {};
}

bool is_protected(const PodFacts& pod, Time start, Time now, Release release) {
  return pod.do_not_disrupt || (release >= Release{1, 14} && now - start < pod.do_not_disrupt_for);
}

bool is_empty(const Candidate& candidate, Release release) {
  return release < Release{1, 14} ? candidate.pods.empty() : candidate.eviction_cost <= 0;
}

KeepReason consolidation_allowed(const Cluster& cluster, const DisruptionInput& input, const Candidate& candidate) {
  const ClusterNode& node = cluster.nodes[candidate.node];
  const NodePool& pool = cluster.pools[*node.pool];
  if (!pool.consolidate_after) return KeepReason::consolidation_disabled;
  if (pool.consolidation == ConsolidationPolicy::when_empty && !is_empty(candidate, input.release)) {
    return KeepReason::consolidation_disabled;
  }
  if (input.now - node.last_pod_event < *pool.consolidate_after) return KeepReason::not_consolidatable_yet;
  return KeepReason::none;
}

void sort_candidates(std::vector<Candidate>& candidates, const Cluster& cluster, Release release) {
  const auto name = [&](const Candidate& c) { return cluster.sim.names.text(cluster.nodes[c.node].name); };
  if (release < Release{1, 14}) {
    std::stable_sort(candidates.begin(), candidates.end(), [&](const Candidate& a, const Candidate& b) {
      return a.disruption_cost != b.disruption_cost ? a.disruption_cost < b.disruption_cost : name(a) < name(b);
    });
    return;
  }
  const auto value = [](const Candidate& c) { return c.price / (1 + c.eviction_cost); };
  std::stable_sort(candidates.begin(), candidates.end(), [&](const Candidate& a, const Candidate& b) {
    return value(a) != value(b) ? value(a) > value(b) : name(a) < name(b);
  });
}

std::vector<Candidate> interleave_pools(std::vector<Candidate> candidates, const Cluster& cluster) {
  std::vector<std::size_t> pools;
  for (const Candidate& c : candidates) {
    const std::size_t pool = *cluster.nodes[c.node].pool;
    if (std::find(pools.begin(), pools.end(), pool) == pools.end()) pools.push_back(pool);
  }
  std::vector<std::pair<std::size_t, std::size_t>> rank(candidates.size());
  std::vector<std::size_t> taken(pools.size(), 0);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto pool = static_cast<std::size_t>(
        std::find(pools.begin(), pools.end(), *cluster.nodes[candidates[i].node].pool) - pools.begin());
    rank[i] = {taken[pool]++, pool};
  }
  std::vector<std::size_t> order(candidates.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return rank[a] < rank[b]; });
  std::vector<Candidate> out;
  for (const std::size_t i : order) out.push_back(std::move(candidates[i]));
  return out;
}

}  // namespace plimsoll::eks::karpenter
