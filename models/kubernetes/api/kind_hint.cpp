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

}  // namespace plimsoll::kubernetes::api
