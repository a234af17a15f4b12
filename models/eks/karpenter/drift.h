#pragma once

#include <cstdint>

#include "models/eks/karpenter/node_pool.h"

namespace plimsoll::eks::karpenter {

/// Hash of what a NodePool's template gives its nodes once and for all: a node of another hash has drifted. Labels,
/// taints, node class, expireAfter and terminationGracePeriod count; requirements are looked at by themselves, and
/// weight, limits and disruption settings act without drift.
/// SOURCE: kubernetes-sigs/karpenter v1.14.1 pkg/apis/v1/nodepool.go (NodePool.Hash, fields marked hash:"ignore").
std::uint64_t template_hash(const NodePool& pool);

/// Whether a node's labels still satisfy the requirements of its pool.
/// SOURCE: pkg/controllers/nodeclaim/disruption/drift.go (areRequirementsDrifted).
bool satisfies(const NodePool& pool, const Labels& labels, const Names& names);

}  // namespace plimsoll::eks::karpenter
