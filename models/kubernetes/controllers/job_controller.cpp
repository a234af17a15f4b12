#include "models/kubernetes/controllers/job_controller.h"

#include <algorithm>

#include "models/kubernetes/controllers/admission.h"
#include "models/kubernetes/controllers/api_server.h"
#include "models/kubernetes/controllers/requeue.h"
#include "sim/core/assert.h"

namespace plimsoll::kubernetes {

namespace {

constexpr std::uint32_t kMostJobs = 1u << 28;
constexpr std::int64_t kExitError = 1, kExitKilled = 137;

// payload: workload (28) | job (28) | step (8)
std::uint64_t pack(WorkloadId id, std::uint32_t number, std::uint64_t step) {
  return (static_cast<std::uint64_t>(id.value()) << 36) | (static_cast<std::uint64_t>(number) << 8) | step;
}

/// Whether the pod's own containers ended it; anything else came from outside.
std::optional<std::int64_t> exit_code_of(plimsoll::Reason reason) {
  switch (reason) {
    case plimsoll::Reason::container_exit:
    case plimsoll::Reason::image_pull:
      return kExitError;
    case plimsoll::Reason::out_of_memory:
      return kExitKilled;
    default:
      return std::nullopt;
  }
}

}  // namespace

void JobController::manage(WorkloadId workload, const JobTemplate& jobs) {
  if (workloads_.size() <= workload.index()) workloads_.resize(workload.index() + 1);
  workloads_[workload.index()].managed = true;
  workloads_[workload.index()].jobs = jobs;
}

void JobController::start(World& world) {
  for (const Planned& p : planned_) {
    if (p.at <= world.end) world.wake(handler, p.at, Phase::controllers, pack(p.workload, 0, kBegin));
  }
}

Duration JobController::batch_period() const {
  return parameters_.version == KubernetesVersion::v1_20 ? parameters_.watch_delay : seconds(1);
}

std::uint32_t JobController::create(World& world, WorkloadId id) {
  Managed& m = workloads_[id.index()];
  const auto number = static_cast<std::uint32_t>(m.all.size());
  PLIMSOLL_ASSERT(m.managed && number < kMostJobs);
  m.all.emplace_back();
  m.all.back().started = world.now();
  world.record({.at = world.now(), .fact = Fact::job_started, .workload = id, .value = number});
  sync_in(world, id, number, parameters_.watch_delay);
  if (m.jobs.spec.active_deadline) look_at(world, id, number, world.now() + *m.jobs.spec.active_deadline);
  return number;
}

void JobController::remove(World& world, WorkloadId id, std::uint32_t number, plimsoll::Reason reason) {
  if (!workloads_[id.index()].all[number].finished) finish_job(world, id, number, End::none, reason);
}

std::vector<std::uint32_t> JobController::active(WorkloadId id) const {
  std::vector<std::uint32_t> out;
  const std::vector<Job>& all = workloads_[id.index()].all;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].finished) out.push_back(static_cast<std::uint32_t>(i));
  }
  return out;
}

void JobController::sync_in(World& world, WorkloadId id, std::uint32_t number, Duration delay) {
  Job& job = workloads_[id.index()].all[number];
  if (job.sync_pending || job.finished) return;
  job.sync_pending = true;
  world.wake(handler, world.now() + delay, Phase::controllers, pack(id, number, kSync));
}

void JobController::look_at(World& world, WorkloadId id, std::uint32_t number, Time at) {
  Job& job = workloads_[id.index()].all[number];
  if (job.look_at != kTimeNever && job.look_at <= at) return;
  job.look_at = at;
  world.wake(handler, at, Phase::controllers, pack(id, number, kSync));
}

void JobController::count_failure(World& world, Job& job, const Managed& m, std::optional<std::int64_t> exit_code) {
  const bool disruption = !exit_code.has_value();
  if (disruption && parameters_.version == KubernetesVersion::v1_20) return;
  const PodFailureAction action = pod_failure_action(m.jobs.failure_rules, exit_code);
  if (action == PodFailureAction::ignore) return;
  if (action == PodFailureAction::fail_job) job.fail_now = true;
  ++job.failed;
  ++job.failures_in_row;
  job.last_failure = world.now();
}

void JobController::on_fact(World& world, const FactRecord& f) {
  if (f.pod.is_none() || f.workload.index() >= workloads_.size() || !workloads_[f.workload.index()].managed) return;
  if (f.fact != Fact::pod_ended && f.fact != Fact::pod_stopping && f.fact != Fact::pod_restarted) return;
  Managed& m = workloads_[f.workload.index()];
  const Pod& pod = world.pod(f.pod);
  const std::uint32_t number = m.job_of_pod[pod.ordinal];
  Job& job = m.all[number];
  if (job.finished) return;
  if (f.fact == Fact::pod_ended) {
    job.pods.erase(std::find(job.pods.begin(), job.pods.end(), f.pod));
    const bool silent = pod.stopping == kTimeNever && is_host_loss(f.reason) && !f.node.is_none() &&
                        world.node(f.node).host == HostKind::ec2;
    if (silent) {
      const Stream stream = world.stream(world.entity(pod), Purpose::host_failure);
      const Time died = std::min(world.now(), world.node(pod.node).lost);
      const Time deleted =
          std::max(world.now(), died + parameters_.node_monitor_grace) + parameters_.cloud_node.sample(stream, 2);
      ++job.unmissed;
      world.wake(handler, deleted + parameters_.pod_gc.sample(stream, 3), Phase::controllers,
                 pack(f.workload, number, kMissed));
      return;
    }
    if (f.reason == plimsoll::Reason::completed) {
      ++job.succeeded;
      job.failures_in_row = 0;
    } else {
      count_failure(world, job, m, exit_code_of(f.reason));
    }
  }
  sync_in(world, f.workload, number, batch_period());
}

void JobController::replace(World& /*world*/, const ControlPlaneRelease& release) {
  parameters_.version = release.version;
  parameters_.node_monitor_grace = release.node_monitor_grace;
  wait_until(release.leads);
}

void JobController::handle(World& world, const Event& event) {
  const WorkloadId id{static_cast<std::uint32_t>(event.payload >> 36)};
  const auto number = static_cast<std::uint32_t>((event.payload >> 8) & (kMostJobs - 1));
  const std::uint64_t step = event.payload & 0xffu;
  if (step == kBegin) {
    create(world, id);  // by its user
    return;
  }
  if (put_off(world, handler, event)) return;
  Managed& m = workloads_[id.index()];
  Job& job = m.all[number];
  if (job.finished) return;
  switch (step) {
    case kSync:
      job.sync_pending = false;
      if (job.look_at != kTimeNever && job.look_at <= world.now()) job.look_at = kTimeNever;
      sync(world, id, number);
      break;
    case kMissed:
      --job.unmissed;
      count_failure(world, job, m, std::nullopt);
      sync_in(world, id, number, batch_period());
      break;
    case kBatch:
      begin_batch(world, id, number);
      break;
    default:
      create_one(world, id, number);
      break;
  }
}

void JobController::sync(World& world, WorkloadId id, std::uint32_t number) {
  Managed& m = workloads_[id.index()];
  Job& job = m.all[number];
  if (job.creating + job.left > 0) return;  // expectations: its last creation brings the next sync
  // Since finalizers track the pods (1.26), every failure beyond the limit ends the Job.
  const bool over = parameters_.version != KubernetesVersion::v1_20 && job.failed > m.jobs.spec.backoff_limit;
  if (job.fail_now || over) {
    finish_job(world, id, number, End::failed, plimsoll::Reason::job_failed);
    return;
  }
  JobObserved seen;
  std::int64_t restarts = 0;
  for (const PodId id_of_pod : job.pods) {
    const Pod& pod = world.pod(id_of_pod);
    if (pod.state == PodState::stopping) continue;
    ++seen.active;
    restarts += pod.restarts;
  }
  seen.active += job.unmissed;
  seen.succeeded = job.succeeded;
  seen.failed = job.failed;
  seen.counted_failures = job.counted_failures;
  if (m.jobs.restart_on_failure) seen.restarts = restarts;
  seen.running_for = world.now() - job.started;
  const JobActions actions = sync_job(m.jobs.spec, seen);
  job.counted_failures = job.failed;
  switch (actions.outcome) {
    case JobOutcome::complete:
      finish_job(world, id, number, End::complete, plimsoll::Reason::scale_in);
      return;
    case JobOutcome::backoff_limit_exceeded:
      finish_job(world, id, number, End::failed, plimsoll::Reason::job_failed);
      return;
    case JobOutcome::deadline_exceeded:
      finish_job(world, id, number, End::failed, plimsoll::Reason::deadline);
      return;
    case JobOutcome::running:
      break;
  }
  if (m.jobs.spec.active_deadline) look_at(world, id, number, job.started + *m.jobs.spec.active_deadline);
  if (actions.creations <= 0) return;
  // 1.20 creates in the sync that finds the failure, and requeues with the back-off; later ones wait first.
  const std::int64_t waits = job.failures_in_row - (parameters_.version == KubernetesVersion::v1_20 ? 1 : 0);
  const Time next = job.last_failure + job_backoff(waits, parameters_.version);
  if (job.failures_in_row > 0 && next > world.now()) {
    look_at(world, id, number, next);
    return;
  }
  job.left = std::min(actions.creations, parameters_.burst_replicas);
  job.batch = 1;
  begin_batch(world, id, number);
}

void JobController::begin_batch(World& world, WorkloadId id, std::uint32_t number) {
  Job& job = workloads_[id.index()].all[number];
  const std::int64_t n = std::min(job.batch, job.left);
  job.left -= n;
  job.creating += n;
  const Duration queued = api_wait(world, api_server_);
  for (std::int64_t i = 0; i < n; ++i) {
    world.wake(handler, rate_.take(world.now()) + queued + parameters_.create_call, Phase::controllers,
               pack(id, number, kCreate));
  }
}

void JobController::create_one(World& world, WorkloadId id, std::uint32_t number) {
  Managed& m = workloads_[id.index()];
  Job& job = m.all[number];
  --job.creating;
  if (admitted(world, admission_, id)) {
    // Before the pod exists: its creation may be heard of at once.
    m.job_of_pod.push_back(number);
    const PodId pod = world.create_pod(id);
    job.pods.push_back(pod);
    PLIMSOLL_ASSERT(world.pod(pod).ordinal + 1 == m.job_of_pod.size());
  } else {
    job.refused = true;
  }
  if (job.creating > 0) return;
  if (job.refused) {
    // SOURCE: DefaultJobApiBackOff, MaxJobApiBackOff; 1.20 DefaultJobBackOff, MaxJobBackOff.
    const bool old = parameters_.version == KubernetesVersion::v1_20;
    job.refused = false;
    job.left = 0;
    look_at(world, id, number,
            world.now() + requeue_delay(++job.refusals, old ? seconds(10) : seconds(1), old ? minutes(6) : minutes(1)));
    return;
  }
  job.refusals = 0;
  if (job.left > 0) {
    job.batch *= 2;
    world.wake(handler, world.now() + parameters_.create_call, Phase::controllers, pack(id, number, kBatch));
  } else {
    sync_in(world, id, number, batch_period());
  }
}

void JobController::finish_job(World& world, WorkloadId id, std::uint32_t number, End end, plimsoll::Reason reason) {
  Job& job = workloads_[id.index()].all[number];
  job.finished = true;
  const std::vector<PodId> pods = std::move(job.pods);
  job.pods.clear();
  for (const PodId pod : pods) world.stop_pod(pod, reason);
  world.record({.at = world.now(),
                .fact = end == End::complete ? Fact::job_completed : Fact::job_failed,
                .reason = end == End::complete ? plimsoll::Reason::none : reason,
                .workload = id,
                .value = number});
}

}  // namespace plimsoll::kubernetes
