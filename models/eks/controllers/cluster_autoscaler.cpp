#include "models/eks/controllers/cluster_autoscaler.h"

#include <algorithm>

#include "models/eks/controllers/pod_directory.h"

namespace plimsoll::eks {

namespace {

constexpr Duration kEvictionRetry = seconds(10);
constexpr Duration kPoll = seconds(5);

std::uint64_t pack(NodeId node, std::uint64_t step) { return (static_cast<std::uint64_t>(node.value()) << 8) | step; }

}  // namespace

void ClusterAutoscaler::start(World& world) {
  const Stream stream = world.stream(hash_text("cluster-autoscaler"), Purpose::loop_offset);
  const auto offset =
      static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(options_.scan_interval.count()), 0));
  world.wake(handler, world.now() + Duration{offset}, Phase::controllers, kLoop);
}

ClusterAutoscaler::Deletion* ClusterAutoscaler::deletion_of(NodeId node) {
  const auto at = std::find_if(deletions_.begin(), deletions_.end(), [&](const Deletion& d) { return d.node == node; });
  return at == deletions_.end() ? nullptr : &*at;
}

std::vector<ca::NodeGroup> ClusterAutoscaler::view_groups(const World& world) const {
  std::vector<ca::NodeGroup> out;
  for (const AutoscaledGroup& g : groups_) {
    const NodeGroup& group = world.group(g.id);
    ca::NodeGroup view;
    view.id = g.id;
    view.name = world.names.text(group.name);
    view.minimum = group.minimum;
    view.maximum = group.maximum;
    view.target = group.desired;
    view.daemons = g.daemons;
    view.node = g.template_node;
    std::int64_t registered = 0;
    bool real = false;
    for (const NodeId id : world.live_nodes()) {
      const Node& n = world.node(id);
      if (n.group != g.id || (n.state != NodeState::ready && n.state != NodeState::draining)) continue;
      ++registered;
      if (!real && n.state == NodeState::ready) {
        real = true;
        view.node = world.placement.node(n.row);
        view.node.unschedulable = false;
      }
    }
    view.upcoming = std::max<std::int64_t>(0, group.desired - registered);
    view.deletions_in_progress = static_cast<std::int64_t>(std::count_if(
        deletions_.begin(), deletions_.end(), [&](const Deletion& d) { return world.node(d.node).group == g.id; }));
    out.push_back(std::move(view));
  }
  return out;
}

void ClusterAutoscaler::loop(World& world) {
  const std::vector<ca::NodeGroup> groups = view_groups(world);
  const Simulation sim{world.placement, framework_, scratch_, world.shapes, world.names, simulated_};
  std::vector<ca::PendingPod> pending;
  for (const PodId id : world.pending_pods()) {
    const Pod& pod = world.pod(id);
    if (pod.daemon) continue;
    pending.push_back({id, pod.shape, pod.workload, pod.created, {}});
  }
  // Pods of nodes that are being drained count as pending: their replacements must find room.
  ca::ScaleUpInput input;
  input.groups = groups;
  input.pending = pending;
  input.now = world.now();
  input.ready_nodes = static_cast<std::int64_t>(world.placement.live_rows());
  input.options = &options_;
  input.expanders = expanders_.get();
  const Stream tie = world.stream(hash_text("cluster-autoscaler"), Purpose::tie_break);
  input.tie = &tie;
  const ca::ScaleUpDecision up = ca::plan_scale_up(sim, input, up_);
  if (world.is_explained()) {
    ScaleUpDetail detail;
    detail.decision = &up;
    detail.groups = groups;
    detail.expanders = expanders_.get();
    world.explain(detail);
  }
  Duration next = options_.scan_interval;
  bool blocked = up.outcome == ca::ScaleUpOutcome::waiting_for_pods;
  if (up.outcome == ca::ScaleUpOutcome::scale_up) {
    for (const ca::Resize& r : up.resized) world.set_group_desired(groups_[r.index].id, r.wanted);
    last_scale_up_ = world.now();
    blocked = true;
    if (options_.frequent_loops_enabled) next = seconds(1);
  }
  scale_down(world, sim, groups, blocked);
  world.wake(handler, world.now() + next, Phase::controllers, kLoop);
}

void ClusterAutoscaler::scale_down(World& world, const Simulation& sim, std::span<const ca::NodeGroup> groups,
                                   bool blocked) {
  std::vector<ca::ScaleDownNode> nodes;
  for (const NodeId id : world.live_nodes()) {
    const Node& n = world.node(id);
    if (n.row == kNoRow) continue;
    const auto group =
        std::find_if(groups.begin(), groups.end(), [&](const ca::NodeGroup& g) { return g.id == n.group; });
    if (group == groups.end()) continue;
    ca::ScaleDownNode node;
    node.id = id;
    node.row = n.row;
    node.group = static_cast<std::size_t>(group - groups.begin());
    node.being_deleted = n.state == NodeState::draining || deletion_of(id) != nullptr;
    nodes.push_back(node);
  }
  const WorldPods pods(world);
  const std::vector<DisruptionBudget> budgets = view_budgets(world, budgets_);
  // Budgets change without a change of the snapshot (readiness): their sum of allowances is part of the question.
  TraceHash fingerprint;
  for (const DisruptionBudget& b : budgets) fingerprint.add(b.disruptions_allowed);
  ca::ScaleDownInput input;
  input.nodes = nodes;
  input.groups = groups;
  input.pods = &pods;
  input.budgets = budgets;
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
  const ca::ScaleDownDecision decision = ca::plan_scale_down(sim, input, down_);
  if (world.is_explained()) {
    ScaleDownDetail detail;
    detail.decision = &decision;
    detail.unneeded = down_.unneeded.entries();
    detail.groups = groups;
    detail.input = &input;
    detail.sim = &sim;
    world.explain(detail);
  }
  for (const ca::Removal& r : decision.remove) begin_removal(world, r);
}

void ClusterAutoscaler::begin_removal(World& world, const ca::Removal& removal) {
  if (world.node(removal.node).state != NodeState::ready) return;
  world.drain_node(removal.node, Reason::scale_down);
  Deletion d;
  d.node = removal.node;
  d.since = world.now();
  d.drain = removal.drain;
  d.evict = removal.evict;
  const Time act = world.now() + options_.node_delete_delay_after_taint;
  d.evict_until = act + options_.max_pod_eviction_time;
  deletions_.push_back(std::move(d));
  world.wake(handler, act, Phase::controllers, pack(removal.node, kActuate));
}

void ClusterAutoscaler::handle(World& world, const Event& event) {
  if ((event.payload & 0xffu) == kLoop) {
    loop(world);
    return;
  }
  Deletion* d = deletion_of(NodeId{static_cast<std::uint32_t>(event.payload >> 8)});
  if (d == nullptr) return;
  const auto index = static_cast<std::size_t>(d - deletions_.data());
  if (world.node(d->node).state != NodeState::draining) {
    deletions_.erase(deletions_.begin() + static_cast<std::ptrdiff_t>(index));
    return;
  }
  drain(world, index);
}

void ClusterAutoscaler::drain(World& world, std::size_t index) {
  const NodeId node = deletions_[index].node;
  // Whatever came onto the node between the decision and the taint leaves with it.
  bool waiting = false, refused = false;
  for (const PodId id : world.pods_on(node)) {
    const Pod& pod = world.pod(id);
    if (pod.daemon) continue;
    if (pod.state == PodState::stopping) {
      waiting = true;
      continue;
    }
    if (budgets_.evict(world, id, Reason::node_drain) == Applied::rejected) refused = true;
    waiting = true;
  }
  if (!waiting) {
    finish_removal(world, index, true);
    return;
  }
  if (refused && world.now() >= deletions_[index].evict_until) {
    finish_removal(world, index, false);
    return;
  }
  world.wake(handler, world.now() + (refused ? kEvictionRetry : kPoll), Phase::controllers, pack(node, kDrain));
}

void ClusterAutoscaler::finish_removal(World& world, std::size_t index, bool succeeded) {
  const NodeId node = deletions_[index].node;
  deletions_.erase(deletions_.begin() + static_cast<std::ptrdiff_t>(index));
  if (!succeeded) {
    world.undrain_node(node);
    last_failure_ = world.now();
    return;
  }
  // TerminateInstanceInAutoScalingGroup with ShouldDecrementDesiredCapacity.
  const NodeGroupId group = world.node(node).group;
  world.terminate_node(node, Reason::scale_down);
  world.set_group_desired(group, world.group(group).desired - 1);
  last_delete_ = world.now();
}

}  // namespace plimsoll::eks
