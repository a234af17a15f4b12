#include "models/kubernetes/controllers/daemon_set_controller.h"

#include <algorithm>
#include <utility>

#include "models/kubernetes/controllers/admission.h"
#include "models/kubernetes/controllers/api_server.h"
#include "models/kubernetes/controllers/kube_scheduler.h"
#include "models/kubernetes/controllers/requeue.h"
#include "models/kubernetes/scheduler/match.h"

namespace plimsoll::kubernetes {

namespace {

/// SOURCE: daemon_controller.go, BackoffGCInterval and the controller's flowcontrol.NewBackOff(1 s, 15 min); an entry
/// that was not used for twice the longest delay starts anew.
constexpr Duration kFirst = seconds(1), kLongest = minutes(15);

/// From a change at the API server to the controller's next sync.
constexpr Duration kWatch = milliseconds(100);

// payload: node (32) | set (16) | step (8)
std::uint64_t pack(NodeId node, std::size_t set, std::uint64_t step) {
  return (static_cast<std::uint64_t>(node.value()) << 24) | (static_cast<std::uint64_t>(set) << 8) | step;
}

bool takes_pods(const Node& node) { return node.state == NodeState::ready && !node.is_lost(); }

/// Whether the pod was deleted, and did not fail.
bool was_deleted(plimsoll::Reason reason) {
  using plimsoll::Reason;
  return reason == Reason::rollout || reason == Reason::rollback || reason == Reason::preempted ||
         reason == Reason::user_initiated;
}

}  // namespace

bool daemon_belongs_on(const PodShape& pod, const SnapshotNode& node, const Names& names) {
  if (!pod.node_name.is_none() && pod.node_name != node.name) return false;
  return matches_required(pod, node, names) && std::all_of(node.taints.begin(), node.taints.end(), [&](const Taint& t) {
           return t.effect == TaintEffect::prefer_no_schedule || names.text(t.key).starts_with("node.kubernetes.io/") ||
                  tolerated(pod.tolerations, t);
         });
}

PodShape tied_to_node(PodShape shape, NameId node, Names& names) {
  Requirement name;
  name.key = names.intern("metadata.name");
  name.values = {node};
  NodeSelectorTerm term;
  term.fields = {name};
  shape.node_required = std::vector<NodeSelectorTerm>{term};
  return shape;
}

void DaemonSetController::manage(WorkloadId workload, const DaemonSetStrategy& strategy) {
  Set set;
  set.workload = workload;
  set.strategy = strategy;
  sets_.push_back(set);
}

void DaemonSetController::on_fact(World& world, const FactRecord& fact) {
  if (sets_.empty()) return;
  const auto set = std::find_if(sets_.begin(), sets_.end(), [&](const Set& s) { return s.workload == fact.workload; });
  const auto index = static_cast<std::size_t>(set - sets_.begin());
  if (set != sets_.end() && (fact.fact == Fact::revision_changed || set->rolling)) wake_soon(world, index);
  // Any change of its pods brings a sync, which tries again what was refused.
  const bool pods_change = fact.fact == Fact::pod_ended || fact.fact == Fact::pod_ready;
  if (set != sets_.end() && set->refusals > 0 && pods_change) fill_at(world, index, world.now() + kWatch);
  if (fact.node.is_none()) return;
  const Node& node = world.node(fact.node);
  if (node.host != HostKind::ec2) return;
  switch (fact.fact) {
    case Fact::node_ready:
      // A node that was only uncordoned has its daemons.
      if (node.pod_count == 0) world.wake(handler, world.now(), Phase::controllers, pack(fact.node, 0, kJoined));
      break;
    case Fact::node_terminating:
      if (!waiting_.empty()) world.wake(handler, world.now(), Phase::controllers, pack(fact.node, 0, kGone));
      break;
    case Fact::pod_ended: {
      if (set == sets_.end() || !takes_pods(node)) break;
      const Duration delay =
          was_deleted(world.pod(fact.pod).end_reason) ? kWatch : backoff(world, fact.workload, fact.node);
      world.wake(handler, world.now() + delay, Phase::controllers, pack(fact.node, index, kReplace));
      break;
    }
    default:
      break;
  }
}

void DaemonSetController::wake_soon(World& world, std::size_t set) {
  if (sets_[set].wake_pending) return;
  sets_[set].wake_pending = true;
  world.wake(handler, world.now() + kWatch, Phase::controllers, pack(NodeId{0}, set, kSync));
}

Duration DaemonSetController::backoff(World& world, WorkloadId workload, NodeId node) {
  auto at = std::find_if(failures_.begin(), failures_.end(),
                         [&](const Failures& f) { return f.workload == workload && f.node == node; });
  if (at == failures_.end()) at = failures_.insert(failures_.end(), {workload, node, 0, {}});
  if (world.now() - at->last > kLongest * 2) at->count = 0;
  at->last = world.now();
  return requeue_delay(++at->count, kFirst, kLongest);
}

NodeId DaemonSetController::node_of(const World& world, PodId pod) const {
  if (!world.pod(pod).node.is_none()) return world.pod(pod).node;
  const auto at = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& w) { return w.pod == pod; });
  return at == waiting_.end() ? NodeId{} : at->node;
}

bool DaemonSetController::runs_on(const World& world, WorkloadId workload, NodeId node) const {
  const std::vector<PodId>& pods = world.workload(workload).pods;
  return std::any_of(pods.begin(), pods.end(), [&](PodId pod) { return node_of(world, pod) == node; });
}

bool DaemonSetController::should_run(const World& world, WorkloadId workload, NodeId node) const {
  const Node& n = world.node(node);
  if (n.row == kNoRow) return false;
  return daemon_belongs_on(world.shapes[world.workload(workload).shape], world.placement.node(n.row), world.names);
}

bool DaemonSetController::is_coming(std::size_t set, NodeId node) const {
  return std::any_of(creations_.begin(), creations_.end(),
                     [&](const Creation& c) { return c.set == set && c.node == node; });
}

void DaemonSetController::request(World& world, std::size_t set, NodeId node, Time since) {
  if (is_coming(set, node)) return;
  const Duration queued = api_wait(world, api_server_);
  const Time sent = std::max(rate_.take(since), world.now()) + queued;
  creations_.push_back({set, node});
  if (sent <= world.now()) return create(world, set, node);
  world.wake(handler, sent, Phase::controllers, pack(node, set, kCreate));
}

void DaemonSetController::create(World& world, std::size_t index, NodeId node) {
  std::erase_if(creations_, [&](const Creation& c) { return c.set == index && c.node == node; });
  Set& set = sets_[index];
  if (!takes_pods(world.node(node)) || !should_run(world, set.workload, node)) return;
  if (!admitted(world, admission_, set.workload)) {
    fill_at(world, index, world.now() + requeue_delay(++set.refusals));
    return;
  }
  // What was refused before comes one by one, as long as it is taken.
  const bool more = std::exchange(set.refusals, 0) > 0;
  place(world, set.workload, node);
  if (more) fill_at(world, index, world.now());
}

NodeId DaemonSetController::first_without(const World& world, std::size_t set) const {
  for (const NodeId id : world.live_nodes()) {
    const Node& n = world.node(id);
    if (n.host != HostKind::ec2 || !takes_pods(n) || is_coming(set, id)) continue;
    if (!runs_on(world, sets_[set].workload, id) && should_run(world, sets_[set].workload, id)) return id;
  }
  return {};
}

void DaemonSetController::fill_at(World& world, std::size_t set, Time at) {
  if (sets_[set].fill_at != kTimeNever && sets_[set].fill_at <= at) return;
  sets_[set].fill_at = at;
  world.wake(handler, at, Phase::controllers, pack(NodeId{0}, set, kFill));
}

void DaemonSetController::place(World& world, WorkloadId workload, NodeId node) {
  const PodId pod = world.create_pod(workload);
  auto* scheduler = scheduler_.is_none() ? nullptr : dynamic_cast<KubeScheduler*>(&world.component(scheduler_));
  const bool bound =
      scheduler != nullptr ? scheduler->bind_at_once(world, pod, node) : world.bind_pod(pod, node) == Applied::yes;
  if (bound) return;
  PodShape shape = tied_to_node(world.shapes[world.pod(pod).shape], world.node(node).name, world.names);
  world.edit_pod(pod).shape = world.shapes.intern(std::move(shape));
  std::erase_if(waiting_, [&](const Waiting& w) { return world.pod(w.pod).state != PodState::pending; });
  waiting_.push_back({pod, node});
  if (scheduler != nullptr) scheduler->pod_updated(world, pod);
}

void DaemonSetController::sync(World& world, std::size_t index) {
  const Workload& w = world.workload(sets_[index].workload);
  const bool back = w.revision < w.newest_revision();
  const auto why = back ? plimsoll::Reason::rollback : plimsoll::Reason::rollout;
  {
    Set& set = sets_[index];
    if (set.revision != w.revision) {
      set.revision = w.revision;
      set.rolling = !set.strategy.on_delete;
      if (set.rolling) world.set_rollout(w.id, Rollout::progressing, back ? why : plimsoll::Reason::none);
    }
    if (!set.rolling) return;
  }
  const DaemonSetStrategy strategy = sets_[index].strategy;
  std::vector<NodeId> nodes;
  for (const NodeId id : world.live_nodes()) {
    const Node& n = world.node(id);
    if (n.host == HostKind::ec2 && should_run(world, w.id, id)) nodes.push_back(id);
  }
  std::vector<DaemonNode> seen(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) seen[i].updated = is_coming(index, nodes[i]);
  std::vector<PodId> old_pods(nodes.size());
  Time check_at = kTimeNever;
  for (const PodId id : w.pods) {
    const Pod& p = world.pod(id);
    const auto at = std::lower_bound(nodes.begin(), nodes.end(), node_of(world, id));
    if (at == nodes.end() || *at != node_of(world, id)) continue;
    DaemonNode& n = seen[static_cast<std::size_t>(at - nodes.begin())];
    if (p.state == PodState::stopping) {
      n.terminating = true;
      continue;
    }
    const bool ready = p.state == PodState::ready || p.state == PodState::serving;
    const bool available = ready && world.now() >= p.ready + strategy.min_ready && !world.node(*at).is_lost();
    if (ready && !available && world.now() < p.ready + strategy.min_ready)
      check_at = std::min(check_at, p.ready + strategy.min_ready);
    if (p.revision == w.revision) {
      n.updated = true;
      n.updated_available = available;
    } else {
      n.old = true;
      n.old_available = available;
      old_pods[static_cast<std::size_t>(at - nodes.begin())] = id;
    }
  }
  const DaemonStep step = daemon_rolling_step(strategy, version_, seen);
  for (const std::size_t i : step.create) {
    if (takes_pods(world.node(nodes[i]))) request(world, index, nodes[i], world.now());
  }
  for (const std::size_t i : step.stop_old) world.stop_pod(old_pods[i], why);
  const bool done = std::all_of(seen.begin(), seen.end(),
                                [](const DaemonNode& n) { return n.updated_available && !n.old && !n.terminating; });
  Set& set = sets_[index];
  if (done) {
    set.rolling = false;
    world.set_rollout(w.id, Rollout::none);
  } else if (check_at != kTimeNever && (set.check_at <= world.now() || check_at < set.check_at)) {
    set.check_at = check_at;
    world.wake(handler, check_at, Phase::controllers, pack(NodeId{0}, index, kSync));
  }
}

void DaemonSetController::handle(World& world, const Event& event) {
  if (put_off(world, handler, event)) return;
  const NodeId node{static_cast<std::uint32_t>(event.payload >> 24)};
  const auto index = static_cast<std::size_t>((event.payload >> 8) & 0xffffu);
  switch (event.payload & 0xffu) {
    case kUpdated:
      for (std::size_t i = 0; i < sets_.size(); ++i)
        world.wake(handler, world.now(), Phase::controllers, pack(node, i, kReplace));
      break;
    case kJoined:
      if (world.node(node).state != NodeState::ready) return;
      // What is there at the beginning has its pods: the cluster is older than the run.
      for (std::size_t i = 0; i < sets_.size(); ++i) {
        if (!should_run(world, sets_[i].workload, node)) continue;
        if (world.now() == kTimeZero) {
          create(world, i, node);
        } else {
          request(world, i, node, world.now() - kRegistered);
        }
      }
      break;
    case kReplace: {
      const WorkloadId workload = sets_[index].workload;
      if (takes_pods(world.node(node)) && !runs_on(world, workload, node) && should_run(world, workload, node))
        request(world, index, node, world.now());
      break;
    }
    case kCreate:
      create(world, index, node);
      break;
    case kFill: {
      if (sets_[index].fill_at > world.now()) break;
      sets_[index].fill_at = kTimeNever;
      const NodeId next = first_without(world, index);
      if (next.is_none()) {
        sets_[index].refusals = 0;
      } else {
        request(world, index, next, world.now());
      }
      break;
    }
    case kSync:
      sets_[index].wake_pending = false;
      sync(world, index);
      break;
    default:
      for (const Waiting& w : waiting_) {
        if (w.node == node && world.pod(w.pod).state == PodState::pending)
          world.stop_pod(w.pod, plimsoll::Reason::host_ended);
      }
      std::erase_if(waiting_, [&](const Waiting& w) { return world.pod(w.pod).state != PodState::pending; });
      break;
  }
}

}  // namespace plimsoll::kubernetes
