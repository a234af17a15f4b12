#include "models/kubernetes/kubelet/eviction.h"

#include <tuple>

namespace plimsoll::kubernetes {

QosClass qos_class(const api::PodTemplate& pod) {
  bool any = false, all_equal = true;
  const auto look = [&](const api::Container& c) {
    const auto of = [&](const auto& request, const auto& limit) {
      const bool asks = request && request->raw() > 0, bounded = limit && limit->raw() > 0;
      any = any || asks || bounded;
      all_equal = all_equal && bounded && (!asks || *request == *limit);
    };
    of(c.requests.cpu, c.limits.cpu);
    of(c.requests.memory, c.limits.memory);
  };
  for (const api::Container& c : pod.containers) look(c);
  for (const api::Container& c : pod.init_containers) look(c);
  if (!any) return QosClass::best_effort;
  return all_equal ? QosClass::guaranteed : QosClass::burstable;
}

PodId first_evicted(std::span<const EvictionCandidate> pods) {
  const auto rank = [](const EvictionCandidate& c) {
    return std::tuple(c.usage <= c.request, c.priority, c.request - c.usage, c.pod);
  };
  const EvictionCandidate* first = nullptr;
  for (const EvictionCandidate& c : pods) {
    if (c.priority >= kSystemCriticalPriority) continue;
    if (first == nullptr || rank(c) < rank(*first)) first = &c;
  }
  return first == nullptr ? PodId{} : first->pod;
}

}  // namespace plimsoll::kubernetes
