#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "models/eks/node/kube_reserved.h"
#include "models/eks/node/node_image.h"
#include "sim/document/fields.h"

namespace plimsoll::eks {

/// An eviction signal: what must stay available, as an amount or a share of the capacity.
struct EvictionThreshold {
  std::int64_t amount = 0;  ///< bytes, when above 0
  Ppm share{};              ///< else; 100 % turns the signal off
  /// Bytes, rounded up.
  std::int64_t of(std::int64_t capacity) const;
};

/// What a user's kubelet settings change of the room on a node: `kubelet` of an EC2NodeClass (Karpenter v1) or of a
/// NodePool (v1beta1), beside maxPods. Amounts of kubeReserved replace those of the image one by one; systemReserved,
/// which no image sets, comes on top; an eviction threshold replaces the image's.
/// SOURCE: aws/karpenter-provider-aws pkg/providers/instancetype/types.go (pods, kubeReservedResources,
/// systemReservedResources, evictionThreshold); Kubernetes, "Reserve Compute Resources for System Daemons".
struct KubeletReserves {
  std::int64_t pods_per_core = 0;  ///< 0: not set; Bottlerocket does not read it
  std::optional<Cpu> kube_cpu;
  std::optional<Bytes> kube_memory, kube_storage;
  Cpu system_cpu{};
  Bytes system_memory{}, system_storage{};
  std::optional<EvictionThreshold> memory_hard, memory_soft, storage_hard, storage_soft;

  /// Pods that the kubelet admits, at most `pods`.
  std::int64_t limit_pods(std::int64_t pods, std::int64_t vcpu, NodeImage image) const;
  /// What is left to pods of a capacity; `kept`: of the image itself. `planned`: as Karpenter reckons, which counts
  /// soft thresholds too (not for Bottlerocket); a kubelet keeps the hard ones only.
  ResourceVector allocatable(const ResourceVector& capacity, const KubeReserved& kept, NodeImage image,
                             bool planned) const;
};

/// Reads podsPerCore, kubeReserved, systemReserved, evictionHard and evictionSoft of a kubelet block.
KubeletReserves read_kubelet_reserves(document::Fields& kubelet);

}  // namespace plimsoll::eks
