#pragma once

#include <string_view>

#include "models/aws/catalogue.h"
#include "models/eks/node/kube_reserved.h"
#include "sim/cluster/names.h"
#include "sim/cluster/snapshot.h"

namespace plimsoll::eks::ca {

/// What the AWS provider makes of an empty Auto Scaling group: the type's nominal capacity, 110 pods, nothing reserved,
/// so that the first scale-up from zero can overestimate a node. Labels: instance type, architecture, os, zone when the
/// group has one. Capacity, labels and taints of `k8s.io/cluster-autoscaler/node-template/...` tags go on top of it.
/// SOURCE: kubernetes/autoscaler 1.28 cluster-autoscaler/cloudprovider/aws/aws_manager.go (buildNodeFromTemplate).
SnapshotNode template_from_type(const aws::InstanceType& type, std::string_view region, std::string_view zone,
                                Names& names);

}  // namespace plimsoll::eks::ca
