#pragma once

#include <string>

#include "models/eks/plan.h"

namespace plimsoll::eks {

/// Fills type, prices and sizes of a node group; an unknown type is reported with the nearest.
void read_group_type(document::Fields& group, const std::string& type, EksPlan& plan, NodeGroupPlan& out);

/// Reads `bootstrap` and `nodePools` of the capacity block, when they are there.
void parse_karpenter(document::Fields& capacity, const Setting& setting, EksPlan& plan);

}  // namespace plimsoll::eks
