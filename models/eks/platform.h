#pragma once

#include <memory>

#include "sim/policy/registry.h"

namespace plimsoll::eks {

/// `type: eks`: a cluster whose pods run on a managed node group under Cluster Autoscaler, on nodes of Karpenter beside
/// a bootstrap group, or on Fargate.
std::unique_ptr<PlatformType> eks_platform();

/// Enters the platform, its policies and the readers of Kubernetes manifests.
void register_eks(Registry& registry);

}  // namespace plimsoll::eks
