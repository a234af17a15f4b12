#include "models/kubernetes/scheduler/node_name.h"

namespace plimsoll::kubernetes {

void NodeNamePlugin::filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (verdicts[i].ok() && cycle.snapshot().node(rows[i]).name != cycle.pod.node_name) {
      verdicts[i].fail(Code::unresolvable, id(), Reason::node_name);
    }
  }
}

}  // namespace plimsoll::kubernetes
