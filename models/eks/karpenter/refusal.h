#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/eks/karpenter/scheduling.h"

namespace plimsoll::eks::karpenter {

/// What keeps a NodePool from opening a node for a pod.
struct PoolRefusal {
  std::size_t pool = 0;  ///< index into Cluster::pools
  std::string why;
};

/// For each pool by weight the first thing in the way of a pod of this shape that no node has room for, all its
/// preferences given up, in the words of Karpenter's event FailedScheduling on the pod. In Karpenter's order: limits
/// (which `planned` claims of the same run use up as well), taints, requirements, spreading and affinity, instance
/// types. For explanations: nothing is changed but names and shapes that may be added. SOURCE:
/// kubernetes-sigs/karpenter v1.14.1 pkg/controllers/provisioning/scheduling/{scheduler,nodeclaim}.go,
/// pkg/scheduling/{requirement,requirements,taints}.go. Left out: the requirements of the claim beside its resources,
/// host ports of daemons, which domain a spreading rule lacks.
std::vector<PoolRefusal> pool_refusals(const Cluster& cluster, const PoolTemplates& templates, ShapeId shape,
                                       std::span<const PlannedClaim> planned);

/// "topology.kubernetes.io/zone In [us-east-1a us-east-1b]", as Karpenter prints a requirement.
std::string requirement_text(const KeyRequirement& requirement, const Names& names);

}  // namespace plimsoll::eks::karpenter
