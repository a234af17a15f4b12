#include "models/kubernetes/scheduler/node_unschedulable.h"

#include "models/kubernetes/scheduler/match.h"

namespace plimsoll::kubernetes {

bool NodeUnschedulable::filters(const Cycle& cycle) const {
  return !tolerated(cycle.pod.tolerations, Taint{cycle.keys.unschedulable_taint, {}, TaintEffect::no_schedule});
}

void NodeUnschedulable::filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (verdicts[i].ok() && cycle.snapshot().node(rows[i]).unschedulable) {
      verdicts[i].fail(Code::unresolvable, id(), Reason::unschedulable);
    }
  }
}

}  // namespace plimsoll::kubernetes
