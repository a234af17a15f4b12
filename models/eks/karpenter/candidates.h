#pragma once

#include <optional>
#include <vector>

#include "models/eks/karpenter/disruption.h"

namespace plimsoll::eks::karpenter {

/// The node as a candidate, or why it is none. For drift with a termination grace period, pods do not block.
/// SOURCE: kubernetes-sigs/karpenter v1.14.1 pkg/controllers/disruption/types.go (NewCandidate).
std::optional<Candidate> make_candidate(const Cluster& cluster, const DisruptionInput& input, std::size_t node,
                                        bool for_drift, KeepReason& reason);

/// The pod for which a node is kept as pod_do_not_disrupt or pod_disruption_budget; none for another reason.
PodId blocking_pod(const Cluster& cluster, const DisruptionInput& input, std::size_t node, KeepReason reason);
/// Whether a pod that started then may not be disturbed: for good, or from 1.14 for a time from its start.
/// SOURCE: karpenter.sh docs, Well-Known Annotations (karpenter.sh/do-not-disrupt).
bool is_protected(const PodFacts& pod, Time start, Time now, Release release);

/// Nothing to reschedule; from 1.14, nothing whose eviction costs anything.
bool is_empty(const Candidate& candidate, Release release);

/// Whether the pool lets the node be consolidated now (policy, consolidateAfter).
KeepReason consolidation_allowed(const Cluster& cluster, const DisruptionInput& input, const Candidate& candidate);

/// In the order in which they are tried.
void sort_candidates(std::vector<Candidate>& candidates, const Cluster& cluster, Release release);

/// One pool after the other, each pool's candidates in their order (single-node consolidation from 1.0).
std::vector<Candidate> interleave_pools(std::vector<Candidate> candidates, const Cluster& cluster);

}  // namespace plimsoll::eks::karpenter
