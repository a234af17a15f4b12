#include "models/kubernetes/scheduler/affinity_terms.h"

#include <algorithm>

#include "models/kubernetes/scheduler/match.h"

namespace plimsoll::kubernetes {

void settle_affinity_terms(PodShape& shape, std::span<const NamespaceView> namespaces, const Names& names) {
  const auto settle = [&](PodAffinityTerm& term) {
    if (!term.namespace_selector.present) return;
    for (const NamespaceView& n : namespaces) {
      const bool listed = std::find(term.namespaces.begin(), term.namespaces.end(), n.name) != term.namespaces.end();
      if (!listed && matches(term.namespace_selector, n.labels, names)) term.namespaces.push_back(n.name);
    }
  };
  for (PodAffinityTerm& t : shape.pod_required) settle(t);
  for (PodAffinityTerm& t : shape.anti_required) settle(t);
  for (WeightedPodAffinityTerm& t : shape.pod_preferred) settle(t.term);
  for (WeightedPodAffinityTerm& t : shape.anti_preferred) settle(t.term);
}

}  // namespace plimsoll::kubernetes
