#pragma once

#include <cstdint>

#include "models/kubernetes/scheduler/profile.h"

namespace plimsoll::kubernetes {

/// What a resource score compares on one node: allocatable, and requested with the incoming pod.
struct ResourceAmounts {
  std::int64_t allocatable = 0, requested = 0;
};

/// `nonzero`: cpu and memory as scoring counts them (a container that names none has a default).
/// Quirk of 1.20 and 1.26: the incoming pod's overhead CPU is read in whole cores, rounded up, and added as milliCPU.
/// From 1.26 on an extended resource that the pod does not request answers {0, 0}.
/// Source: pkg/scheduler/framework/plugins/noderesources/resource_allocation.go (1.20.2, 1.26.15, 1.34).
ResourceAmounts resource_amounts(const Cycle& cycle, Row row, const ScoredResource& resource, bool nonzero);

}  // namespace plimsoll::kubernetes
