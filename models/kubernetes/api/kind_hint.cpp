#include "models/kubernetes/api/kind_hint.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/text.h"

namespace plimsoll::kubernetes::api {

std::string kind_hint(const std::string& kind) {
  constexpr std::pair<std::string_view, std::string_view> kKinds[] = {
      {"Deployment", "apps/v1"},
      {"ReplicaSet", "apps/v1"},
      {"StatefulSet", "apps/v1"},
      {"DaemonSet", "apps/v1"},
      {"Job", "batch/v1"},
      {"CronJob", "batch/v1"},
      {"Pod", "v1"},
      {"Service", "v1"},
      {"Namespace", "v1"},
      {"ResourceQuota", "v1"},
      {"LimitRange", "v1"},
      {"HorizontalPodAutoscaler", "autoscaling/v2"},
      {"PodDisruptionBudget", "policy/v1"},
      {"PriorityClass", "scheduling.k8s.io/v1"},
      {"RuntimeClass", "node.k8s.io/v1"},
      {"Ingress", "networking.k8s.io/v1"},
      {"IngressClass", "networking.k8s.io/v1"},
      {"IngressClassParams", "elbv2.k8s.aws/v1beta1"},
      {"PersistentVolumeClaim", "v1"},
      {"StorageClass", "storage.k8s.io/v1"},
      {"ScaledObject", "keda.sh/v1alpha1"},
      {"VerticalPodAutoscaler", "autoscaling.k8s.io/v1"},
      {"NodePool", "karpenter.sh/v1"},
      {"EC2NodeClass", "karpenter.k8s.aws/v1"}};
  std::vector<std::string_view> names;
  for (const auto& known : kKinds) names.push_back(known.first);
  const std::string near = nearest(kind, names);
  if (near.empty()) return {};
  const auto at = std::find(names.begin(), names.end(), near) - names.begin();
  return (near == kind ? kind + " is read in " : "did you mean " + near + " of ") + std::string(kKinds[at].second) +
         (near == kind ? "" : "?");
}

bool is_served(std::string_view api_version) {
  constexpr std::pair<std::string_view, std::string_view> kGroups[] = {{"", "v1"},
                                                                       {"apps", "v1 v1beta2 v1beta1"},
                                                                       {"extensions", "v1beta1"},
                                                                       {"batch", "v1 v1beta1 v2alpha1"},
                                                                       {"autoscaling", "v1 v2 v2beta2 v2beta1"},
                                                                       {"policy", "v1 v1beta1"},
                                                                       {"scheduling.k8s.io", "v1 v1beta1 v1alpha1"},
                                                                       {"networking.k8s.io", "v1 v1beta1"},
                                                                       {"storage.k8s.io", "v1 v1beta1 v1alpha1"}};
  const std::size_t slash = api_version.find('/');
  const std::string_view group = slash == api_version.npos ? std::string_view() : api_version.substr(0, slash);
  const std::string_view version = slash == api_version.npos ? api_version : api_version.substr(slash + 1);
  for (const auto& [name, versions] : kGroups) {
    if (name != group) continue;
    for (std::size_t at = 0; at < versions.size();) {
      const std::size_t end = std::min(versions.find(' ', at), versions.size());
      if (versions.substr(at, end - at) == version) return true;
      at = end + 1;
    }
    return false;
  }
  return true;
}

std::optional<RemovedVersion> removed_version(std::string_view api_version, std::string_view kind) {
  struct Removed {
    std::string_view version, kind;
    RemovedVersion told;
  };
  constexpr Removed kRemoved[] = {{"extensions/v1beta1", "Deployment", {16, "apps/v1"}},
                                  {"extensions/v1beta1", "ReplicaSet", {16, "apps/v1"}},
                                  {"extensions/v1beta1", "DaemonSet", {16, "apps/v1"}},
                                  {"apps/v1beta1", "Deployment", {16, "apps/v1"}},
                                  {"apps/v1beta1", "ReplicaSet", {16, "apps/v1"}},
                                  {"apps/v1beta1", "StatefulSet", {16, "apps/v1"}},
                                  {"apps/v1beta2", "Deployment", {16, "apps/v1"}},
                                  {"apps/v1beta2", "ReplicaSet", {16, "apps/v1"}},
                                  {"apps/v1beta2", "StatefulSet", {16, "apps/v1"}},
                                  {"apps/v1beta2", "DaemonSet", {16, "apps/v1"}},
                                  {"networking.k8s.io/v1beta1", "IngressClass", {22, "networking.k8s.io/v1"}},
                                  {"scheduling.k8s.io/v1beta1", "PriorityClass", {22, "scheduling.k8s.io/v1"}},
                                  {"storage.k8s.io/v1beta1", "StorageClass", {22, "storage.k8s.io/v1"}},
                                  {"batch/v1beta1", "CronJob", {25, "batch/v1"}},
                                  {"autoscaling/v2beta1", "HorizontalPodAutoscaler", {25, "autoscaling/v2"}},
                                  {"policy/v1beta1", "PodDisruptionBudget", {25, "policy/v1"}},
                                  {"node.k8s.io/v1beta1", "RuntimeClass", {25, "node.k8s.io/v1"}},
                                  {"autoscaling/v2beta2", "HorizontalPodAutoscaler", {26, "autoscaling/v2"}}};
  for (const Removed& r : kRemoved) {
    if (r.version == api_version && r.kind == kind) return r.told;
  }
  return std::nullopt;
}

}  // namespace plimsoll::kubernetes::api
