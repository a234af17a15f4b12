#include "models/kubernetes/scheduler/explanation.h"

#include <algorithm>

#include "models/kubernetes/scheduler/reason_text.h"

namespace plimsoll::kubernetes {

namespace {

void explain_filters(const Framework& framework, const ClusterView& view, ShapeId shape, NodeExplanation& node) {
  node.reasons = reason_texts(framework, view, shape, node.row, node.verdict);
  bool failed = false;
  for (const PluginId filter : framework.profile().filters) {
    const bool this_one = !node.verdict.ok() && filter == node.verdict.plugin;
    node.filters.push_back(failed ? FilterAnswer::not_asked : this_one ? FilterAnswer::failed : FilterAnswer::passed);
    failed = failed || this_one;
  }
}

/// What DefaultPreemption answers when it finds no node: it speaks of every node, tried or not.
std::string preemption_error(const Framework& framework, const ClusterView& view, ShapeId shape, std::size_t nodes,
                             const std::vector<PreemptionRefusal>& refusals) {
  std::vector<std::string> reasons;
  for (const PreemptionRefusal& refusal : refusals) {
    if (refusal.verdict.ok()) {
      reasons.emplace_back("No preemption victims found for incoming pod");
      continue;
    }
    for (std::string& text : reason_texts(framework, view, shape, refusal.row, refusal.verdict)) {
      reasons.push_back(std::move(text));
    }
  }
  for (std::size_t i = refusals.size(); i < nodes; ++i)
    reasons.emplace_back("Preemption is not helpful for scheduling");
  return fit_error(framework.profile().version, nodes, reasons);
}

}  // namespace

std::string failed_scheduling_message(KubernetesVersion version, const std::string& fit_error,
                                      const std::string& preemption) {
  if (version == KubernetesVersion::v1_20 || preemption.empty()) return fit_error;
  return fit_error + " preemption: " + preemption + (version == KubernetesVersion::v1_26 ? "." : "");
}

Explanation explain(const Framework& framework, Snapshot& snapshot, const ShapeTable& shapes, const Names& names,
                    ShapeId shape, std::span<const PreemptionBudget> budgets, Scratch& scratch, bool preemption) {
  const ClusterView view{snapshot, shapes, names};
  const KubernetesVersion version = framework.profile().version;
  Explanation out;
  out.filters = framework.profile().filters;
  const Grid grid = framework.explain(view, shape, scratch);
  std::vector<std::string> reasons;
  std::size_t next = 0;
  for (std::size_t i = 0; i < grid.rows.size(); ++i) {
    NodeExplanation node;
    node.row = grid.rows[i];
    node.id = snapshot.node(node.row).id;
    node.name = snapshot.node(node.row).name;
    node.verdict = grid.verdicts[i];
    explain_filters(framework, view, shape, node);
    reasons.insert(reasons.end(), node.reasons.begin(), node.reasons.end());
    if (node.verdict.ok()) {
      for (const Grid::Column& column : grid.columns) {
        node.scores.push_back({column.plugin, column.weight, column.raw[next], column.normalized[next],
                               column.weight * column.normalized[next]});
      }
      node.total = grid.totals[next++];
    }
    out.nodes.push_back(std::move(node));
  }
  out.feasible = next;
  if (out.feasible > 0) {
    const std::int64_t top = *std::max_element(grid.totals.begin(), grid.totals.end());
    for (std::size_t i = 0; i < out.nodes.size(); ++i) {
      if (out.nodes[i].total == top) out.best.push_back(i);
    }
    return out;
  }
  out.message = fit_error(version, out.nodes.size(), reasons);
  if (!preemption || out.nodes.empty()) return out;
  if (!shapes[shape].preempts) {
    out.message = failed_scheduling_message(version, out.message, "not eligible due to preemptionPolicy=Never.");
    return out;
  }
  std::vector<PreemptionRefusal> refusals;
  const auto found =
      DefaultPreemption::candidates(framework, snapshot, shapes, names, shape, budgets, 0, 0, scratch, &refusals);
  if (!found.empty()) {
    const PreemptionCandidate& chosen = found[DefaultPreemption::best(snapshot, found).front()];
    out.nominated = chosen.row;
    out.victims = chosen.victims;
    return out;
  }
  out.message = failed_scheduling_message(version, out.message,
                                          preemption_error(framework, view, shape, out.nodes.size(), refusals));
  return out;
}

}  // namespace plimsoll::kubernetes
