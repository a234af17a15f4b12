#pragma once

#include <vector>

#include "sim/policy/workload_spec.h"

namespace plimsoll {

/// What a pod of several containers may use and does use, as one figure each. 0 = no limit.
struct PodBounds {
  Cpu cpu_limit{};
  Bytes memory_limit{};
  Bytes resident{};     ///< without requests
  Bytes per_request{};  ///< on top, for each request in work
};

/// The bounds of a pod of this size. While the scenario does not say what its containers use (`containers_said`), they
/// are the size's. When it does, each container is held to its own limits: the pod's CPU stops at the use at which the
/// first container reaches its quota (cpu share x use = limit), and the pod is over its memory once one container is
/// over its own (its cgroup's memory.max), whatever room the others have. `pod_limits`: limits of the size hold for the
/// pod as a whole (a task of ECS), beside those of the containers; on Kubernetes they are only their sums.
PodBounds pod_bounds(const WorkloadSpec& spec, const std::vector<ContainerUsage>& containers, const PodSize& size,
                     bool pod_limits);

}  // namespace plimsoll
