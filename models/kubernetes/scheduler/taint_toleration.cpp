#include "models/kubernetes/scheduler/taint_toleration.h"

#include <algorithm>

#include "models/kubernetes/scheduler/match.h"
#include "models/kubernetes/scheduler/normalize.h"

namespace plimsoll::kubernetes {

void TaintToleration::filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!verdicts[i].ok()) continue;
    const auto& taints = cycle.snapshot().node(rows[i]).taints;
    if (taints.empty()) continue;
    if (const Taint* taint = first_untolerated(taints, cycle.pod.tolerations)) {
      verdicts[i].fail(Code::unresolvable, id(), Reason::taint, taint->key);
    }
  }
}

void TaintToleration::score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const {
  // Only tolerations with no effect or this one speak here.
  const auto accepts = [&](const Taint& taint) { return tolerated(cycle.pod.tolerations, taint); };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& taints = cycle.snapshot().node(rows[i]).taints;
    scores[i] = std::count_if(taints.begin(), taints.end(), [&](const Taint& t) {
      return t.effect == TaintEffect::prefer_no_schedule && !accepts(t);
    });
  }
}

void TaintToleration::normalize(const Cycle&, std::span<const Row>, std::span<std::int64_t> scores) const {
  normalize_by_maximum(scores, true);
}

}  // namespace plimsoll::kubernetes
