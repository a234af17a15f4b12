#pragma once

#include <string>
#include <vector>

#include "models/kubernetes/scheduler/default_preemption.h"

namespace plimsoll::kubernetes {

/// What one filter said of a node. Filters are asked in the profile's order until one fails.
enum class FilterAnswer : std::uint8_t { passed, failed, not_asked };

struct ScoreExplanation {
  PluginId plugin = PluginId::none;
  std::int64_t weight = 1;
  std::int64_t raw = 0;         ///< as the plugin counts
  std::int64_t normalized = 0;  ///< 0..100
  std::int64_t weighted = 0;    ///< weight x normalized, as it enters the total
};

struct NodeExplanation {
  Row row = kNoRow;
  NodeId id;
  NameId name;
  Verdict verdict;                       ///< of the first filter that fails
  std::vector<FilterAnswer> filters;     ///< by Explanation::filters
  std::vector<std::string> reasons;      ///< in the words of the real plugin; empty when the pod fits
  std::vector<ScoreExplanation> scores;  ///< by scorer of the profile; empty when the pod does not fit
  std::int64_t total = -1;               ///< -1 when the pod does not fit
};

/// One pod against every node of a snapshot: what kube-scheduler would find, as data.
struct Explanation {
  std::vector<PluginId> filters;       ///< in calling order
  std::vector<NodeExplanation> nodes;  ///< in row order
  std::size_t feasible = 0;
  /// Indices into `nodes` of those with the highest total; one of them is drawn (Tie::first: the lowest name).
  std::vector<std::size_t> best;
  /// When no node is feasible: the message of the FailedScheduling event, that `kubectl describe pod` shows.
  std::string message;
  /// When preemption would make room: the node it would nominate, and its victims in the order of their deletion.
  Row nominated = kNoRow;
  std::vector<PodId> victims;
};

/// Filters and scores the shape on every live row, without the sampling of large clusters. When it fits nowhere,
/// preemption is tried (the profile's PostFilter, unless `preemption` is false) against the given budgets, and the
/// message has its part: absent in 1.20, with the doubled full stop of 1.26, without it later. The snapshot is changed
/// while trying and left as it was.
/// SOURCE: pkg/scheduler/{schedule_one.go,framework/types.go,framework/preemption/preemption.go} (1.26.15, 1.34.1),
/// core/generic_scheduler.go (1.20.2). Left out: messages of PreFilter plugins, nodes left out by PreFilter results.
Explanation explain(const Framework& framework, Snapshot& snapshot, const ShapeTable& shapes, const Names& names,
                    ShapeId shape, std::span<const PreemptionBudget> budgets, Scratch& scratch, bool preemption = true);

/// The same message from a failed cycle's refusals alone, for those who have tried preemption already.
std::string failed_scheduling_message(KubernetesVersion version, const std::string& fit_error,
                                      const std::string& preemption);

}  // namespace plimsoll::kubernetes
