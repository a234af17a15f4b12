// The part of a pod's path that lies between its readiness and the requests of its callers.
#include <vector>

#include "sim/cluster/host_agent.h"

namespace plimsoll {

/// Where callers are sent to pods that are not ready, what they are sent is served from now on; a balancer sends
/// nothing before its own checks have passed.
void HostAgent::publish(World& world, const Pod& pod, Time broken) {
  const Workload& workload = world.workload(pod.workload);
  if (!workload.publish_not_ready || waits_for_target(world, pod)) return;
  Time at = world.now();
  if (workload.behind_balancer) {
    const HostProfile& profile = world.host_profiles[static_cast<std::size_t>(world.node(pod.node).host)];
    const Stream stream = world.stream(world.entity(pod), Purpose::registration);
    at += profile.balancer_registration.sample(stream, 2 * pod.restarts + 2) + profile.slow_start / 2;
  }
  if (at < broken) schedule(world, pod, Step::serve, at);
}

void HostAgent::shift_traffic(World& world, WorkloadId workload) {
  const std::uint32_t only = world.workload(workload).traffic_revision;
  const std::vector<PodId> pods = world.workload(workload).pods;
  for (const PodId id : pods) {
    const Pod& pod = world.pod(id);
    if (!pod.node.is_none() && world.node(pod.node).is_lost()) continue;
    const bool may = only == 0 || only == pod.revision;
    if (may && pod.state == PodState::ready && pod.registered) world.pod_serving(id);
    if (!may && pod.state == PodState::serving) world.pod_withdrawn(id);
  }
}

}  // namespace plimsoll
