#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/eks/cluster_autoscaler/estimator.h"
#include "sim/core/id.h"
#include "sim/core/time.h"

namespace plimsoll::eks::ca {

/// A pod that the scheduler found no place for.
struct PendingPod {
  PodId id;
  ShapeId shape;
  WorkloadId controller;  ///< none: a pod of its own
  Time created{};
  Duration scale_up_delay{};  ///< annotation pod-scale-up-delay
};

/// Pods of one controller with equal labels and specification form a group; a controller has at most ten groups, its
/// later pods stand alone, as do pods without a controller. In order of first appearance.
/// SOURCE: kubernetes/autoscaler 1.28 cluster-autoscaler/core/scaleup/equivalence/groups.go.
std::vector<PodGroup> equivalence_groups(std::span<const PendingPod> pods);

}  // namespace plimsoll::eks::ca
