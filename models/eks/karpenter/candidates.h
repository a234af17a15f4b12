#pragma once

#include <optional>
#include <vector>

#include "models/eks/karpenter/disruption.h"

namespace plimsoll::eks::karpenter {

/// The node as a candidate, or why it is none. For drift with a termination grace period, pods do not block.
/// SOURCE: kubernetes-sigs/karpenter v1.14.1 pkg/controllers/disruption/types.go (NewCandidate).
std::optional<Candidate> make_candidate(const Cluster& cluster, const DisruptionInput& input, std::size_t node,
                                        bool for_drift, KeepReason& reason);

/// Nothing to reschedule; from 1.14, nothing whose eviction costs anything.
bool is_empty(const Candidate& candidate, Release release);

/// Whether the pool lets the node be consolidated now (policy, consolidateAfter).
KeepReason consolidation_allowed(const Cluster& cluster, const DisruptionInput& input, const Candidate& candidate);

/// In the order in which they are tried.
void sort_candidates(std::vector<Candidate>& candidates, const Cluster& cluster, Release release);

/// One pool after the other, each pool's candidates in their order (single-node consolidation from 1.0).
std::vector<Candidate> interleave_pools(std::vector<Candidate> candidates, const Cluster& cluster);

}  // namespace plimsoll::eks::karpenter
