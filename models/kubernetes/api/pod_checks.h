#pragma once

#include <string>

#include "models/kubernetes/api/objects.h"

/// Rules of the API server that look at several fields at once, or at texts that nothing else here reads: what it would
/// refuse is an error with its rule and path. SOURCE: pkg/apis/core/validation/validation.go (ValidatePodSpec and what
/// it calls), plugin/pkg/admission/priority (1.34).
namespace plimsoll::kubernetes::api {

/// The spec of a pod or pod template; `path` is its own ("spec.template.spec"). Checked are node selectors and node
/// affinity, tolerations, topology keys, scheduling gates, volumes and their mounts, host ports, extended resources,
/// handlers of hooks. `claims_follow`: mounts may name volumeClaimTemplates, which stand elsewhere.
void check_pod_spec(const document::Node& spec, const std::string& path, bool claims_follow,
                    document::Diagnostics& diagnostics);

/// Keys of metadata.annotations.
void check_annotations(const document::Node& metadata, const std::string& path, document::Diagnostics& diagnostics);

/// PriorityClasses: those whose names or values are reserved, a second default, and pods that name another priority
/// than that of their class. A class that is not among the files: a Pod is refused; a controller's object is taken,
/// with a warning, and each of its pods is refused as the controller creates it (PodTemplate::rejected). `documents`
/// are those that the objects were read from.
void check_priorities(Objects& objects, const std::vector<document::Node>& documents,
                      document::Diagnostics& diagnostics);

/// PodDisruptionBudgets of more than 100 %.
void check_budgets(const Objects& objects, document::Diagnostics& diagnostics);

}  // namespace plimsoll::kubernetes::api
