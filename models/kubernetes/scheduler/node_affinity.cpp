#include "models/kubernetes/scheduler/node_affinity.h"

#include <algorithm>

#include "models/kubernetes/scheduler/match.h"
#include "models/kubernetes/scheduler/normalize.h"

namespace plimsoll::kubernetes {

bool NodeAffinity::filters(const Cycle& cycle) const {
  return added_required_ || cycle.pod.node_required || !cycle.pod.node_selector.empty();
}

void NodeAffinity::filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!verdicts[i].ok()) continue;
    const SnapshotNode& node = cycle.snapshot().node(rows[i]);
    const auto hits = [&](const NodeSelectorTerm& t) { return matches(t, node, cycle.view.names); };
    if (added_required_ && std::none_of(added_required_->begin(), added_required_->end(), hits)) {
      verdicts[i].fail(Code::unresolvable, id(), Reason::added_node_affinity);
    } else if (!matches_required(cycle.pod, node, cycle.view.names)) {
      verdicts[i].fail(Code::unresolvable, id(), Reason::node_affinity);
    }
  }
}

bool NodeAffinity::scores(const Cycle& cycle) const {
  return !cycle.pod.node_preferred.empty() || !added_preferred_.empty();
}

void NodeAffinity::score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const {
  // 1.20 reads only the label expressions of a preferred term, later releases its fields too.
  const bool fields_count = cycle.version != KubernetesVersion::v1_20;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const SnapshotNode& node = cycle.snapshot().node(rows[i]);
    const auto sum = [&](const std::vector<PreferredNodeTerm>& terms, bool fields) {
      std::int64_t total = 0;
      for (const PreferredNodeTerm& p : terms) {
        if (p.weight == 0) continue;
        if (fields) {
          if (matches(p.term, node, cycle.view.names)) total += p.weight;
        } else if (!p.term.expressions.empty() &&
                   std::all_of(p.term.expressions.begin(), p.term.expressions.end(),
                               [&](const Requirement& r) { return matches(r, node.labels, cycle.view.names); })) {
          total += p.weight;
        }
      }
      return total;
    };
    scores[i] = sum(added_preferred_, true) + sum(cycle.pod.node_preferred, fields_count);
  }
}

void NodeAffinity::normalize(const Cycle&, std::span<const Row>, std::span<std::int64_t> scores) const {
  normalize_by_maximum(scores, false);
}

}  // namespace plimsoll::kubernetes
