#pragma once

#include "models/kubernetes/controllers/admission.h"
#include "sim/policy/platform.h"

namespace plimsoll::eks {

/// The quotas and limit ranges of the manifests; their faults have been reported when the files were read.
kubernetes::api::AdmissionObjects admission_of(const Setting& setting);

/// Has the pods of an application admitted by what its file says of them; without a file they are one container in the
/// namespace `default`. Sizes that the scenario sets stand for the file's.
void admit(kubernetes::Admission& admission, const kubernetes::api::AdmissionObjects& objects, WorkloadId id,
           const WorkloadSpec& spec);

/// Whether the API server takes none of some workload's pods, by what its file says of them.
bool rejects_pods(const Setting& setting);

}  // namespace plimsoll::eks
