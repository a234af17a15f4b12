#pragma once

#include "models/kubernetes/api/object.h"
#include "models/kubernetes/api/objects.h"

namespace plimsoll::kubernetes::api {

/// Whether a selector selects these labels: the empty one selects all, an absent one nothing.
bool matches(const Selector& selector, const TextMap& labels);

/// The selector of a Deployment, ReplicaSet, StatefulSet or DaemonSet: there, not empty, and of the labels of its own
/// template. SOURCE: pkg/apis/apps/validation/validation.go ValidateDeploymentSpec, ValidateReplicaSetSpec,
/// ValidateStatefulSetSpec, ValidateDaemonSetSpec.
void check_selector(Object& spec, const Workload& workload);

/// The selector of a Job: of its own making, unless manualSelector says so. SOURCE: pkg/apis/batch/validation
/// validateGeneratedSelector, ValidateJobSpec.
void check_job_selector(Object& spec, const Workload& workload);

}  // namespace plimsoll::kubernetes::api
