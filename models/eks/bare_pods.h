#pragma once

#include "models/eks/plan.h"
#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll::eks {

/// Counts the applications that are a ReplicaSet or a Pod of their own, and says which events of the scenario do not
/// reach their pods: a new template of a ReplicaSet is for pods that it makes later, and a Pod is made by nobody again.
/// SOURCE: Kubernetes, "ReplicaSet" (isolating, deleting: it does not do rolling updates), "Pods" (naked pods are not
/// rescheduled in the event of a node failure).
void count_bare_pods(document::Fields& column, const Setting& setting, EksPlan& plan);

}  // namespace plimsoll::eks
