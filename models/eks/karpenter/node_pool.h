#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/aws/billing/node_volume.h"
#include "models/aws/catalogue.h"
#include "models/eks/karpenter/budgets.h"
#include "models/eks/karpenter/requirements.h"
#include "models/eks/node/kubelet_reserves.h"
#include "sim/cluster/constraints.h"
#include "sim/cluster/resources.h"
#include "sim/core/id.h"
#include "sim/core/time.h"
#include "sim/core/units.h"

namespace plimsoll::eks::karpenter {

enum class ConsolidationPolicy : std::uint8_t { when_empty, when_empty_or_underutilized, balanced };

/// An EC2NodeClass, as far as it changes size, density or start of a node.
struct NodeClass {
  std::string name = "default";
  std::string ami_family = "AL2023";
  bool ami_pinned = false;               ///< alias with a version other than latest, or images by id
  bool ami_by_id = false;                ///< images by id, name or tags: the same for every Kubernetes version
  Bytes root_volume = gibibytes(20);     ///< of pods and images. SOURCE: provider default of one 20 GiB gp3 volume
  std::vector<aws::NodeVolume> volumes;  ///< all of them; empty: those of the image family (default_volumes)
  std::int64_t max_pods = 0;             ///< kubelet.maxPods, 0 = the ENI table
  KubeletReserves kubelet;               ///< the rest of kubelet
  std::vector<std::string> zones;        ///< of its subnets when its terms name zones, else empty: all
  bool associate_public_ip = false;
  bool instance_store =
      false;  ///< instanceStorePolicy RAID0: pods and images on the local disks of types that have any
  /// The disk that a node reports.
  Bytes disk(const aws::InstanceType& type) const;
};

/// One volume of 20 GiB gp3; Bottlerocket has a second one of 4 GiB for itself.
/// SOURCE: aws/karpenter-provider-aws pkg/providers/amifamily (DefaultBlockDeviceMappings).
std::vector<aws::NodeVolume> default_volumes(const NodeClass& node_class);

/// A NodePool with its template.
struct NodePool {
  std::string name = "default";
  NameId name_id;  ///< of the label karpenter.sh/nodepool
  std::string node_class = "default";
  NameId node_class_id;  ///< of the label that names the class; none: its nodes have no such label
  /// v1beta1: maxPods and the rest of the pool's own kubelet block, which v1 has in the node class.
  std::optional<std::pair<std::int64_t, KubeletReserves>> kubelet;
  bool image_pinned = false;      ///< its node class names one image version: a new one is no drift
  bool image_by_id = false;       ///< another Kubernetes version of the control plane is no drift either
  std::uint16_t class_index = 0;  ///< types of this node class are its own (InstanceType::class_index)
  std::int32_t weight = 0;
  Requirements requirements;    ///< spec.template.spec.requirements
  Labels labels;                ///< spec.template.metadata.labels
  bool do_not_disrupt = false;  ///< karpenter.sh/do-not-disrupt among its annotations
  std::vector<Taint> taints, startup_taints;
  std::optional<Cpu> cpu_limit;  ///< spec.limits
  std::optional<Bytes> memory_limit, storage_limit;
  std::optional<std::int64_t> node_limit, gpu_limit, pods_limit;
  ExtendedResources extended_limits;                  ///< of any other resource, such as aws.amazon.com/neuron
  std::optional<Duration> expire_after = hours(720);  ///< none: Never
  std::optional<Duration> termination_grace_period;
  ConsolidationPolicy consolidation = ConsolidationPolicy::when_empty_or_underutilized;
  std::optional<Duration> consolidate_after = Duration{0};  ///< none: Never
  std::vector<Budget> budgets = {Budget{}};                 ///< default: 10 %
};

/// Tried in this order: weight descending, then name descending.
/// SOURCE: kubernetes-sigs/karpenter pkg/apis (NodePoolList.OrderByWeight).
std::vector<std::size_t> pools_by_weight(const std::vector<NodePool>& pools);

}  // namespace plimsoll::eks::karpenter
