#pragma once

#include <cstdint>

#include "models/eks/node/node_image.h"
#include "sim/cluster/resources.h"
#include "sim/core/units.h"

namespace plimsoll::eks {

/// What the kubelet of an EKS-optimised image keeps for itself (no system-reserved is set).
struct KubeReserved {
  Cpu cpu;
  Bytes memory;
  Bytes ephemeral_storage;
};

/// evictionHard memory.available of the EKS-optimised images.
inline constexpr Bytes kEvictionHardMemory = mebibytes(100);
/// What an image reports as pods when the type is not in its table, and Karpenter's default.
inline constexpr std::int64_t kDefaultMaxPods = 110;

/// CPU: 6 % of the first core, 1 % of the second, 0.5 % of the third and fourth, 0.25 % of the rest, each range divided
/// down to whole milliCPU. Memory: 11 MiB for each pod plus 255 MiB. Ephemeral storage: 1 GiB. `eni_max_pods` is the
/// figure of the ENI table even where the user sets another maxPods (AL2, AL2023); Bottlerocket and Windows take the
/// actual one. SOURCE: awslabs/amazon-eks-ami nodeadm/internal/kubelet/config.go (2026-07).
KubeReserved kube_reserved(std::int64_t vcpu, std::int64_t eni_max_pods);

/// The nominal memory as EC2 advertises it, what a node reports and what pods can ask for.
struct NodeSize {
  ResourceVector capacity;     ///< cpu, memory, ephemeral_storage, pods
  ResourceVector allocatable;  ///< capacity - kube-reserved - evictionHard
};

struct NodeSizeInput {
  std::int64_t vcpu = 0;
  Bytes memory;             ///< nominal
  Bytes ephemeral_storage;  ///< of the root volume; 0 = 20 GiB
  std::int64_t eni_max_pods = kDefaultMaxPods;
  std::int64_t max_pods = 0;  ///< override; 0 = eni_max_pods
  /// Share of the nominal memory that firmware and kernel take before the node reports its capacity.
  Ppm memory_overhead{};
  NodeImage image = NodeImage::al2023;
};

/// What a node of this size reports. evictionHard nodefs.available keeps 10 % of ephemeral storage.
/// SOURCE: as kube_reserved; `memory_overhead` is measured in no public table: 0 gives the upper bound.
NodeSize node_size(const NodeSizeInput& input);

/// Karpenter's guess before it has seen a node of the type: memory - 64 MiB on arm64, less 7.5 % rounded up to a MiB.
/// SOURCE: aws/karpenter-provider-aws v1.14.1 pkg/providers/instancetype/types.go (vm-memory-overhead-percent 0.075).
Bytes karpenter_memory_capacity(Bytes nominal, bool arm64, Ppm overhead = Ppm{75'000});

/// karpenter_memory_capacity less kube-reserved and evictionHard.
Bytes karpenter_memory_allocatable(Bytes nominal, bool arm64, std::int64_t vcpu, std::int64_t eni_max_pods,
                                   Ppm overhead = Ppm{75'000});

}  // namespace plimsoll::eks
