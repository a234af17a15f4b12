#pragma once

#include <algorithm>
#include <optional>

#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// A pod whose instance was ended under it is missed only when its Node is found not ready (the monitor's grace
/// period), the cloud node controller has deleted it (every 5 s) and the pod garbage collector the pod (every 20 s, for
/// nodes missing for 40 s). SOURCE: kubernetes/kubernetes pkg/controller/{nodelifecycle,podgc},
/// kubernetes/cloud-provider controllers/nodelifecycle (1.20 to 1.34).
struct MissedPodDelays {
  Duration node_monitor_grace = seconds(50);
  Delay cloud_node = Delay::uniform(seconds(0), seconds(5));
  Delay pod_gc = Delay::uniform(seconds(40), seconds(60));
};

/// When the API server has deleted the pod of a `pod_ended`; none when that is now, as somebody asked for its end or
/// still answers for it.
inline std::optional<Time> missed_at(const World& world, const FactRecord& ended, const MissedPodDelays& delays) {
  const Pod& pod = world.pod(ended.pod);
  const bool silent = is_host_loss(ended.reason) && pod.stopping == kTimeNever && !ended.node.is_none() &&
                      world.node(ended.node).host == HostKind::ec2;
  if (!silent) return std::nullopt;
  const Stream stream = world.stream(world.entity(pod), Purpose::host_failure);
  const Time died = std::min(world.now(), world.node(ended.node).lost);
  const Time deleted = std::max(world.now(), died + delays.node_monitor_grace) + delays.cloud_node.sample(stream, 2);
  return deleted + delays.pod_gc.sample(stream, 3);
}

}  // namespace plimsoll::kubernetes
