#include "models/eks/karpenter/relaxation.h"

#include <algorithm>

namespace plimsoll::eks::karpenter {

namespace {

template <class T>
bool drop_heaviest(std::vector<T>& terms) {
  if (terms.empty()) return false;
  terms.erase(std::max_element(terms.begin(), terms.end(), [](const T& a, const T& b) { return a.weight < b.weight; }));
  return true;
}

bool accepts_all_soft_taints(const Toleration& t) {
  return t.key.is_none() && t.exists && t.effect == TaintEffect::prefer_no_schedule;
}

}  // namespace

std::optional<PodShape> relaxed(const PodShape& shape, bool tolerate_prefer_no_schedule) {
  PodShape out = shape;
  if (out.node_required && out.node_required->size() > 1) {
    out.node_required->erase(out.node_required->begin());
    return out;
  }
  if (drop_heaviest(out.pod_preferred) || drop_heaviest(out.anti_preferred) || drop_heaviest(out.node_preferred))
    return out;
  const auto soft = std::find_if(out.spread.begin(), out.spread.end(), [](const TopologySpreadConstraint& c) {
    return c.when == WhenUnsatisfiable::schedule_anyway;
  });
  if (soft != out.spread.end()) {
    out.spread.erase(soft);
    return out;
  }
  if (tolerate_prefer_no_schedule &&
      std::none_of(out.tolerations.begin(), out.tolerations.end(), accepts_all_soft_taints)) {
    Toleration any;
    any.exists = true;
    any.effect = TaintEffect::prefer_no_schedule;
    out.tolerations.push_back(any);
    return out;
  }
  return std::nullopt;
}

}  // namespace plimsoll::eks::karpenter
