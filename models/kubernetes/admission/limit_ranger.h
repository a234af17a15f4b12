#pragma once

#include <span>
#include <string>

#include "models/kubernetes/api/admission.h"

/// SOURCE: kubernetes/kubernetes plugin/pkg/admission/limitranger/admission.go (mergePodResourceRequirements,
/// PodValidateLimitFunc; 1.20 to current). Left out: ranges of ephemeral storage, extended resources and claims.
namespace plimsoll::kubernetes {

/// What the LimitRanger fills in at the creation of a pod: requests and limits of CPU and memory that a container does
/// not name, by the defaults of the ranges of its namespace, in order.
void apply_defaults(std::span<const api::LimitRange> ranges, const std::string& namespace_name, api::PodTemplate& pod);

/// Why the LimitRanger refuses a pod: every bound that it breaks, as the API server says it ("[a, b]" for several);
/// empty when it takes it. Least, most and ratio of each container, init containers too, then of the pod as a whole.
std::string range_fault(std::span<const api::LimitRange> ranges, const std::string& namespace_name,
                        const api::PodTemplate& pod);

}  // namespace plimsoll::kubernetes
