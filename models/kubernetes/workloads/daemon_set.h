#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/kubernetes/version.h"
#include "models/kubernetes/workloads/int_or_percent.h"
#include "sim/core/time.h"

namespace plimsoll::kubernetes {

/// updateStrategy of a DaemonSet. Defaults: pkg/apis/apps/v1/defaults.go SetDefaults_DaemonSet.
struct DaemonSetStrategy {
  bool on_delete = false;  ///< a pod is of the new revision only when it comes for another reason
  IntOrPercent max_surge{0, false}, max_unavailable{1, false};
  Duration min_ready{};
};

/// The daemon pods of one node that should run one; pods that are being deleted stand apart.
struct DaemonNode {
  bool updated = false, updated_available = false;  ///< a pod of the wanted revision; Ready for minReadySeconds
  bool old = false, old_available = false;          ///< a pod of another revision
  bool terminating = false;                         ///< a pod that is on its way out
};

/// Nodes, by their place in what was given.
struct DaemonStep {
  std::vector<std::size_t> stop_old;  ///< delete the pod of the old revision
  std::vector<std::size_t> create;    ///< make a pod of the new revision beside the old one
};

/// One reconcile of a rolling update. Without surge as many old pods are deleted as maxUnavailable leaves beside the
/// nodes whose new pod is not available yet; an old pod that is not available itself goes in any case. With surge the
/// new pod comes first, on at most maxSurge nodes at a time, and the old one goes when the new one is available. Both
/// bounds are shares of `nodes` and round up; both 0 makes maxUnavailable 1. Nodes without any pod are the affair of
/// whoever keeps one pod a node; they count as unavailable.
/// In 1.20 there is no surge, and old pods that are not available count against maxUnavailable.
/// SOURCE: pkg/controller/daemon/update.go rollingUpdate (1.20.2; 1.22 .. 1.34), updatedDesiredNodeCounts.
/// The real one goes through a map of nodes in no order; here the first of those given are taken.
DaemonStep daemon_rolling_step(const DaemonSetStrategy& strategy, KubernetesVersion version,
                               const std::vector<DaemonNode>& nodes);

}  // namespace plimsoll::kubernetes
