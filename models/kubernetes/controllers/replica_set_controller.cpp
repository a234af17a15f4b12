#include "models/kubernetes/controllers/replica_set_controller.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "models/kubernetes/controllers/admission.h"
#include "models/kubernetes/controllers/api_server.h"
#include "models/kubernetes/controllers/missed_pods.h"
#include "models/kubernetes/controllers/requeue.h"
#include "models/kubernetes/workloads/replicaset_victims.h"
#include "models/kubernetes/workloads/revision_label.h"

namespace plimsoll::kubernetes {

namespace {

// payload: workload (32) | revision (24) | step (8)
std::uint64_t pack(WorkloadId id, std::uint32_t revision, std::uint64_t step) {
  return (static_cast<std::uint64_t>(id.value()) << 32) | (static_cast<std::uint64_t>(revision & 0xffffffu) << 8) |
         step;
}

bool is_ready(PodState s) { return s == PodState::ready || s == PodState::serving; }

PodPhase phase_of(const Pod& p) { return p.state >= PodState::starting ? PodPhase::running : PodPhase::pending; }

/// `only`: all of the workload's pods are of this revision, which saves the count.
std::int64_t alive_of(const World& world, WorkloadId id, std::uint32_t revision, bool only) {
  const Workload& w = world.workload(id);
  if (only) return static_cast<std::int64_t>(w.pods.size()) - w.stopping;
  std::int64_t n = 0;
  for (const PodId pod : w.pods) {
    const Pod& p = world.pod(pod);
    n += p.revision == revision && p.state != PodState::stopping ? 1 : 0;
  }
  return n;
}

}  // namespace

void ReplicaSetController::manage(WorkloadId workload, const DeploymentStrategy& strategy) {
  if (workloads_.size() <= workload.index()) workloads_.resize(workload.index() + 1);
  Managed& m = workloads_[workload.index()];
  m.managed = true;
  m.strategy = strategy;
}

void ReplicaSetController::start(World& world) {
  for (std::size_t i = 0; i < workloads_.size(); ++i) {
    Managed& m = workloads_[i];
    if (!m.managed) continue;
    const Workload& w = world.workload(WorkloadId{i});
    // One that is paused when it is made has no ReplicaSet: this one stays empty.
    m.sets.push_back({w.revision, m.strategy.paused ? 0 : w.desired, 0, 0, 1, 0});
    m.scaled_for = w.desired;
    wake_soon(world, w.id);
  }
}

ReplicaSetController::Set& ReplicaSetController::set_of(Managed& m, std::uint32_t revision) {
  const auto at = std::find_if(m.sets.begin(), m.sets.end(), [&](const Set& s) { return s.revision == revision; });
  if (at != m.sets.end()) return *at;
  if (m.strategy.owner != PodOwner::deployment) return m.sets.back();
  // The last one is that of the wanted revision, whatever comes late.
  return *m.sets.insert(m.sets.begin(), {revision, 0, 0, 0, 1, 0});
}

void ReplicaSetController::wake_soon(World& world, WorkloadId id) {
  Managed& m = workloads_[id.index()];
  if (m.wake_pending) return;
  m.wake_pending = true;
  world.wake(handler, world.now() + parameters_.watch_delay, Phase::controllers, pack(id, 0, kSync));
}

void ReplicaSetController::check_at(World& world, WorkloadId id, Time at) {
  Managed& m = workloads_[id.index()];
  if (m.check_at != kTimeNever && m.check_at <= at) return;
  m.check_at = at;
  world.wake(handler, at, Phase::controllers, pack(id, 0, kCheck));
}

void ReplicaSetController::on_fact(World& world, const FactRecord& f) {
  if (f.workload.index() >= workloads_.size() || !workloads_[f.workload.index()].managed) return;
  Managed& managed = workloads_[f.workload.index()];
  if (managed.strategy.owner == PodOwner::none) {
    // Nobody misses a pod that goes.
    const bool goes =
        f.fact == Fact::pod_stopping || (f.fact == Fact::pod_ended && world.pod(f.pod).stopping == kTimeNever);
    if (goes) --managed.sets.back().replicas;
    if (f.fact == Fact::desired_changed) wake_soon(world, f.workload);
    return;
  }
  if (f.fact == Fact::pod_ended) {
    const MissedPodDelays delays{parameters_.node_monitor_grace, parameters_.cloud_node, parameters_.pod_gc};
    if (const auto until = missed_at(world, f, delays)) {
      const std::uint32_t revision = world.pod(f.pod).revision;
      ++set_of(managed, revision).unmissed;
      world.wake(handler, *until, Phase::controllers, pack(f.workload, revision, kMissed));
      return;
    }
  }
  switch (f.fact) {
    case Fact::desired_changed:
    case Fact::revision_changed:
    case Fact::pod_ended:
    case Fact::pod_stopping:
      wake_soon(world, f.workload);
      break;
    case Fact::pod_created:
    case Fact::pod_ready:
    case Fact::pod_unready:
      if (managed.rolling) wake_soon(world, f.workload);
      break;
    default:
      break;
  }
}

void ReplicaSetController::replace(World& world, const ControlPlaneRelease& release) {
  parameters_.version = release.version;
  parameters_.node_monitor_grace = release.node_monitor_grace;
  wait_until(release.leads);
  for (std::size_t i = 0; i < workloads_.size(); ++i) {
    Managed& m = workloads_[i];
    if (!m.managed) continue;
    if (m.check_at < release.leads) m.check_at = kTimeNever;  // set anew by the sync of everything
    wake_soon(world, WorkloadId{i});
  }
}

void ReplicaSetController::handle(World& world, const Event& event) {
  if (put_off(world, handler, event)) return;
  const WorkloadId id{static_cast<std::uint32_t>(event.payload >> 32)};
  const auto revision = static_cast<std::uint32_t>((event.payload >> 8) & 0xffffffu);
  Managed& m = workloads_[id.index()];
  switch (event.payload & 0xffu) {
    case kSync:
      m.wake_pending = false;
      sync(world, id);
      break;
    case kCheck:
      if (m.check_at == world.now()) {
        m.check_at = kTimeNever;
        sync(world, id);
      }
      break;
    case kMissed:
      --set_of(m, revision).unmissed;
      wake_soon(world, id);
      break;
    case kBatch:
      begin_batch(world, id, set_of(m, revision));
      break;
    default: {
      Set& set = set_of(m, revision);
      --set.creating;
      const std::int64_t alive = alive_of(world, id, revision, m.sets.size() == 1) + set.unmissed;
      if (alive < set.replicas) {
        if (admitted(world, admission_, id)) {
          world.create_pod(id, set.revision,
                           shape_of_revision(world, id, world.workload(id).shape, set.revision, kPodTemplateHash));
        } else if (m.strategy.owner == PodOwner::none) {
          --set.replicas;  // whoever applied it has had the error
        } else {
          set.refused = true;
        }
      }
      if (set.creating == 0) end_batch(world, id, set, alive);
      break;
    }
  }
}

void ReplicaSetController::end_batch(World& world, WorkloadId id, Set& set, std::int64_t alive) {
  if (set.refused) {
    set.refused = false;
    set.left = 0;
    check_at(world, id, world.now() + requeue_delay(++set.failures));
  } else if (set.left > 0) {
    set.batch *= 2;
    world.wake(handler, world.now() + parameters_.create_call, Phase::controllers, pack(id, set.revision, kBatch));
  } else {
    set.failures = 0;
    // The burst is over: the pods that it made bring the next sync.
    if (alive + 1 < set.replicas) wake_soon(world, id);
  }
}

void ReplicaSetController::sync(World& world, WorkloadId id) {
  Managed& synced = workloads_[id.index()];
  // Another template of a ReplicaSet is for the pods that it makes from now on.
  if (synced.strategy.owner != PodOwner::deployment) synced.sets.back().revision = world.workload(id).revision;
  follow_revision(world, id);
  const bool changed = reconcile_deployment(world, id);
  // By index: nothing below adds sets.
  for (std::size_t i = 0; i < workloads_[id.index()].sets.size(); ++i)
    reconcile_set(world, id, workloads_[id.index()].sets[i]);
  report(world, id);
  if (changed && workloads_[id.index()].rolling) wake_soon(world, id);
}

void ReplicaSetController::follow_revision(World& world, WorkloadId id) {
  Managed& m = workloads_[id.index()];
  const Workload& w = world.workload(id);
  if (m.sets.back().revision == w.revision || m.strategy.paused) return;
  set_of(m, w.revision);
  const auto at = std::find_if(m.sets.begin(), m.sets.end(), [&](const Set& s) { return s.revision == w.revision; });
  std::rotate(at, at + 1, m.sets.end());
  m.rolling = true;
  m.progress_at = world.now();
  const bool back = w.revision < w.newest_revision();
  world.set_rollout(id, Rollout::progressing, back ? plimsoll::Reason::rollback : plimsoll::Reason::none);
}

std::int64_t ReplicaSetController::available(World& world, WorkloadId id, std::uint32_t revision) {
  const Duration min_ready = workloads_[id.index()].strategy.min_ready;
  std::int64_t n = 0;
  for (const PodId pod : world.workload(id).pods) {
    const Pod& p = world.pod(pod);
    if (p.revision != revision || !is_ready(p.state)) continue;
    if (world.now() >= p.ready + min_ready) {
      ++n;
    } else {
      check_at(world, id, p.ready + min_ready);
    }
  }
  return n;
}

bool ReplicaSetController::scale(World& world, WorkloadId id) {
  Managed& m = workloads_[id.index()];
  const std::int64_t desired = world.workload(id).desired;
  const std::int64_t before = m.scaled_for;
  m.scaled_for = desired;
  if (m.strategy.paused) return false;
  if (m.strategy.owner == PodOwner::none) {
    Set& pods = m.sets.back();
    const std::int64_t fewer = std::min(before - desired, alive_of(world, id, pods.revision, true));
    if (fewer > 0) {
      delete_pods(world, id, pods.revision, fewer);
    } else {
      pods.replicas += std::max<std::int64_t>(desired - before, 0);
    }
    return true;
  }
  std::vector<Set*> active;  // the newest first
  for (auto s = m.sets.rbegin(); s != m.sets.rend(); ++s) {
    if (s->replicas > 0) active.push_back(&*s);
  }
  if (active.size() <= 1) {
    Set& only = active.empty() ? m.sets.back() : *active.front();
    const bool changed = only.replicas != desired;
    only.replicas = desired;
    return changed;
  }
  if (m.strategy.recreate) return false;
  const auto most = [&](std::int64_t replicas) {
    return replicas + resolve_fenceposts(m.strategy.max_surge, m.strategy.max_unavailable, replicas).surge;
  };
  std::vector<std::int64_t> sizes;
  for (const Set* s : active) sizes.push_back(s->replicas);
  sizes = scale_in_proportion(sizes, most(before), desired > 0 ? most(desired) : 0);
  bool changed = false;
  for (std::size_t i = 0; i < active.size(); ++i) {
    changed = changed || active[i]->replicas != sizes[i];
    active[i]->replicas = sizes[i];
  }
  return changed;
}

bool ReplicaSetController::reconcile_deployment(World& world, WorkloadId id) {
  Managed& m = workloads_[id.index()];
  const Workload& w = world.workload(id);
  if (w.desired != m.scaled_for) return scale(world, id);
  if (!m.rolling) return false;
  ReplicaSetSize fresh{m.sets.back().replicas, available(world, id, w.revision)};
  std::vector<ReplicaSetSize> old;
  std::int64_t old_pods = 0;
  for (std::size_t i = 0; i + 1 < m.sets.size(); ++i) {
    old.push_back({m.sets[i].replicas, available(world, id, m.sets[i].revision)});
  }
  for (const PodId pod : w.pods) old_pods += world.pod(pod).revision != w.revision ? 1 : 0;
  const RollingStep step = m.strategy.recreate
                               ? recreate_step(w.desired, fresh, old, old_pods)
                               : rolling_step(w.desired, m.strategy.max_surge, m.strategy.max_unavailable, fresh, old);
  m.sets.back().replicas = step.fresh;
  for (std::size_t i = 0; i < step.old.size(); ++i) m.sets[i].replicas = step.old[i];
  return step.scaled_up || step.scaled_down;
}

void ReplicaSetController::report(World& world, WorkloadId id) {
  Managed& m = workloads_[id.index()];
  if (!m.rolling) return;
  const Workload& w = world.workload(id);
  DeploymentStatus now;
  for (const PodId pod : w.pods) {
    const Pod& p = world.pod(pod);
    if (p.state == PodState::stopping) continue;
    ++now.replicas;
    now.updated += p.revision == w.revision ? 1 : 0;
    now.ready += is_ready(p.state) ? 1 : 0;
  }
  for (const Set& s : m.sets) now.available += available(world, id, s.revision);
  const DeploymentStatus before = m.status;
  m.status = now;
  if (deployment_complete(w.desired, now)) {
    m.rolling = false;
    std::erase_if(m.sets, [&](const Set& s) { return s.revision != w.revision && s.creating == 0 && s.unmissed == 0; });
    world.set_rollout(id, Rollout::none);
    return;
  }
  if (deployment_progressing(before, now)) {
    m.progress_at = world.now();
    if (w.rollout == Rollout::stalled) world.set_rollout(id, Rollout::progressing);
  }
  if (w.rollout == Rollout::stalled) return;
  const Time deadline = m.progress_at + m.strategy.progress_deadline;
  if (world.now() >= deadline) {
    world.set_rollout(id, Rollout::stalled);
  } else {
    check_at(world, id, deadline);
  }
}

void ReplicaSetController::reconcile_set(World& world, WorkloadId id, Set& set) {
  const std::int64_t alive = alive_of(world, id, set.revision, workloads_[id.index()].sets.size() == 1);
  const std::int64_t missing = set.replicas - alive - set.creating - set.unmissed;
  if (missing > 0) {
    const bool idle = set.creating == 0 && set.left == 0;
    set.left = std::min(missing, parameters_.burst_replicas);
    if (idle) {
      set.batch = 1;
      begin_batch(world, id, set);
    }
    return;
  }
  set.left = 0;
  if (alive > set.replicas)
    delete_pods(world, id, set.revision, std::min(alive - set.replicas, parameters_.burst_replicas));
}

void ReplicaSetController::begin_batch(World& world, WorkloadId id, Set& set) {
  const std::int64_t now = std::min(set.batch, set.left);
  set.left -= now;
  const Duration queued = api_wait(world, api_server_);
  for (std::int64_t i = 0; i < now; ++i) {
    ++set.creating;
    world.wake(handler, rate_.take(world.now()) + queued, Phase::controllers, pack(id, set.revision, kCreate));
  }
}

void ReplicaSetController::delete_pods(World& world, WorkloadId id, std::uint32_t revision, std::int64_t count) {
  std::vector<PodId> pods;
  std::vector<DeletionCandidate> candidates;
  std::vector<std::array<char, 17>> uids;
  const Workload& w = world.workload(id);
  const bool rolls_out = workloads_[id.index()].strategy.owner == PodOwner::deployment;
  uids.reserve(w.pods.size());  // views into it stay valid
  std::vector<NodeId> nodes;    // of active pods, of all ReplicaSets of the Deployment
  for (const PodId pod : w.pods) {
    const Pod& p = world.pod(pod);
    if (p.state != PodState::stopping && p.state != PodState::pending) nodes.push_back(p.node);
  }
  std::sort(nodes.begin(), nodes.end());
  for (const PodId pod : w.pods) {
    const Pod& p = world.pod(pod);
    if (p.state == PodState::stopping || (p.revision != revision && rolls_out)) continue;
    DeletionCandidate c;
    if (p.state != PodState::pending) {
      c.node = p.node;
      const auto [from, to] = std::equal_range(nodes.begin(), nodes.end(), p.node);
      c.related = to - from;
    }
    c.phase = phase_of(p);
    c.ready = is_ready(p.state);
    if (c.ready) c.ready_since = p.ready;
    c.restarts = p.restarts;
    c.created = p.created;
    std::snprintf(uids.emplace_back().data(), 17, "%016llx", static_cast<unsigned long long>(world.entity(p)));
    c.uid = uids.back().data();
    pods.push_back(pod);
    candidates.push_back(c);
  }
  const std::vector<std::size_t> order = deletion_order(candidates, world.now(), parameters_.version);
  const bool rolls = revision != workloads_[id.index()].sets.back().revision;
  const plimsoll::Reason reason = !rolls                             ? plimsoll::Reason::scale_in
                                  : w.revision < w.newest_revision() ? plimsoll::Reason::rollback
                                                                     : plimsoll::Reason::rollout;
  for (std::int64_t i = 0; i < count; ++i) {
    rate_.take(world.now());  // deletions share the client's budget; their own delay is not modelled
    world.stop_pod(pods[order[static_cast<std::size_t>(i)]], reason);
  }
}

}  // namespace plimsoll::kubernetes
