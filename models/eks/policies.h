#pragma once

#include "sim/policy/registry.h"

namespace plimsoll::eks {

/// Enters what models/eks decides with under the names that users write: Cluster Autoscaler with every flag, its
/// expanders, Karpenter with its settings.
void register_eks_policies(Registry& registry);

}  // namespace plimsoll::eks
