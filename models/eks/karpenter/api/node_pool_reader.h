#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/eks/karpenter/api/node_class_reader.h"
#include "models/eks/karpenter/node_pool.h"
#include "models/eks/karpenter/release.h"
#include "models/eks/karpenter/scheduling.h"
#include "sim/cluster/names.h"
#include "sim/document/fields.h"

namespace plimsoll::eks::karpenter {

/// Whether a document says apiVersion karpenter.sh/v1 or v1beta1, kind NodePool.
bool is_node_pool(const document::Node& node);
/// Whether a document says apiVersion karpenter.k8s.aws/v1 or v1beta1, kind EC2NodeClass, or (EKS Auto Mode)
/// eks.amazonaws.com/v1, kind NodeClass.
bool is_node_class(const document::Node& node);

/// Reads a NodePool as it would be applied; what Karpenter's validation rejects is an error (operators, a schedule
/// without a duration, a budget's duration with seconds, a weight outside 1 to 100, ...). Limits are quantities of
/// Kubernetes, rounded up (CPU to millicores). Keys that change neither placement nor cost are passed over.
/// v1beta1: WhenUnderutilized means WhenEmptyOrUnderutilized, expireAfter stands under disruption, kubelet in the pool.
/// Static NodePools (replicas) are refused, and so is what `release` of Karpenter does not have. Old names of labels
/// are read as the new ones. SOURCE: karpenter.sh/docs/concepts/nodepools; kubernetes-sigs/karpenter v1.14.1
/// pkg/apis/v1 (CRD validation).
NodePool read_node_pool(const document::Node& node, const document::Reader& reader, Names& names,
                        const Release& release = {});

struct PoolProblem {
  std::size_t pool = 0;  ///< index into the cluster's pools
  std::string message, hint;
};

/// One for each pool that can never launch a node: no type satisfies its requirements (with the requirement at fault
/// and the nearest value there is), or none fits its limits; and for a requirement on, or a label of the template, that
/// Karpenter refuses.
std::vector<PoolProblem> pool_problems(const Cluster& cluster, const PoolTemplates& templates);

}  // namespace plimsoll::eks::karpenter
