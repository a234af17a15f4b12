#include "models/eks/cluster_autoscaler/utilization.h"

#include <algorithm>
#include <vector>

namespace plimsoll::eks::ca {

namespace {

struct Totals {
  ResourceVector counted, left_out;

  void add(const UtilizationPod& pod, const UtilizationParams& params) {
    if ((params.ignore_daemonsets && pod.daemonset) || (params.ignore_mirror_pods && pod.mirror)) {
      left_out += pod.requests;
    } else if (!pod.long_terminating) {
      counted += pod.requests;
    }
  }

  double share(const ResourceVector& allocatable, Resource r) const {
    const std::int64_t room = allocatable[r] - left_out[r];
    if (room == 0) return 0;
    return static_cast<double>(counted[r]) / static_cast<double>(room);
  }

  Utilization over(const ResourceVector& allocatable) const {
    Utilization u;
    if (allocatable[Resource::gpus] > 0) {
      u.gpu = share(allocatable, Resource::gpus);
      u.value = u.gpu;
      u.resource = Resource::gpus;
      return u;
    }
    u.cpu = share(allocatable, Resource::cpu);
    u.memory = share(allocatable, Resource::memory);
    u.resource = u.cpu > u.memory ? Resource::cpu : Resource::memory;
    u.value = std::max(u.cpu, u.memory);
    return u;
  }
};

}  // namespace

Utilization node_utilization(const ResourceVector& allocatable, std::span<const UtilizationPod> pods,
                             const UtilizationParams& params) {
  Totals totals;
  for (const UtilizationPod& pod : pods) totals.add(pod, params);
  return totals.over(allocatable);
}

Utilization node_utilization(const Snapshot& snapshot, Row row, const ShapeTable& shapes, const PodDirectory& directory,
                             const UtilizationParams& params, Time now) {
  Totals totals;
  const auto pods = snapshot.pods(row);
  const bool plain = !params.ignore_daemonsets && !params.ignore_mirror_pods &&
                     std::none_of(pods.begin(), pods.end(), [](const PodOnNode& p) { return p.terminating; });
  if (plain) {
    for (const Resource r : {Resource::cpu, Resource::memory, Resource::gpus}) {
      totals.counted[r] = snapshot.requested(r)[row];
    }
  } else {
    for (const PodOnNode& pod : pods) {
      const PodFacts& facts = directory.facts(pod.id);
      totals.add(
          {shapes[pod.shape].requests, shapes[pod.shape].is_daemon, facts.mirror, is_long_terminating(facts, now)},
          params);
    }
  }
  return totals.over(snapshot.node(row).allocatable);
}

}  // namespace plimsoll::eks::ca
