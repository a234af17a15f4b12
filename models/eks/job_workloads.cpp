#include "models/eks/job_workloads.h"

#include "models/eks/application_shape.h"
#include "models/eks/control_plane.h"
#include "models/kubernetes/api/feature_gates.h"
#include "models/kubernetes/api/manifest_reader.h"
#include "models/kubernetes/kubelet/crash_loop_backoff.h"
#include "sim/core/assert.h"

namespace plimsoll::eks {

namespace {

constexpr int kReplacesFailedOnlySince = 28, kEndsWithPodsSince = 31;

}  // namespace

WorkloadSpec spec_of(const JobSpec& job) {
  WorkloadSpec spec;
  spec.name = job.name;
  spec.kubernetes = job.kubernetes;
  spec.spread_zones = false;
  spec.resident = job.resident;
  spec.kubernetes_pod = job.kubernetes_pod;
  spec.image_name = job.image_name;
  return spec;
}

Workload job_workload(const JobSpec& job, World& world, std::span<const kubernetes::NamespaceView> namespaces) {
  const WorkloadSpec spec = spec_of(job);
  PodShape shape = application_shape(spec, world.names);
  kubernetes::settle_affinity_terms(shape, namespaces, world.names);
  // The default constraints of the scheduler go by Services and the owners that those select; a Job is none.
  if (dynamic_cast<const kubernetes::api::ManifestPod*>(job.kubernetes_pod.get()) == nullptr) shape.owner_selector = {};
  Workload w;
  w.name = world.names.intern(job.name);
  w.shape = world.shapes.intern(shape);
  w.requests = shape.requests;
  w.cpu_limit = job.kubernetes.cpu_limit.value_or(Cpu{});
  w.memory_limit = job.kubernetes.memory_limit.value_or(Bytes{});
  w.memory_used = resident_memory(spec, spec.kubernetes);
  w.images = {{world.names.intern(job.image_name.empty() ? job.name : job.image_name), job.image}};
  RestartRule rule;
  if (job.kubernetes_job.restart_on_failure) rule = kubernetes::crash_loop_backoff();
  w.restart = rule;
  return w;
}

kubernetes::JobTemplate job_template(const JobSpec& job, int minor) {
  kubernetes::JobTemplate out;
  out.spec.parallelism = job.parallelism;
  out.spec.completions = job.completions;
  out.spec.backoff_limit = job.kubernetes_job.backoff_limit;
  out.spec.active_deadline = job.kubernetes_job.active_deadline;
  out.restart_on_failure = job.kubernetes_job.restart_on_failure;
  out.suspend = job.kubernetes_job.suspend || !managed_by(job).empty();
  const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(job.kubernetes_pod.get());
  out.indexed = job.kubernetes_job.indexed;
  out.backoff_limit_per_index = job.kubernetes_job.backoff_limit_per_index;
  out.max_failed_indexes = job.kubernetes_job.max_failed_indexes;
  out.replace_when_failed = job.kubernetes_job.replace_when_failed;
  if (file != nullptr && file->workload.job) {
    out.failure_rules = file->workload.job->failure_rules;
    out.success_rules = file->workload.job->success_rules;
  }
  out.ends_with_pods = minor >= kEndsWithPodsSince;
  if (!out.failure_rules.empty() && minor >= kReplacesFailedOnlySince) out.replace_when_failed = true;
  if (file != nullptr && !file->workload.pod.containers.empty()) out.container = file->workload.pod.containers[0].name;
  return out;
}

std::string managed_by(const JobSpec& job) {
  const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(job.kubernetes_pod.get());
  return file != nullptr && file->workload.job ? file->workload.job->managed_by : std::string();
}

bool is_left_alone(const JobSpec& job) {
  return job.schedule.empty() && (job.kubernetes_job.suspend || !managed_by(job).empty());
}

RunToCompletion run_of(const JobSpec& job) { return {job.work, job.wait, job.cores, job.fails, job.failures}; }

kubernetes::CronJobSpec cron_job_spec(const JobSpec& job, kubernetes::KubernetesVersion version) {
  const auto schedule = kubernetes::CronSchedule::parse(job.schedule, version);
  PLIMSOLL_ASSERT(schedule);
  using Concurrency = KubernetesJob::Concurrency;
  const KubernetesJob& k = job.kubernetes_job;
  kubernetes::CronJobSpec out;
  out.schedule = *schedule.value;
  out.concurrency = k.concurrency == Concurrency::forbid    ? kubernetes::ConcurrencyPolicy::forbid
                    : k.concurrency == Concurrency::replace ? kubernetes::ConcurrencyPolicy::replace
                                                            : kubernetes::ConcurrencyPolicy::allow;
  out.suspend = k.schedule_suspended;
  if (k.starting_deadline) out.starting_deadline_s = k.starting_deadline->count() / 1'000'000;
  return out;
}

std::string job_fault(const JobSpec& job, kubernetes::KubernetesVersion version, int minor) {
  if (job.schedule.empty()) return {};
  const auto schedule = kubernetes::CronSchedule::parse(job.schedule, version);
  if (!schedule) return "the schedule '" + job.schedule + "' of job " + job.name + " is not valid: " + schedule.error;
  using kubernetes::api::Feature;
  if (job.zone != "UTC" && !kubernetes::api::is_on(Feature::cron_job_time_zone, minor))
    return "CronJobs of Kubernetes " + version_name(minor) + " have no timeZone (job " + job.name + "), those of " +
           version_name(kubernetes::api::gate_of(Feature::cron_job_time_zone).on_since) + " do";
  return {};
}

}  // namespace plimsoll::eks
