#pragma once

#include "sim/cluster/entities.h"
#include "sim/cluster/names.h"
#include "sim/policy/container_usage.h"

namespace plimsoll {

/// What both sides make alike of an application of the scenario: bounds of its replicas, image, start, use without
/// traffic and memory. `bounds` are those of the side's own pod, of which the CPU limit is not set here: what limits
/// it is the side's rule. The image is named as the application while the scenario gives it no name.
void describe_application(const WorkloadSpec& spec, const PodBounds& bounds, Names& names, Workload& workload);

}  // namespace plimsoll
