#pragma once

#include "models/eks/plan.h"

namespace plimsoll::eks {

/// Reads `bootstrap` and `nodePools` of the capacity block, when they are there.
void parse_karpenter(document::Fields& capacity, const Setting& setting, EksPlan& plan);

}  // namespace plimsoll::eks
