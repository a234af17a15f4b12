#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "sim/core/units.h"

namespace plimsoll::eks {

struct ContainerRequest {
  Cpu cpu;
  Bytes memory;
};

struct FargatePodSize {
  Cpu cpu;
  Bytes memory;
  friend constexpr bool operator==(const FargatePodSize&, const FargatePodSize&) = default;
};

/// Memory that EKS adds to each Fargate pod for kubelet, kube-proxy and containerd.
inline constexpr Bytes kFargateSystemMemory = mebibytes(256);

/// The size that EKS on Fargate provisions and bills: CPU is max(sum of containers, largest init container), memory the
/// same plus 256 MiB, then the smallest listed size that holds both (more vCPU when the memory does not fit). A pod
/// without requests gets 0.25 vCPU and 0.5 GB, or 1 GB as soon as 256 MiB more do not fit. None when no size holds it.
/// SOURCE: Amazon EKS user guide, "Understand Fargate Pod configuration details"; GB there is GiB (the annotation
/// CapacityProvisioned shows it).
std::optional<FargatePodSize> fargate_pod_size(std::span<const ContainerRequest> containers,
                                               std::span<const ContainerRequest> init_containers);

/// The same for effective requests (without the 256 MiB).
std::optional<FargatePodSize> fargate_pod_size(Cpu cpu, Bytes memory);

}  // namespace plimsoll::eks
