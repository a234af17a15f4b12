#pragma once

#include <span>

#include "sim/cluster/names.h"
#include "sim/cluster/pod_shape.h"

namespace plimsoll::kubernetes {

/// A namespace as a namespaceSelector sees it. Its labels hold kubernetes.io/metadata.name, its own name.
struct NamespaceView {
  NameId name;
  Labels labels;
};

/// Makes the terms of pod affinity of a shape what the scheduler sees in them. Namespaces come and go rarely: those
/// that a namespaceSelector selects are added to the list once, and a term whose selector selects none, with an empty
/// list, speaks of nobody. Releases that do not know a field drop it before (api/feature_gates.h). Source:
/// pkg/scheduler/framework/plugins/interpodaffinity/plugin.go mergeAffinityTermNamespacesIfNotEmpty (1.26.15, 1.34.1),
/// pkg/apis/core/types.go PodAffinityTerm.
void settle_affinity_terms(PodShape& shape, std::span<const NamespaceView> namespaces, const Names& names);

}  // namespace plimsoll::kubernetes
