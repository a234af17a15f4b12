#include "models/eks/karpenter/disruption.h"

#include <algorithm>
#include <bit>

#include "models/eks/karpenter/candidates.h"
#include "models/eks/karpenter/consolidation.h"
#include "sim/core/hash.h"

namespace plimsoll::eks::karpenter {

namespace {

constexpr std::size_t kMaxMultiNode = 100;
constexpr Duration kMultiNodeTimeout = minutes(1);
constexpr Duration kSingleNodeTimeout = minutes(3);

std::int64_t unix_now(const DisruptionInput& input) {
  return input.unix_at_zero + div_floor(to_microseconds(input.now), 1'000'000);
}

/// Disruptions left, by pool, for one reason.
class Allowance {
 public:
  Allowance(const Cluster& cluster, const DisruptionInput& input, DisruptionReason reason) {
    for (std::size_t p = 0; p < cluster.pools.size(); ++p)
      left_.push_back(disruptions_left(cluster, p, unix_now(input), reason));
  }
  bool take(std::size_t pool) {
    if (left_[pool] <= 0) return false;
    --left_[pool];
    return true;
  }

 private:
  std::vector<std::int64_t> left_;
};

class Pass {
 public:
  Pass(const Cluster& cluster, const DisruptionInput& input, const PoolTemplates& templates)
      : cluster_(cluster), in_(input), templates_(templates) {
    gather();
  }

  DisruptionDecision run() {
    const bool drift_first = in_.release < Release{1, 0};
    if (drift_first && drift()) return std::move(out_);
    if (emptiness()) return std::move(out_);
    if (!drift_first && drift()) return std::move(out_);
    if (multi_node()) return std::move(out_);
    single_node();
    return std::move(out_);
  }
  /// Names all that the pass reads beyond `seen`, the fingerprint of the cluster.
  std::uint64_t key(std::uint64_t seen) const {
    TraceHash hash;
    hash.add(seen);
    hash.add(static_cast<std::uint64_t>(in_.simulation_cost.count()));
    for (const Candidate& c : candidates_) {
      hash.add(c.node);
      hash.add(std::bit_cast<std::uint64_t>(c.eviction_cost));
    }
    for (std::size_t p = 0; p < cluster_.pools.size(); ++p) {
      for (const auto reason : {DisruptionReason::empty, DisruptionReason::drifted, DisruptionReason::underutilized}) {
        hash.add(static_cast<std::uint64_t>(disruptions_left(cluster_, p, unix_now(in_), reason)));
      }
    }
    return hash.value();
  }
  /// Something other than the cluster itself stood in the way.
  bool constrained() const { return constrained_; }

 private:
  void keep(std::size_t node, KeepReason reason) {
    const NodeId id = cluster_.nodes[node].id;
    const auto at = std::find_if(out_.kept.begin(), out_.kept.end(), [id](const auto& k) { return k.first == id; });
    if (at != out_.kept.end()) {
      at->second = reason;
    } else {
      out_.kept.emplace_back(id, reason);
    }
  }

  void gather() {
    for (std::size_t i = 0; i < cluster_.nodes.size(); ++i) {
      KeepReason reason = KeepReason::none;
      std::optional<Candidate> c = make_candidate(cluster_, in_, i, false, reason);
      if (!c) {
        if (reason != KeepReason::not_managed) keep(i, reason);
        continue;
      }
      if (const KeepReason r = consolidation_allowed(cluster_, in_, *c); r != KeepReason::none) {
        keep(i, r);
        continue;
      }
      candidates_.push_back(std::move(*c));
    }
    sort_candidates(candidates_, cluster_, in_.release);
  }

  bool finish(Method method, std::span<const Candidate> candidates, std::vector<PlannedClaim> replacements) {
    DisruptionCommand command;
    command.method = method;
    for (const Candidate& c : candidates) {
      command.nodes.push_back(cluster_.nodes[c.node].id);
      command.price += c.price;
    }
    command.replacements = std::move(replacements);
    out_.command = std::move(command);
    return true;
  }

  bool emptiness() {
    Allowance allowance(cluster_, in_, DisruptionReason::empty);
    std::vector<Candidate> chosen;
    for (const Candidate& c : candidates_) {
      if (!is_empty(c, in_.release)) continue;
      if (allowance.take(*cluster_.nodes[c.node].pool)) {
        chosen.push_back(c);
      } else {
        keep(c.node, KeepReason::node_budget);
        constrained_ = true;
      }
    }
    return !chosen.empty() && finish(Method::emptiness, chosen, {});
  }

  bool drift() {
    std::vector<Candidate> drifted;
    for (std::size_t i = 0; i < cluster_.nodes.size(); ++i) {
      if (!cluster_.nodes[i].drifted) continue;
      KeepReason reason = KeepReason::none;
      if (auto c = make_candidate(cluster_, in_, i, true, reason)) {
        drifted.push_back(std::move(*c));
      } else {
        keep(i, reason);
      }
    }
    // Empty nodes first, then the oldest.
    std::stable_sort(drifted.begin(), drifted.end(), [&](const Candidate& a, const Candidate& b) {
      if (a.pods.empty() != b.pods.empty()) return a.pods.empty();
      return cluster_.nodes[a.node].created < cluster_.nodes[b.node].created;
    });
    Allowance allowance(cluster_, in_, DisruptionReason::drifted);
    std::vector<Candidate> empty;
    for (const Candidate& c : drifted) {
      if (c.pods.empty() && allowance.take(*cluster_.nodes[c.node].pool)) empty.push_back(c);
    }
    if (!empty.empty()) return finish(Method::drift, empty, {});
    for (const Candidate& c : drifted) {
      if (c.pods.empty()) continue;
      if (!allowance.take(*cluster_.nodes[c.node].pool)) {
        keep(c.node, KeepReason::node_budget);
        constrained_ = true;
        continue;
      }
      ++out_.simulations;
      RemovalTrial trial = simulate_without(cluster_, in_, templates_, std::span(&c, 1));
      if (!trial.all_placed) {
        keep(c.node, KeepReason::pods_unschedulable);
        continue;
      }
      for (PlannedClaim& claim : trial.result.claims) truncate_types(claim, cluster_, max_instance_types(in_.release));
      return finish(Method::drift, std::span(&c, 1), std::move(trial.result.claims));
    }
    return false;
  }

  /// Candidates with pods whose pool still has disruptions left, each counted.
  std::vector<Candidate> affordable() {
    Allowance allowance(cluster_, in_, DisruptionReason::underutilized);
    std::vector<Candidate> out;
    for (const Candidate& c : candidates_) {
      const std::size_t pool = *cluster_.nodes[c.node].pool;
      // An empty node that is still here is kept by its own budget.
      if (is_empty(c, in_.release) || cluster_.pools[pool].consolidation == ConsolidationPolicy::when_empty) continue;
      if (!allowance.take(pool)) {
        keep(c.node, KeepReason::node_budget);
        constrained_ = true;
        continue;
      }
      out.push_back(c);
    }
    return out;
  }

  ConsolidationAnswer try_set(std::span<const Candidate> set) {
    ++out_.simulations;
    spent_ += in_.simulation_cost;
    ConsolidationAnswer answer = consolidate(cluster_, in_, templates_, set);
    if (!answer.ok()) return answer;
    const bool balanced = std::all_of(set.begin(), set.end(), [&](const Candidate& c) {
      return cluster_.pools[*cluster_.nodes[c.node].pool].consolidation == ConsolidationPolicy::balanced;
    });
    if (balanced && !is_balanced(cluster_, in_, set, answer)) answer.reason = KeepReason::balanced_score;
    return answer;
  }

  bool multi_node() {
    const std::vector<Candidate> candidates = affordable();
    if (candidates.size() < 2) return false;
    spent_ = Duration{};
    std::size_t low = 1;
    std::size_t high = std::min(candidates.size() - 1, kMaxMultiNode);
    std::optional<ConsolidationAnswer> best;
    std::size_t best_count = 0;
    while (low <= high) {
      if (spent_ > kMultiNodeTimeout) {
        constrained_ = true;
        break;
      }
      const std::size_t middle = (low + high) / 2;
      const std::span<const Candidate> prefix(candidates.data(), middle + 1);
      ConsolidationAnswer answer = try_set(prefix);
      const bool works = answer.ok() && (answer.replacements.empty() ||
                                         drop_same_types(cluster_, prefix, answer.replacements.front()));
      if (works) {
        best = std::move(answer);
        best_count = middle + 1;
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    if (!best) return false;
    return finish(Method::multi_node, std::span(candidates.data(), best_count), std::move(best->replacements));
  }

  bool single_node() {
    spent_ = Duration{};
    Allowance allowance(cluster_, in_, DisruptionReason::underutilized);
    std::vector<Candidate> candidates =
        in_.release < Release{1, 0} ? candidates_ : interleave_pools(candidates_, cluster_);
    for (const Candidate& c : candidates) {
      const std::size_t pool = *cluster_.nodes[c.node].pool;
      if (is_empty(c, in_.release) || cluster_.pools[pool].consolidation == ConsolidationPolicy::when_empty) continue;
      if (spent_ > kSingleNodeTimeout) {
        keep(c.node, KeepReason::timed_out);
        constrained_ = true;
        continue;
      }
      // Looking costs no budget, acting would.
      Allowance copy = allowance;
      if (!copy.take(pool)) {
        keep(c.node, KeepReason::node_budget);
        constrained_ = true;
        continue;
      }
      ConsolidationAnswer answer = try_set(std::span(&c, 1));
      if (answer.ok()) return finish(Method::single_node, std::span(&c, 1), std::move(answer.replacements));
      keep(c.node, answer.reason);
    }
    return false;
  }

  const Cluster& cluster_;
  const DisruptionInput& in_;
  const PoolTemplates& templates_;
  std::vector<Candidate> candidates_;
  DisruptionDecision out_;
  Duration spent_{};
  bool constrained_ = false;
};

std::uint64_t fingerprint(const Cluster& cluster, const DisruptionInput& input) {
  TraceHash hash;
  hash.add(cluster.sim.cluster_version());
  hash.add(input.facts_version);
  for (const SchedulingPod& p : input.pending) hash.add(p.id.value());
  for (const ClusterNode& n : cluster.nodes) {
    hash.add(n.id.value());
    std::uint64_t bits = (n.initialized ? 1u : 0u) | (n.deleting ? 2u : 0u) | (n.nominated ? 4u : 0u) |
                         (n.do_not_disrupt ? 8u : 0u) | (n.drifted ? 16u : 0u) | (n.ready ? 32u : 0u);
    if (n.pool) {
      const auto& after = cluster.pools[*n.pool].consolidate_after;
      if (after && input.now - n.last_pod_event >= *after) bits |= 64u;
    }
    hash.add(bits);
  }
  return hash.value();
}

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::none:
      return "none";
    case Method::emptiness:
      return "empty";
    case Method::drift:
      return "drift";
    case Method::multi_node:
      return "multi";
    case Method::single_node:
      return "single";
  }
  return "";
}

std::string_view to_string(KeepReason reason) {
  switch (reason) {
    case KeepReason::none:
      return "";
    case KeepReason::not_managed:
      return "not managed by a NodePool";
    case KeepReason::not_initialized:
      return "not initialised";
    case KeepReason::deleting:
      return "being deleted";
    case KeepReason::nominated:
      return "nominated for a pending pod";
    case KeepReason::node_do_not_disrupt:
      return "node is annotated do-not-disrupt";
    case KeepReason::pod_do_not_disrupt:
      return "a pod is annotated do-not-disrupt";
    case KeepReason::pod_disruption_budget:
      return "a PodDisruptionBudget allows no eviction";
    case KeepReason::unknown_offering:
      return "price unknown";
    case KeepReason::consolidation_disabled:
      return "the NodePool does not consolidate it";
    case KeepReason::not_consolidatable_yet:
      return "consolidateAfter has not passed";
    case KeepReason::node_budget:
      return "the NodePool's disruption budget is used up";
    case KeepReason::pods_unschedulable:
      return "not all pods would schedule";
    case KeepReason::needs_several_nodes:
      return "more than one replacement node would be needed";
    case KeepReason::no_cheaper_replacement:
      return "no cheaper replacement";
    case KeepReason::spot_to_spot_disabled:
      return "spot-to-spot consolidation is off";
    case KeepReason::spot_flexibility:
      return "fewer than 15 cheaper spot types";
    case KeepReason::min_values:
      return "minValues would not be met";
    case KeepReason::same_type:
      return "the replacement would be of the same type";
    case KeepReason::balanced_score:
      return "saves too little for what it disturbs";
    case KeepReason::timed_out:
      return "the time for the pass was up";
  }
  return "";
}

std::int64_t disruptions_left(const Cluster& cluster, std::size_t pool, std::int64_t unix_seconds,
                              DisruptionReason reason) {
  std::int64_t total = 0;
  std::int64_t busy = 0;
  for (const ClusterNode& n : cluster.nodes) {
    if (n.pool != pool || !n.initialized) continue;
    ++total;
    if (n.deleting || !n.ready) ++busy;
  }
  return std::max<std::int64_t>(0,
                                allowed_disruptions(cluster.pools[pool].budgets, total, unix_seconds, reason) - busy);
}

DisruptionDecision plan_disruption(const Cluster& cluster, const DisruptionInput& input, DisruptionState& state) {
  DisruptionDecision out;
  const bool managed = std::any_of(cluster.nodes.begin(), cluster.nodes.end(),
                                   [](const ClusterNode& n) { return n.pool && !n.deleting && n.initialized; });
  if (!managed) return out;
  const std::uint64_t key = fingerprint(cluster, input);
  if (state.consolidated && state.seen == key && input.now - state.seen_at < kConsolidatedFor) {
    out.reused = true;
    return out;
  }
  std::optional<PoolTemplates> own;
  if (input.templates == nullptr) own.emplace(cluster);
  Pass pass(cluster, input, own ? *own : *input.templates);
  const std::uint64_t pass_key = pass.key(key);
  state.seen = key;
  state.seen_at = input.now;
  // Held up by budgets, Karpenter looks again every time and finds the same.
  if (state.idle && state.idle_key == pass_key) return *state.idle;
  out = pass.run();
  state.consolidated = !out.command && !pass.constrained();
  state.idle.reset();
  if (!out.command) {
    state.idle = out;
    state.idle_key = pass_key;
  }
  return out;
}

bool is_still_valid(const Cluster& cluster, const DisruptionInput& input, const DisruptionCommand& command) {
  const bool drift = command.method == Method::drift;
  const DisruptionReason reason = drift                                 ? DisruptionReason::drifted
                                  : command.method == Method::emptiness ? DisruptionReason::empty
                                                                        : DisruptionReason::underutilized;
  Allowance allowance(cluster, input, reason);
  std::vector<Candidate> candidates;
  for (const NodeId id : command.nodes) {
    const auto at =
        std::find_if(cluster.nodes.begin(), cluster.nodes.end(), [id](const ClusterNode& n) { return n.id == id; });
    if (at == cluster.nodes.end()) return false;
    const auto node = static_cast<std::size_t>(at - cluster.nodes.begin());
    KeepReason why = KeepReason::none;
    std::optional<Candidate> c = make_candidate(cluster, input, node, drift, why);
    if (!c || !allowance.take(*cluster.nodes[node].pool)) return false;
    if (!drift && consolidation_allowed(cluster, input, *c) != KeepReason::none) return false;
    if (command.method == Method::emptiness && !is_empty(*c, input.release)) return false;
    candidates.push_back(std::move(*c));
  }
  if (command.method == Method::emptiness) return true;
  std::optional<PoolTemplates> own;
  if (input.templates == nullptr) own.emplace(cluster);
  const RemovalTrial trial = simulate_without(cluster, input, own ? *own : *input.templates, candidates);
  if (!trial.all_placed) return false;
  if (trial.result.claims.empty()) return command.is_delete();
  if (trial.result.claims.size() != command.replacements.size()) return false;
  if (drift) return true;
  std::vector<std::uint32_t> possible = trial.result.claims.front().types;
  std::sort(possible.begin(), possible.end());
  return std::all_of(command.replacements.front().types.begin(), command.replacements.front().types.end(),
                     [&](std::uint32_t t) { return std::binary_search(possible.begin(), possible.end(), t); });
}

}  // namespace plimsoll::eks::karpenter
