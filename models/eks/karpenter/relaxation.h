#pragma once

#include <optional>

#include "sim/cluster/pod_shape.h"

namespace plimsoll::eks::karpenter {

/// Takes one preference away, the first that applies: the first of several required node-affinity terms, the heaviest
/// preferred pod affinity, the heaviest preferred pod anti-affinity, the heaviest preferred node affinity, one
/// ScheduleAnyway spread, and, where a pool has a PreferNoSchedule taint, its refusal of such taints. None when nothing
/// is left to take. SOURCE: kubernetes-sigs/karpenter v1.14.1 pkg/controllers/provisioning/scheduling/preferences.go.
std::optional<PodShape> relaxed(const PodShape& shape, bool tolerate_prefer_no_schedule);

}  // namespace plimsoll::eks::karpenter
