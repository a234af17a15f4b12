#pragma once

#include "models/eks/plan.h"

namespace plimsoll::eks {

/// Reads `autoscaler`, `autoscalerMinor`, `flags`, `priorities` and `removalSimulation` of the capacity block. Flags
/// have their real names; unknown ones, those that the release does not have, and values that are none are errors.
void parse_autoscaler(document::Fields& capacity, EksPlan& plan);

}  // namespace plimsoll::eks
