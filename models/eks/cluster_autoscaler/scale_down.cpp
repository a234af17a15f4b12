#include "models/eks/cluster_autoscaler/scale_down.h"

#include <algorithm>
#include <array>

#include "models/eks/cluster_autoscaler/flag_values.h"
#include "models/eks/cluster_autoscaler/removal_simulation.h"
#include "sim/core/hash.h"

namespace plimsoll::eks::ca {

namespace {

std::uint64_t fingerprint(const Simulation& sim, const ScaleDownInput& input) {
  TraceHash hash;
  hash.add(sim.cluster_version());
  hash.add(input.facts_version);
  hash.add(input.nodes_hash ? *input.nodes_hash : hash_of(input.nodes));
  for (const NodeGroup& g : input.groups) {
    hash.add(g.target);
    hash.add(g.minimum);
  }
  return hash.value();
}

/// How many unneeded nodes are worth finding.
std::size_t unneeded_limit(const Options& options, std::size_t already) {
  const std::int64_t n = options.max_scale_down_parallelism;
  const std::int64_t loops =
      options.scan_interval > Duration{} ? options.scale_down_unneeded_time / options.scan_interval : 0;
  return static_cast<std::size_t>(std::min(static_cast<std::int64_t>(already) + 2 * n, n * loops + n));
}

std::vector<ScaleDownNode> candidates_in_order(const Simulation& sim, const ScaleDownInput& input,
                                               ScaleDownState& state, std::vector<NodeVerdict>& at_minimum) {
  const std::vector<std::pair<NodeId, Time>> before = unneeded_by_node(state);
  TimesOfNodes unneeded_since(before);
  std::array<std::vector<const ScaleDownNode*>, 4> ranked;
  for (const ScaleDownNode& node : input.nodes) {
    const NodeGroup& group = input.groups[node.group];
    if (group.target <= group.minimum) {
      at_minimum.push_back({node.id, UnremovableReason::group_min_size_reached, BlockReason::none, PodId{}, 0});
      continue;
    }
    ranked[rank_of(sim, node, unneeded_since, state)].push_back(&node);
  }
  std::vector<ScaleDownNode> out;
  out.reserve(input.nodes.size());
  for (const auto& rank : ranked) {
    for (const ScaleDownNode* node : rank) out.push_back(*node);
  }
  return out;
}

Cooldown cooldown_of(const Options& options, Time now, Time added, Time failed, Time deleted) {
  if (now < added + options.scale_down_delay_after_add) return Cooldown::after_add;
  if (now < failed + options.scale_down_delay_after_failure) return Cooldown::after_failure;
  if (now < deleted + options.scale_down_delay_after_delete) return Cooldown::after_delete;
  return Cooldown::none;
}

/// Cores, memory and GPUs that cores-total, memory-total and gpu-total still let go.
class ClusterMinimum {
 public:
  ClusterMinimum(const Simulation& sim, const Options& options)
      : active_(options.cores_total_min > 0 || options.memory_total_min_gib > 0) {
    for (const std::string& text : options.gpu_total) {
      const GpuLimit limit = *parse_gpu_limit(text);
      if (limit.minimum > 0) gpus_.push_back({sim.names.find(limit.type), -limit.minimum});
    }
    if (!gpus_.empty()) label_ = sim.names.find("k8s.amazonaws.com/accelerator");
    if (!active_ && gpus_.empty()) return;
    for (Row row = 0; row < sim.snapshot.rows(); ++row) {
      if (!sim.snapshot.alive(row)) continue;
      const SnapshotNode& node = sim.snapshot.node(row);
      cpu_ += node.capacity[Resource::cpu];
      memory_ += node.capacity[Resource::memory];
      if (Gpus* own = gpus_of(node)) own->left += node.allocatable[Resource::gpus];
    }
    cpu_ -= options.cores_total_min * kCpuTicksPerVcpu;
    memory_ -= options.memory_total_min_gib * kGiB;
  }
  bool take(const SnapshotNode& node) {
    const ResourceVector& capacity = node.capacity;
    if (active_ && (capacity[Resource::cpu] > cpu_ || capacity[Resource::memory] > memory_)) return false;
    Gpus* own = gpus_of(node);
    if (own != nullptr && node.allocatable[Resource::gpus] > own->left) return false;
    if (own != nullptr) own->left -= node.allocatable[Resource::gpus];
    cpu_ -= capacity[Resource::cpu];
    memory_ -= capacity[Resource::memory];
    return true;
  }

 private:
  struct Gpus {
    NameId type;
    std::int64_t left = 0;
  };
  Gpus* gpus_of(const SnapshotNode& node) {
    const NameId type = label_.is_none() ? NameId{} : node.labels.find(label_);
    if (type.is_none()) return nullptr;
    const auto at = std::find_if(gpus_.begin(), gpus_.end(), [type](const Gpus& g) { return g.type == type; });
    return at == gpus_.end() ? nullptr : &*at;
  }

  bool active_;
  std::int64_t cpu_ = 0, memory_ = 0;
  NameId label_;
  std::vector<Gpus> gpus_;
};

void choose_removals(const Simulation& sim, const ScaleDownInput& input, ScaleDownState& state,
                     ScaleDownDecision& out) {
  const Options& options = *input.options;
  state.matches.update(input.budgets, input.budgets_version);
  const PdbTracker budgets(input.budgets, sim.names, &state.matches);
  std::vector<GroupSize> sizes;
  for (const NodeGroup& g : input.groups) sizes.push_back({g.target, g.minimum, g.deletions_in_progress});
  // Nodes come in the order of their ids; where they do not, they are looked for one by one.
  const bool sorted = std::is_sorted(input.nodes.begin(), input.nodes.end(),
                                     [](const ScaleDownNode& a, const ScaleDownNode& b) { return a.id < b.id; });
  const auto node_of = [&](NodeId id) -> const ScaleDownNode* {
    const auto at = sorted ? std::lower_bound(input.nodes.begin(), input.nodes.end(), id,
                                              [](const ScaleDownNode& n, NodeId wanted) { return n.id < wanted; })
                           : std::find_if(input.nodes.begin(), input.nodes.end(),
                                          [&](const ScaleDownNode& n) { return n.id == id; });
    return at == input.nodes.end() || at->id != id ? nullptr : &*at;
  };
  UnneededNodes::Removable ready = state.unneeded.removable_at(input.now, std::move(sizes), [&](NodeId id) {
    const ScaleDownNode* node = node_of(id);
    NodeState s;
    if (node == nullptr) {
      s.scale_down_disabled = true;
      return s;
    }
    const GroupOptions& own = input.groups[node->group].options;
    s.group = node->group;
    s.ready = node->ready;
    s.scale_down_disabled = node->scale_down_disabled || node->being_deleted;
    s.unneeded_time = own.scale_down_unneeded_time.value_or(options.scale_down_unneeded_time);
    s.unready_time = own.scale_down_unready_time.value_or(options.scale_down_unready_time);
    return s;
  });
  out.waiting = std::move(ready.waiting);
  std::stable_partition(ready.drain.begin(), ready.drain.end(), [](const UnneededNode& n) { return !n.risky; });

  std::int64_t total = options.max_scale_down_parallelism - input.deletions_in_progress;
  std::int64_t drains = options.max_drain_parallelism - input.drains_in_progress;
  if (!options.parallel_drain && input.drains_in_progress > 0) drains = 0;
  ClusterMinimum minimum(sim, options);
  const auto take = [&](const UnneededNode& unneeded) {
    const ScaleDownNode& node = *node_of(unneeded.node);
    if (options.scale_down_delay_type_local) {
      const NodeGroup& g = input.groups[node.group];
      if (cooldown_of(options, input.now, g.last_scale_up, g.last_scale_down_failure, g.last_delete) != Cooldown::none)
        return;
    }
    if (!minimum.take(sim.snapshot.node(node.row))) return;
    Removal removal{node.id, node.row, node.group, unneeded.needs_drain, {}};
    std::vector<DrainPod> there;
    drain_pods_on(sim, *input.pods, node.row, options, there);
    DrainVerdict pods = pods_to_move(there, budgets, drain_params(options, input.kube_system), input.now);
    if (pods.blocked()) return;
    removal.drain = !pods.move.empty();
    removal.evict = std::move(pods.move);
    const bool daemons =
        removal.drain ? options.daemonset_eviction_for_occupied_nodes : options.daemonset_eviction_for_empty_nodes;
    if (daemons) removal.evict.insert(removal.evict.end(), pods.daemonset.begin(), pods.daemonset.end());
    --total;
    if (unneeded.needs_drain) --drains;
    out.remove.push_back(std::move(removal));
  };
  for (const UnneededNode& n : ready.empty) {
    if (total > 0) take(n);
  }
  for (const UnneededNode& n : ready.drain) {
    if (total > 0 && drains > 0) take(n);
  }
}

}  // namespace

std::uint64_t hash_of(std::span<const ScaleDownNode> nodes) {
  std::uint64_t sum = 0;
  for (const ScaleDownNode& n : nodes) {
    TraceHash hash;
    hash.add(n.id.value());
    hash.add(static_cast<std::uint64_t>(n.group) * 8 + (n.ready ? 1u : 0u) + (n.scale_down_disabled ? 2u : 0u) +
             (n.being_deleted ? 4u : 0u));
    sum += mix64(hash.value());
  }
  return sum;
}

std::string_view to_string(UnremovableReason reason) {
  switch (reason) {
    case UnremovableReason::none:
      return "";
    case UnremovableReason::scale_down_disabled_annotation:
      return "ScaleDownDisabledAnnotation";
    case UnremovableReason::not_underutilized:
      return "NotUnderutilized";
    case UnremovableReason::recently_unremovable:
      return "RecentlyUnremovable";
    case UnremovableReason::being_deleted:
      return "CurrentlyBeingDeleted";
    case UnremovableReason::group_min_size_reached:
      return "NodeGroupMinSizeReached";
    case UnremovableReason::blocked_by_pod:
      return "BlockedByPod";
    case UnremovableReason::no_place_to_move_pods:
      return "NoPlaceToMovePods";
    case UnremovableReason::not_looked_at:
      return "NotLookedAt";
    case UnremovableReason::unready_disabled:
      return "ScaleDownUnreadyDisabled";
  }
  return "";
}

RemovalPass simulate_removals(const Simulation& sim, const ScaleDownInput& input,
                              std::span<const ScaleDownNode> candidates, std::size_t limit, ScaleDownState& state) {
  return RemovalSimulation(sim, input, state).run(candidates, limit);
}

ScaleDownDecision plan_scale_down(const Simulation& sim, const ScaleDownInput& input, ScaleDownState& state) {
  ScaleDownDecision out;
  const Options& options = *input.options;
  if (!options.scale_down_enabled) {
    out.cooldown = Cooldown::disabled;
    return out;
  }
  const std::uint64_t key = fingerprint(sim, input);
  if (state.seen_is_valid && state.seen == key && input.now <= state.recheck_at) {
    out.reused = true;
    // The real loop simulates the unneeded ones again; the others it leaves alone for five minutes.
    out.simulated = state.last.removable.size();
  } else {
    const std::size_t limit = unneeded_limit(options, state.unneeded.entries().size());
    // A node that was skipped as recently unremovable is looked at when its time is over, also when nothing changed.
    state.recheck_at = kTimeNever;
    if (input.verdicts) {
      std::vector<NodeVerdict> at_minimum;
      const std::vector<ScaleDownNode> candidates = candidates_in_order(sim, input, state, at_minimum);
      state.last = simulate_removals(sim, input, candidates, limit, state);
      state.last.unremovable.insert(state.last.unremovable.end(), at_minimum.begin(), at_minimum.end());
      TimesOfNodes left_alone(state.unremovable_until);
      for (const NodeVerdict& v : state.last.unremovable) {
        if (v.reason == UnremovableReason::recently_unremovable) {
          state.recheck_at = std::min(state.recheck_at, left_alone.of(v.node));
        }
      }
    } else {
      state.last = RemovalSimulation(sim, input, state).run_in_order(limit, state.recheck_at);
    }
    state.unneeded.update(state.last.removable, input.now);
    out.simulated = state.last.simulated;
    state.seen = key;
    state.seen_is_valid = !state.last.truncated;
  }
  if (input.verdicts) out.unremovable = state.last.unremovable;
  if (input.blocked) {
    out.cooldown = Cooldown::blocked;
  } else if (!options.scale_down_delay_type_local) {
    out.cooldown = cooldown_of(options, input.now, input.last_scale_up, input.last_failure, input.last_delete);
  }
  if (out.cooldown == Cooldown::none && !state.unneeded.entries().empty()) choose_removals(sim, input, state, out);
  return out;
}

}  // namespace plimsoll::eks::ca
