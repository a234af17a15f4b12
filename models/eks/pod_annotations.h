#pragma once

#include "models/eks/controllers/pod_directory.h"
#include "models/kubernetes/controllers/disruption.h"
#include "sim/cluster/names.h"
#include "sim/policy/workload_spec.h"

namespace plimsoll::eks {

/// What the pods of an application say to the autoscalers: the annotations, the volumes on the node and the grace of
/// its Kubernetes file, and the annotations that the scenario adds, which go before those of the file. An annotation of
/// the file with a value that means nothing is passed over, as the autoscalers do.
PodAnnotations pod_annotations(const WorkloadSpec& spec, Names& names);

/// The PodDisruptionBudgets of an application: those of its files, whose numbers hold at any size, whatever the
/// scenario says; without any, the scenario's share of the replicas.
/// SOURCE of whose owner has a scale: pkg/controller/disruption/disruption.go finders.
/// Whether a budget of its files selects its pods.
bool has_budget(const WorkloadSpec& spec);
void set_budget(kubernetes::DisruptionBudgets& budgets, WorkloadId workload, const WorkloadSpec& spec, Names& names);

}  // namespace plimsoll::eks
