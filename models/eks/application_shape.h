#pragma once

#include <string_view>

#include "models/kubernetes/api/manifest_reader.h"
#include "sim/cluster/names.h"
#include "sim/cluster/pod_shape.h"
#include "sim/policy/workload_spec.h"

namespace plimsoll::eks {

/// What the scheduler sees of an application's pods: the placement rules of its Kubernetes file (labels, node selector
/// and affinity, pod affinity, spread constraints, tolerations, host ports, priority of its class, schedulerName,
/// scheduling gates, nodeName), with the requests that the scenario settled on and the overhead of its runtime. Without
/// a file: label app=<name> in namespace default, owned by a ReplicaSet with that selector. `spread_zones` adds one
/// soft constraint over zones (maxSkew 1) unless the file has a rule about zones. GPUs (nvidia.com/gpu, or those of its
/// ECS task definition where only that describes the app) are asked for, and every other extended resource of the
/// Kubernetes file; ephemeral storage is left out. Its claims are those of its set of files; one that does not exist
/// there marks its volume as missing.
PodShape application_shape(const WorkloadSpec& spec, Names& names);

/// The claim of a file's set under this name, namespace/name; null when there is none.
const kubernetes::api::VolumeClaim* claim_named(const kubernetes::api::ManifestPod& file, std::string_view name);

/// What the scheduler keeps room for: the spec's size, or more while an init container runs.
ResourceVector scheduled_requests(const WorkloadSpec& spec);

}  // namespace plimsoll::eks
