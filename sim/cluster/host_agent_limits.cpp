// What the fields of a pod itself forbid on its host: images that are not to be pulled, and a life without end.
#include <algorithm>

#include "sim/cluster/host_agent.h"

namespace plimsoll {

namespace {

/// The kubelet syncs a pod again so long after a sync that failed; an image that is never pulled has no back-off of its
/// own. SOURCE: pkg/kubelet/kubelet.go backOffPeriod.
constexpr Duration kPodWorkerBackoff = seconds(10);

}  // namespace

const PodPreparation* HostAgent::preparation_for(const Pod& pod) const {
  return pod.workload.index() < preparations_.size() ? &preparations_[pod.workload.index()] : nullptr;
}

bool HostAgent::asks_registry(const World& world, const Pod& pod, NameId image) const {
  if (world.host_profiles[static_cast<std::size_t>(world.node(pod.node).host)].cached_image_asks_registry) return true;
  const PodPreparation* preparation = preparation_for(pod);
  return preparation != nullptr &&
         std::find(preparation->rechecked.begin(), preparation->rechecked.end(), image) != preparation->rechecked.end();
}

bool HostAgent::lacks_endpoints(const Pod& pod) const {
  const PodPreparation* preparation = preparation_for(pod);
  return preparation != nullptr && preparation->without_endpoints;
}

/// SOURCE: pkg/kubelet/images/image_manager.go EnsureImageExists: with the policy Never an image that is not present is
/// ErrImageNeverPull, and nothing is asked of a registry. Another pod may bring the image meanwhile: the next sync
/// finds it. Told once for each such wait.
bool HostAgent::lacks_image(World& world, PodId id) {
  const Pod& pod = world.pod(id);
  const PodPreparation* preparation = preparation_for(pod);
  if (preparation == nullptr || preparation->never_pulled.empty()) return false;
  const Node& node = world.node(pod.node);
  const bool lacks =
      std::any_of(preparation->never_pulled.begin(), preparation->never_pulled.end(), [&](const NameId image) {
        const auto at = std::find_if(node.image_cache.begin(), node.image_cache.end(),
                                     [image](const auto& entry) { return entry.first == image; });
        return at == node.image_cache.end() || at->second > world.now();
      });
  if (!lacks) return false;
  if (pod.crashes == 0) {
    world.record({.at = world.now(),
                  .fact = Fact::pod_failed,
                  .reason = Reason::image_never_pull,
                  .node = pod.node,
                  .pod = id,
                  .workload = pod.workload});
  }
  Pod& waiting = world.edit_pod(id);
  waiting.crashes = 1;
  schedule(world, waiting, Step::pull, world.now() + kPodWorkerBackoff);
  return true;
}

/// SOURCE: pkg/kubelet/active_deadline.go: from status.startTime, when the kubelet has taken the pod on, whatever its
/// containers do and however often they restart; the pod is Failed with the reason DeadlineExceeded, and its containers
/// are killed.
void HostAgent::exceed_deadline(World& world, PodId id) {
  const Pod& pod = world.pod(id);
  if (pod.state == PodState::ended || pod.state == PodState::stopping) return;
  if (world.node(pod.node).is_lost()) return;  // its kubelet does nothing
  world.stop_pod(id, Reason::deadline);
}

}  // namespace plimsoll
