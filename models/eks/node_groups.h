#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/aws/autoscaling/group_fields.h"
#include "models/aws/billing/node_volume.h"
#include "models/aws/price_book.h"
#include "models/eks/cluster_autoscaler/node_group.h"
#include "models/eks/controllers/node_group_update.h"
#include "models/eks/node/kube_reserved.h"
#include "models/eks/node/kubelet_reserves.h"
#include "models/eks/node/vpc_cni.h"
#include "sim/cluster/world.h"
#include "sim/policy/platform.h"

namespace plimsoll::eks {

/// One instance type of a node group.
struct NodeGroupType {
  const aws::InstanceType* type = nullptr;
  Rate on_demand, spot;
  ResourceVector capacity;     ///< nominal
  ResourceVector allocatable;  ///< what its node offers pods
  /// Extended resources of its node by name: devices, what the group says, and the limit of attached volumes.
  std::vector<std::pair<std::string, std::int64_t>> extended;
};

struct GroupTaint {
  std::string key, value;
  TaintEffect effect = TaintEffect::no_schedule;
};

/// A node group of an EKS column: one EC2 Auto Scaling group, managed by EKS or the user's own.
struct NodeGroupPlan {
  std::string name;
  bool managed = true;
  std::vector<NodeGroupType> types;  ///< by priority; Cluster Autoscaler takes the first for all
  std::int64_t minimum = 1, maximum = 100, desired = 1;
  bool spot = false;               ///< all of them
  aws::GroupFields scaling;        ///< purchase options, termination, rebalancing, hooks
  std::vector<std::string> zones;  ///< empty: all of the scenario
  std::vector<std::pair<std::string, std::string>> labels;
  std::vector<GroupTaint> taints;
  NodeImage image = NodeImage::al2023;
  std::int64_t volume_gib = 20;
  std::int64_t volume_iops = aws::charges::kGp3IncludedIops, volume_mibps = aws::charges::kGp3IncludedMbps;
  NodeGroupUpdateConfig update;

  /// Tags k8s.io/cluster-autoscaler/node-template/...
  std::vector<std::pair<std::string, std::string>> tag_labels;
  std::vector<GroupTaint> tag_taints;
  std::vector<std::pair<std::string, std::string>> tag_resources;
  ca::GroupOptions options;

  /// Its root volume; no volume at 0 GiB.
  std::vector<aws::NodeVolume> volumes() const;
};

/// What the nodes of a column have in common.
struct NodeDefaults {
  VpcCni cni;
  std::int64_t volume_gib = 20;
};

/// What a node of this type has beyond CPU, memory and the like: its devices, `more`, which goes before them, and how
/// many volumes the EBS CSI driver may attach.
std::vector<std::pair<std::string, std::int64_t>> node_extended(
    const aws::InstanceType& type, const VpcCni& cni, const std::vector<std::pair<std::string, std::int64_t>>& more);

/// Names interned, sorted by id.
ExtendedResources to_extended(const std::vector<std::pair<std::string, std::int64_t>>& named, Names& names);

/// Reads one node group (type or types, min, max, desired, spot, zones, labels, taints, tags, ami, maxPods, volumeGiB).
/// Faults go to the fields: unknown types and zones, min above max, malformed taints and tags, a type that the image
/// does not run on, Windows.
NodeGroupPlan read_node_group(document::Fields& group, std::string name, const Setting& setting, aws::PriceBook& prices,
                              const NodeDefaults& defaults);

/// What a node of this type offers with this image and network set-up. 2.5 % of the nominal memory is kept by firmware
/// and kernel, as on ECS instances in AWS's own samples. `max_pods` 0: by the VPC CNI.
ResourceVector node_allocatable(const aws::InstanceType& type, NodeImage image, const VpcCni& cni,
                                std::int64_t max_pods, std::int64_t volume_gib, const KubeletReserves& kubelet = {});

/// The node as its Auto Scaling group makes it, for one of its types; zone and hostname are set at launch.
NodeSpec node_spec_of(const NodeGroupPlan& group, const NodeGroupType& type, std::string_view region, Names& names);
/// What tells the zone of a node beside topology.kubernetes.io/zone (AutoScalingGroupConfig::zone_labels): the old
/// name, that of the EBS CSI driver, and the zone's id. SOURCE: cloud-provider-aws pkg/providers/v1 (zone labels) and
/// the driver's topology key, which kubelet copies to the node.
std::vector<std::pair<NameId, std::vector<NameId>>> zone_labels(const Setting& setting, Names& names);

/// What Cluster Autoscaler 1.`minor` takes an empty group's node for: nominal capacity of the first type, in the first
/// zone; its tags; from 1.24 also labels and taints of a managed group, which it reads by eks:DescribeNodegroup.
/// SOURCE: kubernetes/autoscaler cluster-autoscaler/cloudprovider/aws/{aws_manager,managed_nodegroup_cache}.go.
SnapshotNode group_template(const NodeGroupPlan& group, const Setting& setting, int minor, Names& names);

}  // namespace plimsoll::eks
