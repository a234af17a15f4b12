#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/cluster/constraints.h"
#include "sim/cluster/resources.h"

namespace plimsoll {

/// Everything about a pod that placement can see; pods made from one template share one shape.
struct PodShape {
  NameId namespace_name;  // none = ""
  Labels labels;
  /// Effective requests for filtering: max(sum of containers, each init container) + overhead; `pods` is 1.
  ResourceVector requests;
  ExtendedResources extended;
  /// CPU and memory for scoring, where a container that names no request counts a default (Kubernetes: 100m, 200 MiB).
  std::int64_t nonzero_cpu = 0;     // Cpu ticks
  std::int64_t nonzero_memory = 0;  // bytes
  /// The part of requests.cpu (ticks) that is pod overhead, for schedulers that score it in a way of their own.
  std::int64_t overhead_cpu = 0;
  /// True when cpu, memory or ephemeral storage is above zero or any extended resource is named (Kubernetes skips the
  /// checks other than the pod slot without one).
  bool requests_anything = false;
  std::int32_t priority = 0;
  bool preempts = true;  // preemptionPolicy PreemptLowerPriority
  std::vector<std::pair<NameId, NameId>> node_selector;
  std::optional<std::vector<NodeSelectorTerm>> node_required;  // present and empty matches nothing
  std::vector<PreferredNodeTerm> node_preferred;
  std::vector<PodAffinityTerm> pod_required, anti_required;
  std::vector<WeightedPodAffinityTerm> pod_preferred, anti_preferred;
  std::vector<TopologySpreadConstraint> spread;
  std::vector<Toleration> tolerations;
  std::vector<HostPort> host_ports;
  std::vector<PodVolume> volumes;
  std::vector<NameId> images;
  std::size_t container_count = 1;
  NameId node_name;                  // spec.nodeName wanted, none = any
  NameId scheduler_name;             // spec.schedulerName, none = the default one
  std::size_t scheduling_gates = 0;  // spec.schedulingGates not yet removed
  /// Selector of the ReplicaSet or StatefulSet that owns the pod, which the default spreading constraints follow.
  LabelSelector owner_selector;
  bool is_daemon = false;  // owned by a DaemonSet or an ECS DAEMON service
  friend bool operator==(const PodShape&, const PodShape&) = default;
};

/// Shapes by id; equal shapes share an id. Copyable.
class ShapeTable {
 public:
  ShapeId intern(PodShape shape);
  const PodShape& operator[](ShapeId id) const { return shapes_[id.index()]; }
  std::size_t size() const { return shapes_.size(); }

 private:
  std::vector<PodShape> shapes_;
};

}  // namespace plimsoll
