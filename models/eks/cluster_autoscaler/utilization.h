#pragma once

#include <cstdint>
#include <span>

#include "models/eks/node/pod_facts.h"
#include "sim/cluster/pod_shape.h"
#include "sim/cluster/snapshot.h"

namespace plimsoll::eks::ca {

struct UtilizationParams {
  bool ignore_daemonsets = false;   ///< --ignore-daemonsets-utilization
  bool ignore_mirror_pods = false;  ///< --ignore-mirror-pods-utilization
  friend bool operator==(const UtilizationParams&, const UtilizationParams&) = default;
};

/// What counts towards one node's utilisation.
struct UtilizationPod {
  ResourceVector requests;
  bool daemonset = false, mirror = false, long_terminating = false;
};

struct Utilization {
  double cpu = 0, memory = 0, gpu = 0;
  double value = 0;                      ///< the larger of cpu and memory; gpu on GPU nodes
  Resource resource = Resource::memory;  ///< which one; equal values give memory
};

/// Requests over allocatable. With an ignore flag the pods of that kind leave both sides: their requests are taken from
/// the allocatable too. Pods terminating for longer than grace + 30 s do not count.
/// SOURCE: kubernetes/autoscaler 1.28 cluster-autoscaler/simulator/utilization/info.go.
Utilization node_utilization(const ResourceVector& allocatable, std::span<const UtilizationPod> pods,
                             const UtilizationParams& params);

/// The same for a row of the snapshot.
Utilization node_utilization(const Snapshot& snapshot, Row row, const ShapeTable& shapes, const PodDirectory& directory,
                             const UtilizationParams& params, Time now);

}  // namespace plimsoll::eks::ca
