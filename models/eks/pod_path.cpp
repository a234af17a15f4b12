#include "models/eks/pod_path.h"

#include <algorithm>

#include "models/kubernetes/api/feature_gates.h"
#include "models/kubernetes/api/manifest_reader.h"
#include "models/kubernetes/kubelet/pod_template.h"
#include "models/kubernetes/kubelet/pull_policy.h"

namespace plimsoll::eks {

std::string lost_way(const WorkloadSpec& spec) {
  const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(spec.kubernetes_pod.get());
  if (file == nullptr) return {};
  return spec.entry ? file->no_way_from_outside : file->no_way_inside;
}

PodPreparation pod_path(const WorkloadSpec& spec, const kubernetes::InitContainerTimes& times, Names& names) {
  PodPreparation out = kubernetes::preparation_of(spec, times);
  kubernetes::fill_pull_policies(spec, names, out);
  out.without_endpoints = !lost_way(spec).empty();
  if (const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(spec.kubernetes_pod.get()))
    out.active_deadline = file->workload.pod.active_deadline;
  return out;
}

kubernetes::StatefulSetStrategy stateful_set_update(const WorkloadSpec& spec, int minor) {
  kubernetes::StatefulSetStrategy out = kubernetes::stateful_set_strategy(spec.kubernetes_rollout);
  const Amount& most = spec.kubernetes_rollout.max_unavailable;
  if (kubernetes::api::is_on(kubernetes::api::Feature::max_unavailable_stateful_set, minor))
    out.max_unavailable = kubernetes::IntOrPercent{most.value, most.is_percent};
  return out;
}

}  // namespace plimsoll::eks
