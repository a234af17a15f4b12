#pragma once

#include <string_view>

#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// Labels by which the pods of one revision differ from those of another.
inline constexpr std::string_view kPodTemplateHash = "pod-template-hash";            ///< of ReplicaSets
inline constexpr std::string_view kControllerRevision = "controller-revision-hash";  ///< StatefulSets, DaemonSets

/// `shape`, a shape of the workload's pods, for a pod of this revision: with that label, when a spreading constraint
/// or a term of pod affinity names it under matchLabelKeys or mismatchLabelKeys and so tells revisions apart; else as
/// it is. The value stands for the hash. SOURCE: Kubernetes, "Pod Topology Spread Constraints" (matchLabelKeys),
/// pkg/controller/deployment/sync.go.
ShapeId shape_of_revision(World& world, ShapeId shape, std::uint32_t revision, std::string_view label);
/// The same, with the image of that revision of the workload's template where it has another than the first.
ShapeId shape_of_revision(World& world, WorkloadId workload, ShapeId shape, std::uint32_t revision,
                          std::string_view label);

}  // namespace plimsoll::kubernetes
