#pragma once

#include "models/kubernetes/api/object.h"
#include "models/kubernetes/api/objects.h"

namespace plimsoll::kubernetes::api {

/// spec of a batch/v1 Job, beside its template. `pod`: the template, whose restartPolicy and containers some fields
/// refer to. Faults are told in the API server's words. SOURCE: kubernetes/kubernetes
/// pkg/apis/batch/validation/validation.go, pkg/apis/batch/v1/defaults.go (1.34).
JobFields read_job_fields(Object& spec, const PodTemplate& pod);

}  // namespace plimsoll::kubernetes::api
