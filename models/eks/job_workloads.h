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
Workload job_workload(const JobSpec& job, World& world, std::span<const kubernetes::NamespaceView> namespaces);

/// What the Job controller of release 1.`minor` goes by: the scenario's words, with the failure policy of its file.
/// SOURCE: job_controller.go onlyReplaceFailedPods (from 1.28 on a Job with a podFailurePolicy is one),
/// delayTerminalCondition (from 1.31 on).
kubernetes::JobTemplate job_template(const JobSpec& job, int minor);

/// Whether nobody here runs the Job: it is suspended, or another controller manages it (managedBy). A CronJob makes its
/// Jobs all the same, and they count as active.
bool is_left_alone(const JobSpec& job);
/// managedBy of the job's file, when it names another controller than the built-in one; else empty.
std::string managed_by(const JobSpec& job);

/// What one of its pods does.
RunToCompletion run_of(const JobSpec& job);

/// The CronJob of a job with a schedule. @pre job_fault() found nothing.
kubernetes::CronJobSpec cron_job_spec(const JobSpec& job, kubernetes::KubernetesVersion version);

/// What keeps the job from running on Kubernetes 1.`minor` under these rules, as a sentence; empty when nothing does.
std::string job_fault(const JobSpec& job, kubernetes::KubernetesVersion version, int minor);

}  // namespace plimsoll::eks
