#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/kubernetes/api/admission.h"

/// SOURCE: kubernetes/kubernetes staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go
/// (CheckRequest), pkg/quota/v1/evaluator/core/pods.go (podEvaluator; 1.20 to current).
namespace plimsoll::kubernetes {

/// What a pod, or all pods of a quota, take of each api::QuotaResource but the last.
using QuotaAmounts = std::array<std::int64_t, 5>;

/// What a quota sees of a pod.
struct QuotaPod {
  std::string namespace_name = "default", priority_class;
  bool terminating = false;  ///< activeDeadlineSeconds
  bool best_effort = false;
  QuotaAmounts amounts{};  ///< requests and limits of its containers; 1 pod
  /// Containers that do not name requests.cpu, requests.memory, limits.cpu, limits.memory (by QuotaResource).
  std::array<std::vector<std::string>, 4> unnamed;
};

/// The pod of a template as the quota sees it: sums over containers and sidecars, or the largest init container.
QuotaPod quota_pod(const api::Workload& workload);

/// Whether the quota counts the pod: same namespace, every scope matches.
bool quota_matches(const api::ResourceQuota& quota, const QuotaPod& pod);

/// Why a quota that counts the pod refuses it, as the API server says it after `pods "x" is forbidden: `; empty when
/// it takes it. A quota of CPU or memory wants every container to name that resource.
std::string quota_fault(const api::ResourceQuota& quota, const QuotaAmounts& used, const QuotaPod& pod);

}  // namespace plimsoll::kubernetes
