#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/cluster/pod_shape.h"
#include "sim/cluster/snapshot.h"
#include "sim/core/time.h"

namespace plimsoll::eks::ca {

/// Per-group options by Auto Scaling group tag `k8s.io/cluster-autoscaler/node-template/autoscaling-options/<key>`.
struct GroupOptions {
  std::optional<double> scale_down_utilization_threshold;      ///< scaledownutilizationthreshold
  std::optional<double> scale_down_gpu_utilization_threshold;  ///< scaledowngpuutilizationthreshold
  std::optional<Duration> scale_down_unneeded_time;            ///< scaledownunneededtime
  std::optional<Duration> scale_down_unready_time;             ///< scaledownunreadytime
  std::optional<Duration> max_node_provision_time;             ///< maxnodeprovisiontime
  std::optional<Duration> max_node_startup_time;               ///< maxnodestartuptime
  std::optional<bool> ignore_daemonsets_utilization;           ///< ignoredaemonsetsutilization
};

/// Before every delay that is counted from it. SOURCE: the autoscaler starts with its last events an hour ago.
inline constexpr Time kLongAgo = kTimeZero - hours(1);

/// A node group as the autoscaler sees it at one instant.
struct NodeGroup {
  NodeGroupId id;
  std::string name;  ///< of the Auto Scaling group
  std::int64_t minimum = 0, maximum = 0;
  std::int64_t target = 0;    ///< desired capacity
  std::int64_t upcoming = 0;  ///< asked for and not ready yet
  std::int64_t deletions_in_progress = 0;
  bool healthy = true;  ///< at most 3 or at most 45 % of its nodes are missing
  /// What a new node would look like: a real ready node of the group, or what the provider makes of the instance type
  /// (models/eks/cluster_autoscaler/template_node.h). The name and the hostname label are replaced.
  SnapshotNode node;
  std::vector<ShapeId> daemons;  ///< pods that come with every new node (DaemonSets, static pods)
  GroupOptions options;
  /// For scale-down-delay-type-local.
  Time last_scale_up = kLongAgo, last_delete = kLongAgo, last_scale_down_failure = kLongAgo;
};

}  // namespace plimsoll::eks::ca
