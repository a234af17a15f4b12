#pragma once

#include <string>

#include "models/kubernetes/kubelet/init_containers.h"
#include "models/kubernetes/workloads/stateful_set.h"
#include "sim/cluster/host_agent.h"
#include "sim/policy/workload_spec.h"

namespace plimsoll::eks {

/// What stands between the images of a workload's pods and the requests of its callers, by its manifest: init
/// containers and sidecars, pull policies, activeDeadlineSeconds, and whether any Service leads to them.
PodPreparation pod_path(const WorkloadSpec& spec, const kubernetes::InitContainerTimes& times, Names& names);

/// Why the requests of the app find no pod: those from outside where the scenario's load enters by it, else the calls
/// of other apps; empty: they do, or no manifest says. See kubernetes::api::find_ways.
std::string lost_way(const WorkloadSpec& spec);

/// The update of a StatefulSet by the release: maxUnavailable counts where the gate MaxUnavailableStatefulSet is on.
kubernetes::StatefulSetStrategy stateful_set_update(const WorkloadSpec& spec, int minor);

}  // namespace plimsoll::eks
