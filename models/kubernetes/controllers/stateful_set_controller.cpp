#include "models/kubernetes/controllers/stateful_set_controller.h"

#include <algorithm>

#include "models/kubernetes/controllers/admission.h"
#include "models/kubernetes/controllers/api_server.h"
#include "models/kubernetes/controllers/requeue.h"
#include "models/kubernetes/controllers/volume_claims.h"
#include "models/kubernetes/workloads/revision_label.h"

namespace plimsoll::kubernetes {

namespace {

constexpr Duration kWatch = milliseconds(100);

}  // namespace

void StatefulSetController::manage(WorkloadId workload, const StatefulSetStrategy& strategy) {
  if (workloads_.size() <= workload.index()) workloads_.resize(workload.index() + 1);
  workloads_[workload.index()].managed = true;
  workloads_[workload.index()].strategy = strategy;
}

void StatefulSetController::start(World& world) {
  for (std::size_t i = 0; i < workloads_.size(); ++i) {
    if (workloads_[i].managed) wake(world, WorkloadId{i}, kWatch);
  }
}

void StatefulSetController::wake(World& world, WorkloadId id, Duration delay) {
  Managed& m = workloads_[id.index()];
  if (m.wake_pending) return;
  m.wake_pending = true;
  world.wake(handler, world.now() + delay, Phase::controllers, id.value());
}

void StatefulSetController::on_fact(World& world, const FactRecord& f) {
  if (f.workload.index() >= workloads_.size() || !workloads_[f.workload.index()].managed) return;
  if (f.fact == Fact::pod_ended) {
    if (const auto until = missed_at(world, f, missed_)) {
      workloads_[f.workload.index()].unmissed.emplace_back(f.pod, *until);
      world.wake(handler, *until, Phase::controllers, f.workload.value());
      return;
    }
  }
  switch (f.fact) {
    case Fact::desired_changed:
    case Fact::revision_changed:
    case Fact::pod_ended:
    case Fact::pod_ready:
    case Fact::pod_unready:
      wake(world, f.workload, kWatch);
      break;
    default:
      break;
  }
}

bool StatefulSetController::still_there(const World& world, const Managed& managed, PodId pod) {
  return std::any_of(managed.unmissed.begin(), managed.unmissed.end(),
                     [&](const auto& gone) { return gone.first == pod && world.now() < gone.second; });
}

void StatefulSetController::handle(World& world, const Event& event) {
  if (put_off(world, handler, event)) return;
  const WorkloadId id{static_cast<std::uint32_t>(event.payload)};
  workloads_[id.index()].wake_pending = false;
  sync(world, id);
}

VolumeClaims* StatefulSetController::claims_of(World& world, WorkloadId id) const {
  if (claims_.is_none()) return nullptr;
  auto& claims = dynamic_cast<VolumeClaims&>(world.component(claims_));
  return claims.manages(id) ? &claims : nullptr;
}

bool StatefulSetController::may_call(World& world, WorkloadId id) {
  Managed& m = workloads_[id.index()];
  if (m.call_at == kTimeNever) {
    m.call_at = rate_.take(world.now()) + api_wait(world, api_server_);
    if (m.call_at > world.now()) world.wake(handler, m.call_at, Phase::controllers, id.value());
  }
  if (m.call_at > world.now()) return false;
  m.call_at = kTimeNever;
  return true;
}

void StatefulSetController::sync(World& world, WorkloadId id) {
  Managed& m = workloads_[id.index()];
  const Workload& w = world.workload(id);
  if (m.update != w.revision) {
    m.update = w.revision;
    const bool back = w.revision < w.newest_revision();
    if (!m.strategy.on_delete)
      world.set_rollout(id, Rollout::progressing, back ? plimsoll::Reason::rollback : plimsoll::Reason::none);
  }
  std::erase_if(m.unmissed, [&](const auto& gone) { return gone.second <= world.now(); });
  m.pods.resize(std::max(m.pods.size(), static_cast<std::size_t>(std::max<std::int64_t>(w.desired, 0))));
  std::vector<StatefulPod> seen(m.pods.size());
  Time look_again = kTimeNever;
  bool done = true;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const bool ended = !m.pods[i].is_none() && world.pod(m.pods[i]).state == PodState::ended;
    if (ended && !still_there(world, m, m.pods[i])) m.pods[i] = {};
    StatefulPod& s = seen[i];
    const bool wanted = static_cast<std::int64_t>(i) < w.desired;
    if (!m.pods[i].is_none()) {
      const Pod& p = world.pod(m.pods[i]);
      s.exists = true;
      s.terminating = p.state == PodState::stopping;
      s.updated = p.revision == m.update;
      const bool ready = p.state == PodState::ready || p.state == PodState::serving;
      s.available = ready && world.now() >= p.ready + m.strategy.min_ready;
      if (ready && !s.available) look_again = std::min(look_again, p.ready + m.strategy.min_ready);
    }
    const bool in_partition = static_cast<std::int64_t>(i) < m.strategy.partition;
    done = done && (wanted ? s.available && (s.updated || in_partition) : !s.exists);
  }
  const StatefulStep step = stateful_step(m.strategy, w.desired, seen);
  VolumeClaims* claims = claims_of(world, id);
  for (std::size_t i = static_cast<std::size_t>(std::max<std::int64_t>(w.desired, 0)); i < m.pods.size(); ++i) {
    if (claims != nullptr && m.pods[i].is_none()) claims->scaled_away(world, id, i);
  }
  bool refused = false;
  for (const std::int64_t i : step.create) {
    const bool old = i < m.strategy.partition;
    if (!may_call(world, id)) break;
    if (!admitted(world, admission_, id)) {
      refused = true;
      break;
    }
    const auto ordinal = static_cast<std::size_t>(i);
    const ShapeId shape = claims != nullptr ? claims->shape_of(world, id, ordinal) : world.workload(id).shape;
    const std::uint32_t revision = old ? m.current : m.update;
    m.pods[ordinal] =
        world.create_pod(id, revision, shape_of_revision(world, id, shape, revision, kControllerRevision));
    if (claims != nullptr) claims->created(world, m.pods[ordinal], ordinal);
  }
  for (const std::int64_t i : step.stop) {
    const bool leaves = i >= world.workload(id).desired;
    world.stop_pod(m.pods[static_cast<std::size_t>(i)],
                   leaves ? plimsoll::Reason::scale_in : plimsoll::Reason::rollout);
  }
  while (!m.pods.empty() && m.pods.back().is_none()) m.pods.pop_back();
  if (done && world.workload(id).rolling_out()) {
    if (m.strategy.partition == 0) m.current = m.update;
    world.set_rollout(id, Rollout::none);
  }
  m.failures = refused ? m.failures + 1 : 0;
  if (refused && m.retry_at <= world.now()) {
    m.retry_at = world.now() + requeue_delay(m.failures);
    world.wake(handler, m.retry_at, Phase::controllers, id.value());
  }
  if (look_again != kTimeNever) world.wake(handler, look_again, Phase::controllers, id.value());
}

}  // namespace plimsoll::kubernetes
