#pragma once

#include "models/kubernetes/scheduler/framework.h"
#include "models/kubernetes/scheduler/priority_sort.h"

namespace plimsoll::kubernetes {

/// Something that may make an unschedulable pod schedulable.
struct ClusterEvent {
  enum class Kind : std::uint8_t { node_added, node_uncordoned, node_deleted, pod_assigned, pod_deleted };
  Kind kind = Kind::node_added;
  Row row = kNoRow;  ///< of a node event, while the node is in the snapshot
  ShapeId shape;     ///< of a pod event
};

/// The filters that the reasons of a failed decision name, as bits 1 << PluginId.
std::uint32_t rejecting_plugins(const Decision& decision);

/// Whether the event takes the pod out of the unschedulable pool.
/// 1.20: every event does, but a pod's assignment only for pods with a required affinity term that it matches. 1.26:
/// those that one of the filters that rejected the pod has registered for. Newest: if such a filter's queueing hint
/// says so (NodeResourcesFit: the node could hold the pod if it were empty; TaintToleration, NodeAffinity,
/// NodeUnschedulable: the node passes; spread and inter-pod affinity: topology keys and matching pods).
/// Source: pkg/scheduler/eventhandlers.go (1.20.2, 1.26.15), EventsToRegister and isSchedulableAfter* of the plugins
/// (1.34).
bool may_help(const Framework& framework, const ClusterView& view, const QueuedPod& pod, const ClusterEvent& event);

}  // namespace plimsoll::kubernetes
