#pragma once

#include "models/kubernetes/api/objects.h"
#include "sim/cluster/names.h"
#include "sim/cluster/pod_shape.h"

namespace plimsoll::kubernetes::api {

/// The shape of the pods of a workload, as the API server completes them: resolved priority, default tolerations of
/// DaemonSet pods, not-ready and unreachable tolerations of 300 s, memory-backed emptyDirs left as they are.
/// Priority: the class named (system-cluster-critical and system-node-critical are known), else the class that is the
/// global default, else 0.
PodShape make_shape(const Workload& workload, const std::vector<PriorityClass>& priority_classes, Names& names);

/// The same names in the types that the rules use.
LabelSelector to_label_selector(const Selector& selector, Names& names);

/// allowedTopologies of a StorageClass, for PodVolume::allowed.
std::vector<NodeSelectorTerm> to_topology_terms(const std::vector<NodeTerm>& terms, Names& names);

/// What the init containers of a pod ask for at most, each with the sidecars that run by then; only requests are set.
PodShape init_peak(const Workload& workload, Names& names);

}  // namespace plimsoll::kubernetes::api
