#include <algorithm>

#include "models/eks/controllers/cluster_autoscaler.h"
#include "sim/core/payload.h"

/// The second half of the controller: which nodes go, how unneeded ones are marked, and the drain.
namespace plimsoll::eks {

namespace {

constexpr Duration kEvictionRetry = seconds(10);
constexpr Duration kPoll = seconds(5);
/// Longer than a pod's own grace before a drain is given up. SOURCE: actuation/drain.go, podEvictionHeadroom.
constexpr Duration kHeadroom = seconds(30);
/// From the request for a taint until the autoscaler's own watch has it: looked for every 50 ms. With the dynamic delay
/// the wait is twice that. SOURCE: actuation/update_latency_tracker.go, actuator.go; the latency is assumed.
constexpr Duration kTaintLatency = milliseconds(100);
constexpr std::string_view kSoftTaint = "DeletionCandidateOfClusterAutoscaler";

}  // namespace

ClusterAutoscaler::Deletion* ClusterAutoscaler::deletion_of(NodeId node) {
  const auto at = std::find_if(deletions_.begin(), deletions_.end(), [&](const Deletion& d) { return d.node == node; });
  return at == deletions_.end() ? nullptr : &*at;
}

Duration ClusterAutoscaler::scale_down(World& world, const Simulation& sim, std::span<const ca::NodeGroup> groups,
                                       bool blocked) {
  see_nodes(world);
  const WorldPods pods(world, annotations_);
  if (refresh_budgets(world, budgets_, budgets_changed_, budget_view_)) ++budgets_version_;
  const std::vector<DisruptionBudget>& budgets = budget_view_;
  // Budgets change without a change of the snapshot (readiness): their sum of allowances is part of the question.
  TraceHash fingerprint;
  for (const DisruptionBudget& b : budgets) fingerprint.add(b.disruptions_allowed);
  ca::ScaleDownInput input;
  input.nodes = nodes_;
  input.nodes_hash = nodes_hash_;
  input.groups = groups;
  input.pods = &pods;
  input.budgets = budgets;
  input.budgets_version = budgets_version_;
  input.facts_version = fingerprint.value();
  input.now = world.now();
  input.last_scale_up = last_scale_up_;
  input.last_delete = last_delete_;
  input.last_failure = last_failure_;
  for (const Deletion& d : deletions_) {
    ++input.deletions_in_progress;
    if (d.drain) ++input.drains_in_progress;
  }
  input.blocked = blocked;
  input.kube_system = world.names.intern("kube-system");
  input.options = &options_;
  input.verdicts = world.is_explained();
  input.simulation_cost = Duration{compute_.removal_per_thousand_nodes.count() *
                                   static_cast<std::int64_t>(world.placement.live_rows()) / 1000};
  ca::ScaleDownDecision decision = ca::plan_scale_down(sim, input, down_);
  if (world.is_explained()) {
    ScaleDownDetail detail;
    detail.decision = &decision;
    detail.unneeded = down_.unneeded.entries();
    detail.groups = groups;
    detail.input = &input;
    detail.sim = &sim;
    world.explain(detail);
  }
  chosen_ = std::move(decision.remove);
  // Marks are set and taken in loops that may remove and do not.
  if (decision.cooldown == ca::Cooldown::none && chosen_.empty()) mark_unneeded(world);
  const auto spent = input.simulation_cost.count() * static_cast<std::int64_t>(decision.simulated);
  // The pass ends with the candidate that passes the limit.
  return std::min(Duration{spent}, options_.scale_down_simulation_timeout + input.simulation_cost);
}

void ClusterAutoscaler::mark_unneeded(World& world) {
  std::int64_t left = options_.max_bulk_soft_taint_count;
  if (left == 0) return;
  const Taint taint{world.names.intern(kSoftTaint), {}, TaintEffect::prefer_no_schedule};
  std::vector<NodeId> keep;
  for (const NodeId id : marked_) {
    const NodeState state = world.node(id).state;
    if (state == NodeState::terminating || state == NodeState::terminated) continue;
    if (down_.unneeded.contains(id) || left == 0) {
      keep.push_back(id);
      continue;
    }
    world.untaint_node(id, taint.key);
    --left;
  }
  marked_ = std::move(keep);
  for (const ca::UnneededNodes::Entry& e : down_.unneeded.entries()) {
    if (left == 0) break;
    if (std::find(marked_.begin(), marked_.end(), e.node.node) != marked_.end()) continue;
    world.taint_node(e.node.node, taint);
    marked_.push_back(e.node.node);
    --left;
  }
}

void ClusterAutoscaler::begin_removal(World& world, const ca::Removal& removal) {
  world.drain_node(removal.node, Reason::scale_down);
  Deletion d;
  d.node = removal.node;
  d.drain = removal.drain;
  const Time act =
      world.now() + (options_.dynamic_node_delete_delay_after_taint_enabled ? 3 * kTaintLatency
                                                                            : options_.node_delete_delay_after_taint);
  d.evict_until = act + options_.max_pod_eviction_time;
  deletions_.push_back(d);
  world.wake(handler, act, Phase::controllers, packed_step(removal.node, kActuate));
}

void ClusterAutoscaler::drain(World& world, std::size_t index) {
  const NodeId node = deletions_[index].node;
  // Whatever came onto the node between the decision and the taint leaves with it.
  bool waiting = false, refused = false;
  Duration grace{}, longest = options_.max_graceful_termination;
  std::vector<PodId> pods;
  for (const PodId id : world.pods_on(node)) {
    if (!world.pod(id).daemon) pods.push_back(id);
  }
  if (!drain_priorities_.empty() && !pods.empty()) longest = next_priorities(world, deletions_[index], pods);
  for (const PodId id : pods) {
    const Pod& pod = world.pod(id);
    waiting = true;
    if (pod.state != PodState::stopping &&
        budgets_.evict(world, id, Reason::node_drain, longest) == Applied::rejected) {
      refused = true;
      continue;
    }
    grace = std::max(grace, world.pod(id).stop_after);
  }
  if (!waiting) {
    const Time batch = batch_of(world, index);
    if (batch > world.now()) {
      world.wake(handler, batch, Phase::controllers, packed_step(node, kDrain));
    } else {
      finish_removal(world, index, true);
    }
    return;
  }
  Deletion& d = deletions_[index];
  if (refused) {
    if (world.now() >= d.evict_until) {
      finish_removal(world, index, false);
      return;
    }
  } else {
    if (d.gone_by == kTimeNever)
      d.gone_by = world.now() + (drain_priorities_.empty() ? std::min(grace, longest) : longest) + kHeadroom;
    if (world.now() >= d.gone_by) {
      finish_removal(world, index, false);
      return;
    }
  }
  world.wake(handler, world.now() + (refused ? kEvictionRetry : kPoll), Phase::controllers, packed_step(node, kDrain));
}

Duration ClusterAutoscaler::next_priorities(const World& world, Deletion& d, std::vector<PodId>& pods) const {
  const auto group_of_pod = [&](PodId id) {
    return ca::drain_group(drain_priorities_, world.shapes[world.pod(id).shape].priority);
  };
  std::size_t lowest = drain_priorities_.size();
  for (const PodId id : pods) lowest = std::min(lowest, group_of_pod(id));
  std::erase_if(pods, [&](PodId id) { return group_of_pod(id) != lowest; });
  if (lowest != d.priorities) {
    // Those before it are gone: this group has its own time.
    d.priorities = lowest;
    d.evict_until = world.now() + options_.max_pod_eviction_time;
    d.gone_by = kTimeNever;
  }
  return drain_priorities_[lowest].grace;
}

Time ClusterAutoscaler::batch_of(const World& world, std::size_t index) {
  Deletion& d = deletions_[index];
  if (d.batch != kTimeNever) return d.batch;
  d.batch = world.now() + options_.node_deletion_batcher_interval;
  // The first of a group opens the batch; those that come before it goes join it.
  for (const Deletion& other : deletions_) {
    if (other.batch > world.now() && world.node(other.node).group == world.node(d.node).group)
      d.batch = std::min(d.batch, other.batch);
  }
  return d.batch;
}

void ClusterAutoscaler::finish_removal(World& world, std::size_t index, bool succeeded) {
  const NodeId node = deletions_[index].node;
  deletions_over_.push_back(node);
  deletions_.erase(deletions_.begin() + static_cast<std::ptrdiff_t>(index));
  const NodeGroupId id = world.node(node).group;
  Group& group = groups_[group_of(id)];
  if (!succeeded) {
    world.undrain_node(node);
    last_failure_ = group.last_failure = world.now();
    return;
  }
  // TerminateInstanceInAutoScalingGroup with ShouldDecrementDesiredCapacity.
  world.terminate_node(node, Reason::scale_down);
  world.set_group_desired(id, world.group(id).desired - 1);
  last_delete_ = group.last_delete = world.now();
}

}  // namespace plimsoll::eks
