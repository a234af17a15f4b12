#pragma once

#include <string>
#include <vector>

#include "models/kubernetes/api/objects.h"

namespace plimsoll::kubernetes::api {

/// A RuntimeClass (node.k8s.io/v1): overhead.podFixed and scheduling; its handler changes nothing here.
RuntimeClass read_runtime_class(Object& object, const std::string& name);

/// What the RuntimeClass admission plug-in does with the pods of the workloads: the overhead of their class is theirs,
/// and so are its node selector and tolerations. A pod that says something else, or an overhead without a class, is
/// refused, which is an error; so is one whose class does not exist, which is told and left to the run
/// (PodTemplate::rejected), since what is not among the files may be meant to be missing. SOURCE:
/// plugin/pkg/admission/runtimeclass/admission.go (1.20 to current).
void apply_runtime_classes(const std::vector<RuntimeClass>& classes, document::Diagnostics& diagnostics,
                           std::vector<Workload>& workloads);

}  // namespace plimsoll::kubernetes::api
