#pragma once

#include <optional>

#include "models/kubernetes/scheduler/scheduler_configuration.h"
#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::kubernetes::api {

/// apiVersion kubescheduler.config.k8s.io/*, kind KubeSchedulerConfiguration.
bool is_scheduler_configuration(const document::Node& document);

/// Reads a KubeSchedulerConfiguration (v1, v1beta3, v1beta2, v1beta1) as kube-scheduler would under the given release:
/// its default plugins, less those disabled ("*" for all, at one extension point or under multiPoint), plus those
/// enabled; a plugin enabled again keeps its place and takes the new weight (0 counts as 1). pluginConfig: the
/// arguments of NodeResourcesFit, NodeResourcesBalancedAllocation, NodeResourcesLeastAllocated,
/// NodeResourcesMostAllocated, RequestedToCapacityRatio, InterPodAffinity, PodTopologySpread, NodeAffinity and
/// DefaultPreemption. Plugins that have nothing to decide here (DefaultBinder, limits of other clouds) are known.
/// Extenders are not modelled. Faults go to the diagnostics, with nothing returned. Source: pkg/scheduler/apis/config
/// (types_pluginargs.go, validation, v1/default_plugins.go mergePluginSet, 1.26.15, 1.34), Kubernetes reference
/// "kube-scheduler configuration (v1)".
std::optional<SchedulerConfiguration> read_scheduler_configuration(const document::Node& document,
                                                                   KubernetesVersion version,
                                                                   document::Diagnostics& diagnostics);

}  // namespace plimsoll::kubernetes::api
