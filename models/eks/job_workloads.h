#pragma once

#include <span>
#include <string>

#include "models/kubernetes/controllers/cron_job_controller.h"
#include "models/kubernetes/controllers/job_controller.h"
#include "models/kubernetes/scheduler/affinity_terms.h"
#include "sim/cluster/host_agent.h"
#include "sim/policy/job_spec.h"

namespace plimsoll::eks {

/// A job's pods in the words of an application: name, size and file.
WorkloadSpec spec_of(const JobSpec& job);

/// The pods of a Job or CronJob: their shape (by its file, when it has one), requests, image, and who starts a failed
/// container again. Jobs have no spread of their own beyond what their file says.
Workload job_workload(const JobSpec& job, World& world, kubernetes::KubernetesVersion version,
                      std::span<const kubernetes::NamespaceView> namespaces);

/// What the Job controller goes by: the scenario's words, with the failure policy of its file.
kubernetes::JobTemplate job_template(const JobSpec& job);

/// What one of its pods does.
RunToCompletion run_of(const JobSpec& job);

/// The CronJob of a job with a schedule. @pre job_fault() found nothing.
kubernetes::CronJobSpec cron_job_spec(const JobSpec& job, kubernetes::KubernetesVersion version);

/// What keeps the job from running on Kubernetes, as a sentence; empty when nothing does.
std::string job_fault(const JobSpec& job, kubernetes::KubernetesVersion version);

}  // namespace plimsoll::eks
