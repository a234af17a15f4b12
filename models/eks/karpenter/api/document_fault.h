#pragma once

#include <string>
#include <utility>

#include "sim/document/node.h"

namespace plimsoll::eks::karpenter {

/// Why a document among `nodePools` is none that Karpenter reads, and what to do: objects of its alpha API by their
/// kind and version, and others. SOURCE: karpenter.sh docs, "Upgrade Guide" and "v1beta1 Migration": Provisioner,
/// AWSNodeTemplate and Machine (karpenter.sh/v1alpha5, karpenter.k8s.aws/v1alpha1) became NodePool, EC2NodeClass and
/// NodeClaim with 0.32, and 0.33 no longer has them.
std::pair<std::string, std::string> document_fault(const document::Node& document);

/// What is wrong with the nodeClassRef of a NodePool: open-source Karpenter has EC2NodeClass of karpenter.k8s.aws, EKS
/// Auto Mode NodeClass of eks.amazonaws.com. Empty when it is right or says neither group nor kind.
/// SOURCE: EKS user guide, "Create a Node Pool for EKS Auto Mode"; karpenter.sh docs, NodePools (spec.template.spec.
/// nodeClassRef).
std::string node_class_reference_fault(const document::Node& node_pool, bool auto_mode);

}  // namespace plimsoll::eks::karpenter
