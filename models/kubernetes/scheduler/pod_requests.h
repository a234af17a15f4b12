#pragma once

#include <optional>
#include <span>

#include "sim/cluster/pod_shape.h"

namespace plimsoll::kubernetes {

/// What one container asks for. A resource that is not named differs from one named with 0 in scoring.
struct ContainerRequests {
  std::optional<Cpu> cpu;
  std::optional<Bytes> memory, ephemeral_storage;
  ExtendedResources extended;
  bool sidecar = false;  // an init container with restartPolicy Always
};

/// Scoring defaults of a container that names no request. Source: pkg/scheduler/util/non_zero.go (1.20.2, 1.26.15).
inline constexpr Cpu kDefaultNonzeroCpu = cpu_millis(100);
inline constexpr Bytes kDefaultNonzeroMemory = mebibytes(200);

/// Fills requests, extended, nonzero_*, overhead_cpu, requests_anything and container_count of a shape.
/// Effective request: max(sum of containers and sidecars, each other init container with the sidecars before it) +
/// overhead, per resource. Source: component-helpers/resource/helpers.go PodRequests (1.34); without sidecars it is the
/// rule of 1.20 and 1.26.
void set_requests(PodShape& shape, std::span<const ContainerRequests> containers,
                  std::span<const ContainerRequests> init_containers, const ContainerRequests& overhead);

}  // namespace plimsoll::kubernetes
