#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "models/eks/karpenter/node_pool.h"
#include "sim/document/fields.h"

namespace plimsoll::eks::karpenter {

/// Reads an EC2NodeClass, or (EKS Auto Mode) a NodeClass: name, AMI family, root volume, what kubelet changes of the
/// room on a node, zones of its subnets. Keys that change neither placement nor cost are passed over; those that the
/// resource does not have are errors, and so are image families and aliases that there are not. Capacity reservations
/// are passed over with a warning.
/// SOURCE: karpenter.sh/docs/concepts/nodeclasses; aws/karpenter-provider-aws pkg/apis/v1/ec2nodeclass.go.
NodeClass read_node_class(const document::Node& node, const document::Reader& reader);

/// The text of a scalar under a key; empty when there is none.
std::string_view scalar_under(const document::Node& node, std::string_view key);

/// maxPods (0: the ENI table) and what else of a kubelet block changes the room on a node.
std::pair<std::int64_t, KubeletReserves> read_kubelet_block(document::Fields& kubelet);

}  // namespace plimsoll::eks::karpenter
