#include "models/kubernetes/controllers/job_controller.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "models/kubernetes/controllers/admission.h"
#include "models/kubernetes/controllers/api_server.h"
#include "models/kubernetes/controllers/requeue.h"
#include "sim/core/assert.h"

namespace plimsoll::kubernetes {

namespace {

constexpr std::uint32_t kMostJobs = 1u << 28;
constexpr std::int64_t kExitError = 1, kExitTerminated = 143;

// payload: workload (28) | job (28) | step (8)
std::uint64_t pack(WorkloadId id, std::uint32_t number, std::uint64_t step) {
  return (static_cast<std::uint64_t>(id.value()) << 36) | (static_cast<std::uint64_t>(number) << 8) | step;
}

/// Whether the pod's own containers ended it; anything else came from outside.
bool ended_by_itself(plimsoll::Reason reason) {
  return reason == plimsoll::Reason::container_exit || reason == plimsoll::Reason::image_pull ||
         reason == plimsoll::Reason::out_of_memory || reason == plimsoll::Reason::unhealthy;
}

}  // namespace

JobTemplate settled_job(JobTemplate job) {
  job.indexed = job.indexed && job.spec.completions;
  if (!job.indexed) {
    job.backoff_limit_per_index.reset();
    job.max_failed_indexes.reset();
    job.success_rules.clear();
  }
  return job;
}

void JobController::manage(WorkloadId workload, const JobTemplate& jobs) {
  if (workloads_.size() <= workload.index()) workloads_.resize(workload.index() + 1);
  workloads_[workload.index()].managed = true;
  workloads_[workload.index()].jobs = settled_job(jobs);
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
  if (m.jobs.indexed) m.all.back().indexes = {*m.jobs.spec.completions, m.jobs.backoff_limit_per_index};
  world.record({.at = world.now(), .fact = Fact::job_started, .workload = id, .value = number});
  if (m.jobs.suspend) return number;  // it has no startTime, so no deadline either
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

void JobController::count_failure(World& world, WorkloadId id, PodRecord& pod, std::optional<std::int64_t> exit_code,
                                  bool deleted) {
  if (pod.counted || (deleted && parameters_.version == KubernetesVersion::v1_20)) return;
  pod.counted = true;
  const Managed& m = workloads_[id.index()];
  Job& job = workloads_[id.index()].all[pod.job];
  const PodFailureAction action = pod_failure_action(m.jobs.failure_rules, exit_code, m.jobs.container);
  const bool counts = action != PodFailureAction::ignore;
  job.fail_now = job.fail_now || action == PodFailureAction::fail_job;
  if (counts) ++job.failed;
  // Ignored failures are waited for as well, but for the early versions.
  if (counts || parameters_.version == KubernetesVersion::current) {
    ++job.failures_in_row;
    job.last_failure = world.now();
  }
  if (pod.index < 0) return;
  if (job.indexes.fail(pod.index, counts, action == PodFailureAction::fail_index, world.now()))
    job.given_up.push_back(pod.index);
}

/// The pod has ended, and the API server knows.
void JobController::pod_is_gone(World& world, WorkloadId id, PodRecord& pod, plimsoll::Reason reason) {
  Job& job = workloads_[id.index()].all[pod.job];
  if (pod.index >= 0) job.indexes.pod_gone(pod.index, pod.terminating);
  if (reason == plimsoll::Reason::completed) {
    job.failures_in_row = 0;
    if (pod.index >= 0) job.indexes.succeed(pod.index);
    job.succeeded = pod.index >= 0 ? job.indexes.succeeded() : job.succeeded + 1;
    return;
  }
  if (ended_by_itself(reason)) {
    count_failure(world, id, pod, pod.exit_code.value_or(kExitError), false);
  } else if (reason == plimsoll::Reason::deadline && job.end == End::none) {
    count_failure(world, id, pod, kExitTerminated, false);  // its own deadline; that of its job has an end
  } else {
    // What the kubelet evicts stays as a Failed pod; all else is deleted.
    count_failure(world, id, pod, std::nullopt, reason != plimsoll::Reason::evicted);
  }
}

void JobController::on_fact(World& world, const FactRecord& f) {
  if (f.pod.is_none() || f.workload.index() >= workloads_.size() || !workloads_[f.workload.index()].managed) return;
  const bool heard = f.fact == Fact::pod_ended || f.fact == Fact::pod_stopping || f.fact == Fact::pod_restarted ||
                     f.fact == Fact::pod_failed;
  if (!heard) return;
  Managed& m = workloads_[f.workload.index()];
  const Pod& pod = world.pod(f.pod);
  PodRecord& record = m.pods[pod.ordinal];
  Job& job = m.all[record.job];
  if (job.finished) return;
  if (f.fact == Fact::pod_failed) {
    record.exit_code = f.value;
    return;
  }
  if (f.fact == Fact::pod_stopping) {
    // At its own deadline the kubelet ends it, and nobody deletes it: Failed once its containers are gone.
    if (f.reason == plimsoll::Reason::deadline && job.end == End::none) return;
    record.terminating = true;
    if (record.index >= 0) job.indexes.pod_terminating(record.index);
    // Without a rule that could ask how it ended, a pod that is deleted has failed already.
    if (m.jobs.failure_rules.empty() && !m.jobs.replace_when_failed && job.end == End::none)
      count_failure(world, f.workload, record, std::nullopt, true);
  }
  if (f.fact == Fact::pod_ended) {
    job.pods.erase(std::find(job.pods.begin(), job.pods.end(), f.pod));
    const bool silent = pod.stopping == kTimeNever && is_host_loss(f.reason) && !f.node.is_none() &&
                        world.node(f.node).host == HostKind::ec2;
    if (silent) {
      const Stream stream = world.stream(world.entity(pod), Purpose::host_failure);
      const Time died = std::min(world.now(), world.node(pod.node).lost);
      const Time deleted =
          std::max(world.now(), died + parameters_.node_monitor_grace) + parameters_.cloud_node.sample(stream, 2);
      const Time until = deleted + parameters_.pod_gc.sample(stream, 3);
      job.lost.push_back({until, pod.ordinal});
      world.wake(handler, until, Phase::controllers, pack(f.workload, record.job, kMissed));
      return;
    }
    pod_is_gone(world, f.workload, record, f.reason);
  }
  sync_in(world, f.workload, record.job, batch_period());
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
      std::erase_if(job.lost, [&](const Lost& lost) {
        if (lost.until > world.now()) return false;
        PodRecord& pod = m.pods[lost.ordinal];
        if (pod.index >= 0) job.indexes.pod_gone(pod.index, pod.terminating);
        count_failure(world, id, pod, std::nullopt, true);
        return true;
      });
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
  if (job.end != End::none) {
    if (job.pods.empty() && job.lost.empty()) finish_job(world, id, number, job.end, job.end_reason);
    return;
  }
  if (job.creating + job.left > 0) return;  // expectations: its last creation brings the next sync
  for (const std::int64_t index : std::exchange(job.given_up, {}))
    world.record({.at = world.now(), .fact = Fact::index_failed, .workload = id, .value = index});
  JobObserved seen;
  std::int64_t restarts = 0, terminating = 0;
  for (const PodId id_of_pod : job.pods) {
    const Pod& pod = world.pod(id_of_pod);
    if (pod.state == PodState::stopping && pod.end_reason != plimsoll::Reason::deadline) {
      ++terminating;
      continue;
    }
    ++seen.active;
    restarts += pod.restarts;
  }
  seen.active += static_cast<std::int64_t>(job.lost.size());
  seen.succeeded = job.succeeded;
  seen.failed = job.failed;
  seen.counted_failures = job.counted_failures;
  if (m.jobs.restart_on_failure) seen.restarts = restarts;
  seen.running_for = world.now() - job.started;
  const JobActions actions = sync_job(m.jobs.spec, seen);
  job.counted_failures = job.failed;
  if (const auto [end, reason] = end_of(m.jobs, job, actions.outcome); end != End::none) {
    end_job(world, id, number, end, reason);
    return;
  }
  if (m.jobs.spec.active_deadline) look_at(world, id, number, job.started + *m.jobs.spec.active_deadline);
  const bool when_ended = m.jobs.replace_when_failed;
  const std::int64_t missing = actions.creations - (when_ended ? terminating : 0);
  if (missing <= 0) return;
  if (!m.jobs.backoff_limit_per_index) {
    // 1.20 creates in the sync that finds the failure, and requeues with the back-off; later ones wait first.
    const std::int64_t waits = job.failures_in_row - (parameters_.version == KubernetesVersion::v1_20 ? 1 : 0);
    const Time next = job.last_failure + job_backoff(waits, parameters_.version);
    if (job.failures_in_row > 0 && next > world.now()) {
      look_at(world, id, number, next);
      return;
    }
  }
  job.left = std::min(missing, parameters_.burst_replicas);
  if (m.jobs.indexed) {
    IndexesToCreate now = job.indexes.to_create(job.left, !when_ended, world.now(), parameters_.version);
    if (now.wait_until != kTimeNever) look_at(world, id, number, now.wait_until);
    job.left = static_cast<std::int64_t>(now.indexes.size());
    job.to_create = std::move(now.indexes);
    job.next_index = 0;
    if (job.left == 0) return;
  }
  job.batch = 1;
  begin_batch(world, id, number);
}

/// What this sync finds the Job to be, in the controller's order.
std::pair<JobController::End, plimsoll::Reason> JobController::end_of(const JobTemplate& jobs, const Job& job,
                                                                      JobOutcome outcome) const {
  using plimsoll::Reason;
  // Since finalizers track the pods (1.26), every failure beyond the limit ends the Job.
  const bool over = parameters_.version != KubernetesVersion::v1_20 && job.failed > jobs.spec.backoff_limit;
  if (job.fail_now) return {End::failed, Reason::pod_failure_policy};
  if (over || outcome == JobOutcome::backoff_limit_exceeded) return {End::failed, Reason::job_failed};
  if (outcome == JobOutcome::deadline_exceeded) return {End::failed, Reason::deadline};
  const std::int64_t failed = job.indexes.failed();
  if (jobs.max_failed_indexes && failed > *jobs.max_failed_indexes) return {End::failed, Reason::max_failed_indexes};
  if (failed > 0 && failed + job.indexes.succeeded() >= *jobs.spec.completions)
    return {End::failed, Reason::failed_indexes};
  if (meets_success_policy(jobs.success_rules, job.indexes.which_succeeded()))
    return {End::complete, Reason::success_policy};
  if (outcome == JobOutcome::complete) return {End::complete, Reason::scale_in};
  return {End::none, Reason::none};
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
    const std::int64_t index = m.jobs.indexed ? job.to_create[job.next_index++] : -1;
    m.pods.push_back({number, static_cast<std::int32_t>(index)});
    if (index >= 0) job.indexes.pod_created(index);
    const PodId pod = world.create_pod(id);
    world.edit_pod(pod).index = static_cast<std::int32_t>(index);
    job.pods.push_back(pod);
    PLIMSOLL_ASSERT(world.pod(pod).ordinal + 1 == m.pods.size());
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

void JobController::end_job(World& world, WorkloadId id, std::uint32_t number, End end, plimsoll::Reason reason) {
  Job& job = workloads_[id.index()].all[number];
  if (!workloads_[id.index()].jobs.ends_with_pods) {
    finish_job(world, id, number, end, reason);
    return;
  }
  job.end = end;
  job.end_reason = reason;
  const std::vector<PodId> pods = job.pods;
  for (const PodId pod : pods) world.stop_pod(pod, reason);
  if (job.pods.empty() && job.lost.empty()) finish_job(world, id, number, end, reason);
}

void JobController::finish_job(World& world, WorkloadId id, std::uint32_t number, End end, plimsoll::Reason reason) {
  Job& job = workloads_[id.index()].all[number];
  job.finished = true;
  const std::vector<PodId> pods = std::move(job.pods);
  job.pods.clear();
  job.lost.clear();
  for (const PodId pod : pods) world.stop_pod(pod, reason);
  const bool plain = end == End::complete && reason != plimsoll::Reason::success_policy;
  world.record({.at = world.now(),
                .fact = end == End::complete ? Fact::job_completed : Fact::job_failed,
                .reason = plain ? plimsoll::Reason::none : reason,
                .workload = id,
                .value = number});
}

}  // namespace plimsoll::kubernetes
