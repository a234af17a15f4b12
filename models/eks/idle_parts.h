#pragma once

#include <string>
#include <vector>

#include "models/eks/plan.h"
#include "sim/policy/platform.h"

namespace plimsoll::eks {

/// What the scenario says of this column and nothing follows, one sentence each: a Fargate profile none of whose
/// selectors matches a pod, the event `upgrade: nodes` where EKS updates no node (self-managed groups are replaced by
/// their owner, hybrid nodes too, and on Fargate pods have their image at their start).
/// SOURCE: EKS user guide, "Update a managed node group", "Update self-managed nodes", "Patch operating systems of pods
/// on Fargate".
std::vector<std::string> idle_parts(const EksPlan& plan, const Setting& setting);

}  // namespace plimsoll::eks
