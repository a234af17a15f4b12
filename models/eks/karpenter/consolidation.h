#pragma once

#include <span>
#include <vector>

#include "models/eks/karpenter/disruption.h"

namespace plimsoll::eks::karpenter {

/// What could be done with a set of candidates.
struct ConsolidationAnswer {
  KeepReason reason = KeepReason::none;    ///< none: `replacements` is meant
  std::vector<PlannedClaim> replacements;  ///< none: delete; one: replace
  double price = 0;                        ///< of the candidates together
  bool ok() const { return reason == KeepReason::none; }
};

/// Where the candidates' pods would go if their nodes were gone. A pod of theirs that finds no place, or only one on a
/// node that is not initialised, makes `all_placed` false.
struct RemovalTrial {
  SchedulingResult result;
  bool all_placed = true;
};
RemovalTrial simulate_without(const Cluster& cluster, const DisruptionInput& input, const PoolTemplates& templates,
                              std::span<const Candidate> candidates);

/// Delete when no new node is needed; replace when one is and some of its types cost less at worst than the candidates
/// together. Spot for spot only behind its gate; for a single node then at least 15 cheaper types, of which the
/// cheapest 15 (or as many as minValues need) are kept. SOURCE: kubernetes-sigs/karpenter v0.36.2
/// pkg/controllers/disruption/consolidation.go.
ConsolidationAnswer consolidate(const Cluster& cluster, const DisruptionInput& input, const PoolTemplates& templates,
                                std::span<const Candidate> candidates);

/// For several candidates into one node: when the replacement may be of a type that a candidate already is, only types
/// cheaper than the cheapest such candidate remain. False when none does.
bool drop_same_types(const Cluster& cluster, std::span<const Candidate> candidates, PlannedClaim& replacement);

/// Balanced policy: (savings / cost of the pool) / (disruption of the move / disruption of the pool) is at least 1/2.
/// SOURCE: kubernetes-sigs/karpenter v1.14.1 pkg/controllers/disruption/balanced.go.
bool is_balanced(const Cluster& cluster, const DisruptionInput& input, std::span<const Candidate> candidates,
                 const ConsolidationAnswer& answer);

}  // namespace plimsoll::eks::karpenter
