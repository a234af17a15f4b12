#include "models/eks/cluster_autoscaler/scale_down.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "models/eks/node/free_cpu.h"
#include "sim/core/hash.h"

namespace plimsoll::eks::ca {

namespace {

DrainParams drain_params(const Options& options, NameId kube_system) {
  DrainParams p;
  p.minor = options.minor;
  p.skip_nodes_with_system_pods = options.skip_nodes_with_system_pods;
  p.skip_nodes_with_local_storage = options.skip_nodes_with_local_storage;
  p.skip_nodes_with_custom_controller_pods = options.skip_nodes_with_custom_controller_pods;
  p.min_replica_count = options.min_replica_count;
  p.blocking_system_pod_timeout = options.blocking_system_pod_distruption_timeout;
  p.kube_system = kube_system;
  return p;
}

bool has_only_daemons(const Simulation& sim, Row row, ScaleDownState& state) {
  if (state.only_daemons.size() < sim.snapshot.rows()) state.only_daemons.resize(sim.snapshot.rows());
  ScaleDownState::RowDaemons& known = state.only_daemons[row];
  if (known.version != sim.snapshot.row_version(row)) {
    const auto pods = sim.snapshot.pods(row);
    known.only =
        std::all_of(pods.begin(), pods.end(), [&](const PodOnNode& p) { return sim.shapes[p.shape].is_daemon; });
    known.version = sim.snapshot.row_version(row);
  }
  return known.only;
}

/// Looks up times in a list that is sorted by node. Mostly they are asked for in its order: the search goes on from the
/// last answer.
class TimesOfNodes {
 public:
  explicit TimesOfNodes(const std::vector<std::pair<NodeId, Time>>& list) : list_(list) {}
  /// kTimeNever when the list does not have the node.
  Time of(NodeId node) {
    if (node < last_) at_ = 0;
    last_ = node;
    while (at_ < list_.size() && list_[at_].first < node) ++at_;
    return at_ < list_.size() && list_[at_].first == node ? list_[at_].second : kTimeNever;
  }

 private:
  const std::vector<std::pair<NodeId, Time>>& list_;
  NodeId last_{0};
  std::size_t at_ = 0;
};

/// Pods of a row; expendable ones neither move nor block.
std::vector<DrainPod> pods_on(const Simulation& sim, const PodDirectory& directory, Row row, const Options& options) {
  std::vector<DrainPod> pods;
  for (const PodOnNode& p : sim.snapshot.pods(row)) {
    if (p.priority < options.expendable_pods_priority_cutoff) continue;
    pods.push_back({p.id, &sim.shapes[p.shape], &directory.facts(p.id), p.start, p.shape});
  }
  return pods;
}

/// One pass of simulation; lives as long as the call.
class RemovalSimulation {
 public:
  RemovalSimulation(const Simulation& sim, const ScaleDownInput& input, ScaleDownState& state)
      : sim_(sim),
        in_(input),
        options_(*input.options),
        state_(state),
        params_(drain_params(*input.options, input.kube_system)),
        pdbs_((state.matches.update(input.budgets, input.budgets_version), input.budgets), sim.names, &state.matches),
        destination_(sim.snapshot.rows(), 0) {
    std::vector<Row> all(sim.snapshot.rows());
    std::iota(all.begin(), all.end(), Row{0});
    cpu_.read(sim.snapshot, all);
    for (const Row row : all) destination_[row] = sim.snapshot.alive(row) ? 1 : 0;
    for (const ScaleDownNode& node : input.nodes) {
      if (node.being_deleted) destination_[node.row] = 0;
    }
    std::erase_if(state_.unremovable_until, [&](const auto& entry) { return entry.second < in_.now; });
  }

  RemovalPass run(std::span<const ScaleDownNode> candidates, std::size_t limit) {
    RemovalPass out;
    std::vector<std::pair<const ScaleDownNode*, double>> eligible;
    out.unremovable.reserve(candidates.size());
    TimesOfNodes left_alone(state_.unremovable_until);
    for (const ScaleDownNode& node : candidates) {
      double utilization = 0;
      const UnremovableReason reason = eligibility(node, left_alone, utilization);
      if (reason == UnremovableReason::none) {
        eligible.emplace_back(&node, utilization);
      } else {
        out.unremovable.push_back({node.id, reason, BlockReason::none, PodId{}, utilization});
      }
    }
    const Trial trial(sim_);
    Duration spent{};
    for (const auto& [node, utilization] : eligible) {
      if (out.removable.size() >= limit || spent > options_.scale_down_simulation_timeout) {
        out.truncated = true;
        out.unremovable.push_back(
            {node->id, UnremovableReason::not_looked_at, BlockReason::none, PodId{}, utilization});
        continue;
      }
      spent += in_.simulation_cost;
      ++out.simulated;
      try_remove(*node, utilization, out);
    }
    return out;
  }

 private:
  UnremovableReason eligibility(const ScaleDownNode& node, TimesOfNodes& left_alone, double& utilization) const {
    if (node.being_deleted) return UnremovableReason::being_deleted;
    if (node.scale_down_disabled) return UnremovableReason::scale_down_disabled_annotation;
    if (!node.ready && !options_.scale_down_unready_enabled) return UnremovableReason::unready_disabled;
    if (left_alone.of(node.id) != kTimeNever) return UnremovableReason::recently_unremovable;
    const GroupOptions* own = node.group < in_.groups.size() ? &in_.groups[node.group].options : nullptr;
    UtilizationParams params{options_.ignore_daemonsets_utilization, options_.ignore_mirror_pods_utilization};
    double threshold = options_.scale_down_utilization_threshold;
    double gpu_threshold = options_.scale_down_gpu_utilization_threshold;
    if (own != nullptr) {
      params.ignore_daemonsets = own->ignore_daemonsets_utilization.value_or(params.ignore_daemonsets);
      threshold = own->scale_down_utilization_threshold.value_or(threshold);
      gpu_threshold = own->scale_down_gpu_utilization_threshold.value_or(gpu_threshold);
    }
    const Utilization u = utilization_of(node.row, params);
    utilization = u.value;
    return u.value > (u.resource == Resource::gpus ? gpu_threshold : threshold) ? UnremovableReason::not_underutilized
                                                                                : UnremovableReason::none;
  }

  Utilization utilization_of(Row row, const UtilizationParams& params) const {
    const auto pods = sim_.snapshot.pods(row);
    auto& known = state_.utilization;
    if (known.size() < sim_.snapshot.rows()) known.resize(sim_.snapshot.rows());
    const bool plain = !params.ignore_daemonsets && !params.ignore_mirror_pods;
    if (plain && known[row].version == sim_.snapshot.row_version(row)) return known[row].utilization;
    const Utilization u = node_utilization(sim_.snapshot, row, sim_.shapes, *in_.pods, params, in_.now);
    // Terminating pods stop counting as time passes.
    if (plain && std::none_of(pods.begin(), pods.end(), [](const PodOnNode& p) { return p.terminating; })) {
      known[row] = {sim_.snapshot.row_version(row), u};
    }
    return u;
  }

  void try_remove(const ScaleDownNode& node, double utilization, RemovalPass& out) {
    // Pods that an earlier candidate's simulation put here count.
    const std::vector<DrainPod> pods = pods_on(sim_, *in_.pods, node.row, options_);
    DrainVerdict verdict = pods_to_move(pods, pdbs_, params_, in_.now);
    if (verdict.blocked()) {
      refuse(node, utilization, UnremovableReason::blocked_by_pod, out);
      out.unremovable.back().block = verdict.reason;
      out.unremovable.back().blocking_pod = verdict.blocking_pod;
      return;
    }
    if (!find_places(node, verdict.move)) {
      refuse(node, utilization, UnremovableReason::no_place_to_move_pods, out);
      return;
    }
    std::vector<DrainPod> leaving;
    for (const DrainPod& pod : pods) {
      if (std::find(verdict.move.begin(), verdict.move.end(), pod.id) != verdict.move.end()) leaving.push_back(pod);
    }
    const UnneededNode found{node.id, !verdict.move.empty(), !pdbs_.can_remove(leaving).at_once};
    pdbs_.remove(leaving);
    destination_[node.row] = 0;
    out.removable.push_back(found);
  }

  void refuse(const ScaleDownNode& node, double utilization, UnremovableReason reason, RemovalPass& out) {
    out.unremovable.push_back({node.id, reason, BlockReason::none, PodId{}, utilization});
    const auto at = std::lower_bound(state_.unremovable_until.begin(), state_.unremovable_until.end(), node.id,
                                     [](const auto& entry, NodeId id) { return entry.first < id; });
    state_.unremovable_until.insert(at, {node.id, in_.now + options_.unremovable_node_recheck_timeout});
  }

  /// Moves the pods to other nodes in the snapshot; all or none.
  bool find_places(const ScaleDownNode& node, const std::vector<PodId>& pods) {
    const Snapshot::Level level = sim_.snapshot.checkpoint();
    std::vector<std::pair<PodId, ShapeId>> leaving;
    for (const PodOnNode& p : sim_.snapshot.pods(node.row)) {
      if (std::find(pods.begin(), pods.end(), p.id) != pods.end()) leaving.emplace_back(p.id, p.shape);
    }
    for (const auto& [pod, shape] : leaving) sim_.snapshot.remove_pod(node.row, pod, sim_.shapes[shape]);
    for (const auto& [pod, shape] : leaving) {
      if (!place(pod, shape, node.row)) {
        sim_.snapshot.rollback(level);
        return false;
      }
    }
    sim_.snapshot.commit(level);
    return true;
  }

  bool place(PodId pod, ShapeId shape, Row from) {
    if (const auto hint = state_.hints.find(pod); hint != state_.hints.end()) {
      const Row row = hint->second.row;
      const bool same =
          row < destination_.size() && sim_.snapshot.alive(row) && sim_.snapshot.node(row).id == hint->second.node;
      if (same && try_row(pod, shape, row, from)) return true;
    }
    const std::size_t rows = destination_.size();
    if (rows == 0) return false;
    // Once round: from where the last search ended to the end, then from the front.
    const std::size_t begin = state_.next_row % rows;
    return search(pod, shape, from, begin, rows) || search(pod, shape, from, 0, begin);
  }

  bool search(PodId pod, ShapeId shape, Row from, std::size_t first, std::size_t last) {
    const PodShape& what = sim_.shapes[shape];
    for (std::size_t at = first; (at = cpu_.next(at, last, what)) < last; ++at) {
      const Row row = static_cast<Row>(at);
      if (!try_row(pod, shape, row, from)) continue;
      state_.next_row = (at + 1) % destination_.size();
      state_.hints[pod] = {sim_.snapshot.node(row).id, row};
      return true;
    }
    return false;
  }

  bool try_row(PodId pod, ShapeId shape, Row row, Row from) {
    if (row == from || destination_[row] == 0 || sim_.snapshot.node(row).unschedulable ||
        !state_.refusals.fits(sim_, shape, row))
      return false;
    sim_.place(row, pod, shape);
    return true;
  }

  const Simulation& sim_;
  const ScaleDownInput& in_;
  const Options& options_;
  ScaleDownState& state_;
  DrainParams params_;
  PdbTracker pdbs_;
  std::vector<std::uint8_t> destination_;  // by row
  /// As the pass began: no destination has more later, as pods only leave nodes that are none any more, or come back.
  FreeCpu cpu_;
};

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
  std::vector<std::pair<NodeId, Time>> before;
  for (const UnneededNodes::Entry& e : state.unneeded.entries()) before.emplace_back(e.node.node, e.since);
  std::sort(before.begin(), before.end());
  TimesOfNodes unneeded_since(before);
  // Known ones first, and empty ones before others; in node order within each.
  std::array<std::vector<const ScaleDownNode*>, 4> ranked;
  for (const ScaleDownNode& node : input.nodes) {
    const NodeGroup& group = input.groups[node.group];
    if (group.target <= group.minimum) {
      at_minimum.push_back({node.id, UnremovableReason::group_min_size_reached, BlockReason::none, PodId{}, 0});
      continue;
    }
    const bool known = unneeded_since.of(node.id) != kTimeNever;
    const bool empty = has_only_daemons(sim, node.row, state);
    ranked[(known ? 0u : 2u) + (empty ? 0u : 1u)].push_back(&node);
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

/// Cores and memory that cores-total and memory-total still let go.
class ClusterMinimum {
 public:
  ClusterMinimum(const Simulation& sim, const Options& options)
      : active_(options.cores_total_min > 0 || options.memory_total_min_gib > 0) {
    if (!active_) return;
    for (Row row = 0; row < sim.snapshot.rows(); ++row) {
      if (!sim.snapshot.alive(row)) continue;
      cpu_ += sim.snapshot.node(row).capacity[Resource::cpu];
      memory_ += sim.snapshot.node(row).capacity[Resource::memory];
    }
    cpu_ -= options.cores_total_min * kCpuTicksPerVcpu;
    memory_ -= options.memory_total_min_gib * kGiB;
  }
  bool take(const ResourceVector& capacity) {
    if (!active_) return true;
    if (capacity[Resource::cpu] > cpu_ || capacity[Resource::memory] > memory_) return false;
    cpu_ -= capacity[Resource::cpu];
    memory_ -= capacity[Resource::memory];
    return true;
  }

 private:
  bool active_;
  std::int64_t cpu_ = 0, memory_ = 0;
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
    if (!minimum.take(sim.snapshot.node(node.row).capacity)) return;
    Removal removal{node.id, node.row, node.group, unneeded.needs_drain, {}};
    DrainVerdict pods = pods_to_move(pods_on(sim, *input.pods, node.row, options), budgets,
                                     drain_params(options, input.kube_system), input.now);
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
  TraceHash hash;
  for (const ScaleDownNode& n : nodes) {
    hash.add(n.id.value());
    hash.add(static_cast<std::uint64_t>(n.group) * 8 + (n.ready ? 1u : 0u) + (n.scale_down_disabled ? 2u : 0u) +
             (n.being_deleted ? 4u : 0u));
  }
  return hash.value();
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
    std::vector<NodeVerdict> at_minimum;
    const std::vector<ScaleDownNode> candidates = candidates_in_order(sim, input, state, at_minimum);
    state.last =
        simulate_removals(sim, input, candidates, unneeded_limit(options, state.unneeded.entries().size()), state);
    state.last.unremovable.insert(state.last.unremovable.end(), at_minimum.begin(), at_minimum.end());
    state.unneeded.update(state.last.removable, input.now);
    out.simulated = state.last.simulated;
    state.seen = key;
    state.seen_is_valid = !state.last.truncated;
    // A node that was skipped as recently unremovable is looked at when its time is over, also when nothing changed.
    state.recheck_at = kTimeNever;
    TimesOfNodes left_alone(state.unremovable_until);
    for (const NodeVerdict& v : state.last.unremovable) {
      if (v.reason == UnremovableReason::recently_unremovable) {
        state.recheck_at = std::min(state.recheck_at, left_alone.of(v.node));
      }
    }
  }
  out.unremovable = state.last.unremovable;
  if (input.blocked) {
    out.cooldown = Cooldown::blocked;
  } else if (!options.scale_down_delay_type_local) {
    out.cooldown = cooldown_of(options, input.now, input.last_scale_up, input.last_failure, input.last_delete);
  }
  if (out.cooldown == Cooldown::none && !state.unneeded.entries().empty()) choose_removals(sim, input, state, out);
  return out;
}

}  // namespace plimsoll::eks::ca
