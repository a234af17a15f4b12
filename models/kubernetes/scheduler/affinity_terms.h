#pragma once

#include <span>

#include "models/kubernetes/version.h"
#include "sim/cluster/names.h"
#include "sim/cluster/pod_shape.h"

namespace plimsoll::kubernetes {

/// A namespace as a namespaceSelector sees it. Its labels hold kubernetes.io/metadata.name, its own name.
struct NamespaceView {
  NameId name;
  Labels labels;
};

/// Makes the terms of pod affinity of a shape what the release sees in them. Namespaces come and go rarely: those that
/// a namespaceSelector selects are added to the list once, and a term whose selector selects none, with an empty list,
/// speaks of nobody. namespaceSelector came with 1.21 (on from 1.22): before it the field is dropped.
/// matchLabelKeys and mismatchLabelKeys are beta, on, from 1.31: before it they are dropped.
/// Source: pkg/scheduler/framework/plugins/interpodaffinity/plugin.go mergeAffinityTermNamespacesIfNotEmpty (1.26.15,
/// 1.34.1), pkg/apis/core/types.go PodAffinityTerm, pkg/features/kube_features.go.
void settle_affinity_terms(PodShape& shape, KubernetesVersion version, std::span<const NamespaceView> namespaces,
                           const Names& names);

}  // namespace plimsoll::kubernetes
