#pragma once

#include <span>

#include "models/kubernetes/scheduler/plugin.h"

namespace plimsoll::kubernetes {

/// Effect empty or equal; key empty (operator Exists) or equal; operator Exists, or Equal with an equal value.
/// Source: k8s.io/api/core/v1 Toleration.ToleratesTaint.
bool tolerates(const Toleration& toleration, const Taint& taint);
bool tolerated(std::span<const Toleration> tolerations, const Taint& taint);
/// The first NoSchedule or NoExecute taint that is not tolerated, or null.
const Taint* first_untolerated(std::span<const Taint> taints, std::span<const Toleration> tolerations);

/// One expression on a label set; NotIn and DoesNotExist also match where the key is absent; Gt and Lt need an integer.
bool matches(const Requirement& requirement, const Labels& labels, const Names& names);
/// An absent selector matches nothing, an empty one everything.
bool matches(const LabelSelector& selector, const Labels& labels, const Names& names);
/// All expressions and fields; a term without any matches nothing.
bool matches(const NodeSelectorTerm& term, const SnapshotNode& node, const Names& names);
/// spec.nodeSelector and the required terms (one of them).
bool matches_required(const PodShape& pod, const SnapshotNode& node, const Names& names);

/// Whether a term of `owner` speaks of pods of this namespace: one that is listed or, when the term has neither a list
/// nor a namespace selector, that of `owner`. Namespaces that the selector means are among those listed
/// (affinity_terms.h).
bool speaks_of(const PodAffinityTerm& term, const PodShape& owner, NameId namespace_name);
/// The term's selector with `owner`'s own values of matchLabelKeys (In) and mismatchLabelKeys (NotIn); a key that
/// `owner` has no label of adds nothing, and without a selector nothing is added.
/// Source: pkg/registry/core/pod/strategy.go applyMatchLabelKeysAndMismatchLabelKeys (1.31).
LabelSelector selector_of(const PodAffinityTerm& term, const PodShape& owner);
/// Whether `other` is a pod that `term` of `owner` speaks of: namespace and selector.
bool matches(const PodAffinityTerm& term, const PodShape& owner, const PodShape& other, const Names& names);

}  // namespace plimsoll::kubernetes
