#include "sim/cluster/world.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>

#include "sim/cluster/termination.h"
#include "sim/core/assert.h"

namespace plimsoll {

namespace {

/// @pre ascending, as everything in creation order is.
template <class Values, class T>
void erase_value(Values& v, T value) {
  const auto at = std::lower_bound(v.begin(), v.end(), value);
  PLIMSOLL_ASSERT(at != v.end() && *at == value);
  v.erase(at);
}

}  // namespace

World::World(std::uint64_t seed_in, Time window_start_in, Time end_in)
    : seed(seed_in), window_start(window_start_in), end(end_in) {}

HandlerId World::attach(std::unique_ptr<Component> component) {
  const HandlerId id{components_.size()};
  component->handler = id;
  if (component->watches()) watchers_.push_back(id);
  components_.emplace_back(std::move(component));
  return id;
}

void World::run_until(Time until) {
  if (!started_) {
    started_ = true;
    for (std::size_t i = 0; i < components_.size(); ++i) components_[i]->start(*this);
  }
  Event event;
  while (queue.pop_until(until, event)) components_[event.handler]->handle(*this, event);
}

void World::run() {
  run_until(end);
  // Backwards: who was attached first (the bill) hears what the others have to say before it closes.
  for (std::size_t i = components_.size(); i-- > 0;) components_[i]->finish(*this);
}

void World::set_service(HandlerId id) {
  PLIMSOLL_ASSERT(component(id).service_model() != nullptr);
  service_ = id;
}

WorkloadId World::add_workload(Workload workload) {
  const WorkloadId id{workloads_.size()};
  workload.id = id;
  workload_entity_.push_back(hash_text(names.text(workload.name), hash_text("workload")));
  workloads_.push_back(std::move(workload));
  usage.emplace_back();
  return id;
}

NodeGroupId World::add_group(NodeGroup group) {
  group.id = NodeGroupId{groups_.size()};
  groups_.push_back(std::move(group));
  return groups_.back().id;
}

ZoneId World::add_zone(std::string_view name) {
  zones_.push_back(names.intern(name));
  zone_lost_.push_back(0);
  return ZoneId{zones_.size() - 1};
}

std::uint64_t World::entity(const Pod& pod) const {
  return mix64(workload_entity_[pod.workload.index()] + pod.ordinal);
}

void World::set_desired(WorkloadId id, std::int64_t desired) {
  Workload& w = workloads_[id.index()];
  if (w.desired == desired) return;
  w.desired = desired;
  record({.at = now(), .fact = Fact::desired_changed, .workload = id, .value = desired});
}

void World::set_bounds(WorkloadId id, std::int64_t minimum, std::int64_t maximum) {
  Workload& w = workloads_[id.index()];
  w.minimum = minimum;
  w.maximum = maximum;
  w.desired = std::clamp(w.desired, minimum, maximum);
  record({.at = now(), .fact = Fact::desired_changed, .workload = id, .value = w.desired});
}

std::uint32_t World::deploy(WorkloadId id, PodTemplate pods) {
  Workload& w = workloads_[id.index()];
  pods.replaces = w.revision;
  w.later.push_back(std::move(pods));
  set_revision(id, w.newest_revision());
  return w.revision;
}

void World::set_revision(WorkloadId id, std::uint32_t revision, Reason reason) {
  Workload& w = workloads_[id.index()];
  PLIMSOLL_ASSERT(revision >= 1 && revision <= w.newest_revision());
  w.revision = revision;
  record({.at = now(), .fact = Fact::revision_changed, .reason = reason, .workload = id, .value = revision});
}

void World::set_rollout(WorkloadId id, Rollout rollout, Reason reason) {
  constexpr Fact kFacts[] = {Fact::rollout_completed, Fact::rollout_started, Fact::rollout_stalled,
                             Fact::rollout_failed};
  Workload& w = workloads_[id.index()];
  w.rollout = rollout;
  record({.at = now(),
          .fact = kFacts[static_cast<std::size_t>(rollout)],
          .reason = reason,
          .workload = id,
          .value = w.revision});
}

void World::direct_traffic(WorkloadId id, std::uint32_t revision) {
  Workload& w = workloads_[id.index()];
  if (w.traffic_revision == revision) return;
  w.traffic_revision = revision;
  record({.at = now(), .fact = Fact::traffic_shifted, .workload = id, .value = revision});
}

void World::weight_traffic(WorkloadId id, std::uint32_t revision, Ppm weight) {
  Workload& w = workloads_[id.index()];
  if (revision == 0) weight = Ppm{};
  if (w.weighted_revision == revision && w.weight == weight) return;
  w.weighted_revision = revision;
  w.weight = weight;
  record({.at = now(), .fact = Fact::traffic_weighted, .workload = id, .value = weight.raw()});
}

void World::set_group_desired(NodeGroupId id, std::int64_t desired) {
  NodeGroup& g = groups_[id.index()];
  if (g.desired == desired) return;
  g.desired = desired;
  record({.at = now(), .fact = Fact::group_resized, .group = id, .value = desired});
}

void World::set_group_sizes(NodeGroupId id, std::optional<std::int64_t> minimum, std::optional<std::int64_t> maximum,
                            std::optional<std::int64_t> desired) {
  NodeGroup& g = groups_[id.index()];
  g.minimum = minimum.value_or(g.minimum);
  g.maximum = std::max(maximum.value_or(g.maximum), g.minimum);
  set_group_desired(id, std::clamp(desired.value_or(g.desired), g.minimum, g.maximum));
}

PodId World::create_pod(WorkloadId id) { return create_pod(id, workloads_[id.index()].revision); }

PodId World::create_pod(WorkloadId workload, std::uint32_t revision) {
  return create_pod(workload, revision, workloads_[workload.index()].shape);
}

PodId World::create_pod(WorkloadId workload_id, std::uint32_t revision, ShapeId shape) {
  Workload& w = workloads_[workload_id.index()];
  const PodId id{pods_.size()};
  Pod& p = pods_.emplace_back();
  p.id = id;
  p.workload = workload_id;
  p.ordinal = w.created++;
  p.revision = revision;
  p.shape = shape;
  p.daemon = w.daemon;
  p.created = now();
  w.pods.push_back(id);
  pending_.push_back(id);
  record({.at = now(), .fact = Fact::pod_created, .pod = id, .workload = workload_id});
  return id;
}

Applied World::bind_pod(PodId pod_id, NodeId node_id) {
  Pod& p = pods_[pod_id.index()];
  Node& n = nodes_[node_id.index()];
  if (p.state != PodState::pending || n.state != NodeState::ready) return Applied::stale;
  const PodShape& shape = shapes[p.shape];
  if (n.host == HostKind::fargate) {
    if (!n.sole_pod.is_none()) return Applied::stale;
    n.sole_pod = pod_id;
  }
  for (std::size_t r = 0; n.row != kNoRow && r < kResourceCount; ++r) {
    const auto resource = static_cast<Resource>(r);
    if (shape.requests[resource] > 0 &&
        placement.requested(resource)[n.row] + shape.requests[resource] > placement.allocatable(resource)[n.row]) {
      return Applied::rejected;
    }
  }
  for (std::size_t i = 0; n.row != kNoRow && i < shape.extended.size(); ++i) {
    const auto& [name, amount] = shape.extended[i];
    if (amount > 0 && placement.requested_extended(n.row, name) + amount > placement.allocatable_extended(n.row, name))
      return Applied::rejected;
  }
  p.state = PodState::preparing;
  p.node = node_id;
  p.bound = now();
  p.in_snapshot = n.row != kNoRow;
  if (p.in_snapshot) placement.add_pod(n.row, {pod_id, p.shape, shape.priority, false, now()}, shape);
  ++n.pod_count;
  if (!p.daemon) ++n.app_pod_count;
  ++workloads_[p.workload.index()].bound;
  erase_value(pending_, pod_id);
  record({.at = now(), .fact = Fact::pod_bound, .node = node_id, .pod = pod_id, .workload = p.workload});
  return Applied::yes;
}

Applied World::stop_pod(PodId pod_id, Reason reason, std::optional<Duration> at_most) {
  Pod& p = pods_[pod_id.index()];
  if (p.state == PodState::stopping || p.state == PodState::ended) return Applied::stale;
  Workload& w = workloads_[p.workload.index()];
  if (p.state == PodState::pending) {
    pod_ended(pod_id, reason);
    return Applied::yes;
  }
  --w.bound;
  if (p.state >= PodState::starting) --w.started;
  if (p.state >= PodState::ready) --w.ready;
  if (p.state == PodState::serving) --w.serving;
  ++w.stopping;
  const HostProfile& profile = host_profiles[static_cast<std::size_t>(nodes_[p.node.index()].host)];
  const PodTemplate& made_of = template_of(p);
  const Duration plain = termination_time(made_of.pre_stop, profile.stop_plain, made_of.stop_grace);
  // A pod that takes no traffic has none to finish, but the hook of a container that runs is called all the same.
  const bool runs = p.state == PodState::starting || p.state == PodState::ready;
  const Duration idle = termination_time(runs ? made_of.pre_stop : Duration{}, std::min(profile.stop_plain, seconds(2)),
                                         made_of.stop_grace);
  p.stop_after = p.serving == kTimeNever ? idle
                 : w.behind_balancer     ? plain + profile.stop_balanced - profile.stop_plain
                                         : plain;
  if (at_most) p.stop_after = std::min(p.stop_after, *at_most);
  p.state = PodState::stopping;
  p.stopping = now();
  p.end_reason = reason;
  ++p.epoch;
  if (p.in_snapshot) placement.set_terminating(nodes_[p.node.index()].row, pod_id);
  record({.at = now(),
          .fact = Fact::pod_stopping,
          .reason = reason,
          .node = p.node,
          .pod = pod_id,
          .workload = p.workload});
  return Applied::yes;
}

void World::pod_pulling(PodId pod_id) {
  Pod& p = pods_[pod_id.index()];
  PLIMSOLL_ASSERT(p.state == PodState::preparing);
  p.pulling = now();
  record({.at = now(), .fact = Fact::pod_pulling, .node = p.node, .pod = pod_id, .workload = p.workload});
}

void World::pod_started(PodId pod_id) {
  Pod& p = pods_[pod_id.index()];
  PLIMSOLL_ASSERT(p.state == PodState::preparing);
  p.state = PodState::starting;
  p.started = p.running = now();
  ++workloads_[p.workload.index()].started;
  record({.at = now(), .fact = Fact::pod_started, .node = p.node, .pod = pod_id, .workload = p.workload});
}

void World::pod_ready(PodId pod_id) {
  Pod& p = pods_[pod_id.index()];
  PLIMSOLL_ASSERT(p.state == PodState::starting);
  p.state = PodState::ready;
  p.ready = now();
  ++workloads_[p.workload.index()].ready;
  record({.at = now(), .fact = Fact::pod_ready, .node = p.node, .pod = pod_id, .workload = p.workload});
}

void World::pod_serving(PodId pod_id) {
  Pod& p = pods_[pod_id.index()];
  PLIMSOLL_ASSERT(p.state == PodState::ready);
  p.state = PodState::serving;
  p.healthy_once = true;
  ++workloads_[p.workload.index()].serving;
  if (p.serving != kTimeNever) return;  // it took traffic before it was ready
  p.serving = now();
  record({.at = now(), .fact = Fact::pod_serving, .node = p.node, .pod = pod_id, .workload = p.workload});
}

void World::pod_published(PodId pod_id) {
  Pod& p = pods_[pod_id.index()];
  PLIMSOLL_ASSERT(p.state == PodState::starting && workloads_[p.workload.index()].publish_not_ready);
  if (p.serving != kTimeNever) return;
  p.serving = now();
  record({.at = now(), .fact = Fact::pod_serving, .node = p.node, .pod = pod_id, .workload = p.workload});
}

void World::pod_unready(PodId pod_id, Reason reason) {
  Pod& p = pods_[pod_id.index()];
  const bool served = p.serving != kTimeNever;
  PLIMSOLL_ASSERT(p.state == PodState::ready || p.state == PodState::serving || served);
  if (p.state == PodState::serving) --workloads_[p.workload.index()].serving;
  if (p.state >= PodState::ready) --workloads_[p.workload.index()].ready;
  p.state = PodState::starting;
  p.ready = p.serving = kTimeNever;
  p.registered = false;
  record({.at = now(),
          .fact = Fact::pod_unready,
          .reason = reason,
          .node = p.node,
          .pod = pod_id,
          .workload = p.workload,
          .value = served ? 1 : 0});
}

void World::pod_failed(PodId pod_id, Reason reason, std::int64_t exit_code) {
  Pod& p = pods_[pod_id.index()];
  if (p.state == PodState::ready || p.serving != kTimeNever) pod_unready(pod_id, reason);
  PLIMSOLL_ASSERT(p.state == PodState::starting);
  p.state = PodState::backoff;
  p.failed = now();
  p.end_reason = reason;
  ++p.epoch;
  record({.at = now(),
          .fact = Fact::pod_failed,
          .reason = reason,
          .node = p.node,
          .pod = pod_id,
          .workload = p.workload,
          .value = exit_code});
}

void World::pod_restarted(PodId pod_id) {
  Pod& p = pods_[pod_id.index()];
  PLIMSOLL_ASSERT(p.state == PodState::backoff);
  p.state = PodState::starting;
  p.running = now();
  p.end_reason = Reason::none;
  ++p.restarts;
  record({.at = now(),
          .fact = Fact::pod_restarted,
          .node = p.node,
          .pod = pod_id,
          .workload = p.workload,
          .value = p.restarts});
}

void World::pod_unhealthy(PodId pod_id) {
  Pod& p = pods_[pod_id.index()];
  if (p.state == PodState::ready || p.state == PodState::serving) pod_unready(pod_id, Reason::unhealthy);
  PLIMSOLL_ASSERT(p.state == PodState::starting);
  p.unhealthy = true;
  ++p.epoch;
  record({.at = now(),
          .fact = Fact::pod_unhealthy,
          .reason = Reason::unhealthy,
          .node = p.node,
          .pod = pod_id,
          .workload = p.workload});
}

void World::pod_withdrawn(PodId pod_id) {
  Pod& p = pods_[pod_id.index()];
  PLIMSOLL_ASSERT(p.state == PodState::serving);
  --workloads_[p.workload.index()].serving;
  p.state = PodState::ready;
  p.serving = kTimeNever;
  record({.at = now(),
          .fact = Fact::pod_unready,
          .reason = Reason::rollout,
          .node = p.node,
          .pod = pod_id,
          .workload = p.workload,
          .value = 1});
}

void World::pod_ended(PodId pod_id, Reason reason) {
  Pod& p = pods_[pod_id.index()];
  PLIMSOLL_ASSERT(p.state != PodState::ended);
  Workload& w = workloads_[p.workload.index()];
  if (p.state == PodState::pending) {
    erase_value(pending_, pod_id);
  } else {
    Node& n = nodes_[p.node.index()];
    if (p.in_snapshot) {
      placement.remove_pod(n.row, pod_id, shapes[p.shape]);
      p.in_snapshot = false;
    }
    --n.pod_count;
    if (!p.daemon) --n.app_pod_count;
    if (p.state == PodState::stopping) {
      --w.stopping;
    } else {
      --w.bound;
      if (p.state >= PodState::starting) --w.started;
      if (p.state >= PodState::ready) --w.ready;
      if (p.state == PodState::serving) --w.serving;
    }
  }
  p.state = PodState::ended;
  p.ended = now();
  ++p.epoch;
  if (reason != Reason::none) p.end_reason = reason;
  erase_value(w.pods, pod_id);
  record({.at = now(),
          .fact = Fact::pod_ended,
          .reason = p.end_reason,
          .node = p.node,
          .pod = pod_id,
          .workload = p.workload});
}

NodeId World::request_node(const NodeSpec& spec) {
  const NodeId id{nodes_.size()};
  Node& n = nodes_.emplace_back();
  n.id = id;
  char name[64];
  std::snprintf(name, sizeof name, "%s-%05u", spec.name_prefix.c_str(), id.value());
  n.name = names.intern(name);
  n.host = spec.host;
  n.purchase = spec.purchase;
  n.instance_type = spec.instance_type;
  n.zone = spec.zone;
  n.group = spec.group;
  n.pool = spec.pool;
  n.capacity = spec.capacity;
  n.allocatable = spec.allocatable;
  n.labels = spec.labels;
  n.taints = spec.taints;
  n.tag = spec.tag;
  n.extended = spec.extended;
  n.requested = now();
  n.image = image_;
  if (!n.group.is_none()) ++groups_[n.group.index()].launches;
  live_nodes_.push_back(id);
  ++nodes_version_;
  record({.at = now(), .fact = Fact::node_requested, .node = id, .group = n.group});
  return id;
}

void World::node_running(NodeId id) {
  Node& n = nodes_[id.index()];
  PLIMSOLL_ASSERT(n.state == NodeState::requested);
  ++nodes_version_;
  n.state = NodeState::running;
  n.running = now();
  record({.at = now(), .fact = Fact::node_running, .node = id, .group = n.group});
}

void World::node_ready(NodeId id) {
  Node& n = nodes_[id.index()];
  PLIMSOLL_ASSERT(n.state == NodeState::running);
  n.state = NodeState::ready;
  ++nodes_version_;
  n.ready = now();
  // A microVM takes one pod, chosen before it was made: nothing is placed on it.
  if (n.host != HostKind::fargate)
    n.row = placement.add_node({n.id, n.name, n.capacity, n.allocatable, n.extended, n.labels, n.taints, false, {}});
  record({.at = now(), .fact = Fact::node_ready, .node = id, .group = n.group});
}

void World::stop_node(NodeId id, Reason reason) {
  Node& n = nodes_[id.index()];
  PLIMSOLL_ASSERT(n.state == NodeState::running);
  n.state = NodeState::requested;
  ++nodes_version_;
  record({.at = now(), .fact = Fact::node_stopped, .reason = reason, .node = id, .group = n.group});
}

void World::join_group(NodeId id, NodeGroupId group) {
  Node& n = nodes_[id.index()];
  PLIMSOLL_ASSERT(n.group.is_none());
  n.group = group;
  ++nodes_version_;
}

void World::drain_node(NodeId id, Reason reason) {
  Node& n = nodes_[id.index()];
  if (n.state != NodeState::ready) return;
  n.state = NodeState::draining;
  ++nodes_version_;
  n.draining = now();
  n.end_reason = reason;
  if (n.row != kNoRow) placement.set_unschedulable(n.row, true);
  record({.at = now(), .fact = Fact::node_draining, .reason = reason, .node = id, .group = n.group});
}

void World::undrain_node(NodeId id) {
  Node& n = nodes_[id.index()];
  if (n.state != NodeState::draining) return;
  n.state = NodeState::ready;
  ++nodes_version_;
  n.draining = kTimeNever;
  n.end_reason = Reason::none;
  placement.set_unschedulable(n.row, false);
  record({.at = now(), .fact = Fact::node_ready, .node = id, .group = n.group});
}

void World::release_image() {
  ++image_;
  record({.at = now(), .fact = Fact::image_changed, .value = image_});
}

void World::taint_node(NodeId id, const Taint& taint) {
  Node& n = nodes_[id.index()];
  if (std::find(n.taints.begin(), n.taints.end(), taint) != n.taints.end()) return;
  n.taints.push_back(taint);
  if (n.row != kNoRow) placement.add_taint(n.row, taint);
}

void World::untaint_node(NodeId id, NameId key) {
  Node& n = nodes_[id.index()];
  if (std::erase_if(n.taints, [&](const Taint& t) { return t.key == key; }) == 0) return;
  if (n.row != kNoRow) placement.remove_taint(n.row, key);
}

void World::terminate_node(NodeId id, Reason reason) {
  {
    const Node& n = nodes_[id.index()];
    if (n.state == NodeState::terminating || n.state == NodeState::terminated) return;
    if (n.pod_count > 0) {
      for (const PodId pod : pods_on(id)) pod_ended(pod, pods_[pod.index()].daemon ? Reason::host_ended : reason);
    }
  }
  Node& n = nodes_[id.index()];
  if (n.row != kNoRow) {
    placement.remove_node(n.row);
    n.row = kNoRow;
  }
  n.state = NodeState::terminating;
  ++nodes_version_;
  n.terminating = now();
  n.end_reason = reason;
  record({.at = now(), .fact = Fact::node_terminating, .reason = reason, .node = id, .group = n.group});
}

void World::node_terminated(NodeId id) {
  Node& n = nodes_[id.index()];
  PLIMSOLL_ASSERT(n.state == NodeState::terminating);
  n.state = NodeState::terminated;
  ++nodes_version_;
  n.terminated = now();
  erase_value(live_nodes_, id);
  record({.at = now(), .fact = Fact::node_terminated, .reason = n.end_reason, .node = id, .group = n.group});
}

void World::target_removed(PodId pod_id) {
  const Pod& p = pods_[pod_id.index()];
  PLIMSOLL_ASSERT(p.state == PodState::ended);
  record({.at = now(), .fact = Fact::target_removed, .node = p.node, .pod = pod_id, .workload = p.workload});
}

std::vector<PodId> World::pods_on(NodeId id) const {
  std::vector<PodId> out;
  const Node& n = nodes_[id.index()];
  if (!n.sole_pod.is_none() && pods_[n.sole_pod.index()].state != PodState::ended) out.push_back(n.sole_pod);
  if (n.row == kNoRow) return out;
  for (const PodOnNode& p : placement.pods(n.row)) out.push_back(p.id);
  std::sort(out.begin(), out.end());
  return out;
}

void World::record(FactRecord fact) {
  hash.add(to_microseconds(fact.at));
  hash.add((static_cast<std::uint64_t>(fact.fact) << 56) | (static_cast<std::uint64_t>(fact.reason) << 48) |
           (static_cast<std::uint64_t>(fact.workload.value() & 0xffffu) << 32) | fact.node.value());
  hash.add((static_cast<std::uint64_t>(fact.pod.value()) << 32) | fact.group.value());
  hash.add(fact.value);
  if (keep_log) log.push_back(fact);
  for (const HandlerId id : watchers_) components_[id.index()]->on_fact(*this, fact);
}

void World::record_decision(std::int64_t code, WorkloadId workload, NodeGroupId group, NodeId node) {
  record({.at = now(), .fact = Fact::decision, .node = node, .workload = workload, .group = group, .value = code});
}

}  // namespace plimsoll
