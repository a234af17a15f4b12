#pragma once

#include <cstdint>
#include <string_view>

#include "models/aws/catalogue.h"
#include "models/eks/node/vpc_cni.h"

namespace plimsoll::eks {

/// The driver's limit among the extended resources of a node: what its CSINode says, no resource that pods ask for.
inline constexpr std::string_view kEbsAttachLimit = "attachable-volumes-csi-ebs.csi.aws.com";

/// How many EBS volumes pods may have on a node, as the EBS CSI driver tells its CSINode when it starts. EC2's own
/// limit of the type (27 and fewer are shared with network interfaces beyond the first, instance store and accelerators
/// already taken off; 32 and more are for volumes alone; 39 on Xen), less the interfaces that are attached beyond the
/// first where they share it, less the root volume; at least 1. The VPC CNI has attached its warm interface by then
/// (WARM_ENI_TARGET), so that an m5.large has 25. SOURCE: kubernetes-sigs/aws-ebs-csi-driver pkg/driver/node.go
/// getVolumesLimit, pkg/cloud/limits/volume_limits.go (shared and dedicated limits).
std::int64_t volume_attach_limit(const aws::InstanceType& type, const VpcCni& cni);

}  // namespace plimsoll::eks
