#include "models/kubernetes/workloads/stateful_set.h"

#include <algorithm>

namespace plimsoll::kubernetes {

StatefulStep stateful_step(const StatefulSetStrategy& strategy, std::int64_t replicas,
                           const std::vector<StatefulPod>& pods) {
  StatefulStep step;
  const auto pod = [&](std::int64_t i) {
    return i < static_cast<std::int64_t>(pods.size()) ? pods[static_cast<std::size_t>(i)] : StatefulPod{};
  };
  const bool ordered = !strategy.parallel;
  for (std::int64_t i = 0; i < replicas; ++i) {
    const StatefulPod p = pod(i);
    if (!p.exists) step.create.push_back(i);
    // What is not there, leaves, or is not available holds up all behind it.
    if (ordered && (!p.exists || p.terminating || !p.available)) return step;
  }
  if (!step.create.empty()) return step;
  for (std::int64_t i = static_cast<std::int64_t>(pods.size()) - 1; i >= replicas; --i) {
    const StatefulPod p = pod(i);
    if (!p.exists) continue;
    if (!p.terminating) step.stop.push_back(i);
    if (ordered) return step;
  }
  if (!step.stop.empty() || strategy.on_delete) return step;
  if (strategy.max_unavailable) {
    std::int64_t may_go = std::max<std::int64_t>(strategy.max_unavailable->of_floor(replicas), 1);
    for (std::int64_t i = 0; i < replicas; ++i) {
      const StatefulPod p = pod(i);
      if (p.terminating || !p.available) --may_go;
    }
    for (std::int64_t i = replicas - 1; i >= std::max<std::int64_t>(strategy.partition, 0) && may_go > 0; --i) {
      const StatefulPod p = pod(i);
      if (p.updated || p.terminating) continue;
      step.stop.push_back(i);
      --may_go;
    }
    return step;
  }
  for (std::int64_t i = replicas - 1; i >= std::max<std::int64_t>(strategy.partition, 0); --i) {
    const StatefulPod p = pod(i);
    if (!p.updated && !p.terminating) {
      step.stop.push_back(i);
      return step;
    }
    if (p.terminating || !p.available) return step;
  }
  return step;
}

}  // namespace plimsoll::kubernetes
