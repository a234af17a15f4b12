#pragma once

#include <vector>

#include "models/kubernetes/scheduler/framework.h"

namespace plimsoll::kubernetes {

/// A PodDisruptionBudget as preemption looks at it. An empty selector matches nothing here.
struct PreemptionBudget {
  NameId namespace_name;
  LabelSelector selector;
  std::int64_t disruptions_allowed = 0;
  std::vector<PodId> disrupted;  // already on their way out; free
  /// When not empty: it covers pods of these shapes, and the selector is not asked.
  std::vector<ShapeId> shapes = {};
};

/// A node that would do after its victims are gone, in the order in which they would be deleted.
struct PreemptionCandidate {
  Row row = kNoRow;
  std::vector<PodId> victims;
  std::int64_t violations = 0;  // victims that break a budget
};

/// How many candidates end the search: a share of the nodes that may help, but at least so many
/// (DefaultPreemptionArgs).
struct PreemptionShare {
  std::int64_t percentage = 10, absolute = 100;
};

/// A node that was tried and would not do: what its filters still say once the pods of lower priority are gone, or a
/// success when there is no such pod.
struct PreemptionRefusal {
  Row row = kNoRow;
  Verdict verdict;
};

/// PostFilter: which pods of lower priority to remove so that the pod fits. The snapshot is changed while trying and
/// left as it was. Pods nominated to nodes are not reserved for.
/// Source: pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go (1.20.2), framework/preemption
/// (1.26.15, 1.34: victims are listed by importance).
class DefaultPreemption {
 public:
  /// Nodes tried: from `offset` round the nodes where removing pods may help, until `wanted` candidates are found and
  /// one of them breaks no budget. `wanted` 0: by the share. Nodes tried in vain are added to `refusals`.
  static std::vector<PreemptionCandidate> candidates(const Framework& framework, Snapshot& snapshot,
                                                     const ShapeTable& shapes, const Names& names, ShapeId shape,
                                                     std::span<const PreemptionBudget> budgets, std::size_t offset,
                                                     std::size_t wanted, Scratch& scratch,
                                                     std::vector<PreemptionRefusal>* refusals = nullptr,
                                                     const PreemptionShare& share = {});

  /// The candidates that no rule tells apart, in the order given; the first of them is chosen. Rules: fewest
  /// violations; lowest priority of the first victim; smallest sum of priorities; fewest victims; latest start among
  /// the earliest of the victims of highest priority.
  static std::vector<std::size_t> best(const Snapshot& snapshot, std::span<const PreemptionCandidate> candidates);
};

}  // namespace plimsoll::kubernetes
