#pragma once

#include "models/kubernetes/controllers/stateful_set_controller.h"
#include "models/kubernetes/workloads/daemon_set.h"
#include "models/kubernetes/workloads/deployment.h"
#include "sim/cluster/entities.h"
#include "sim/policy/workload_spec.h"

namespace plimsoll::kubernetes {

/// What the kubelet does with a pod of this application: probes, preStop and terminationGracePeriodSeconds, as its
/// manifest has them (API core/v1; the main container's). Without a readiness probe the host's period is kept, so that
/// such a pod is ready when its application answers: the real one is ready, and gets requests, as soon as it runs.
void fill_template(const WorkloadSpec& spec, plimsoll::PodTemplate& out);

DeploymentStrategy deployment_strategy(const KubernetesRollout& rollout);
StatefulSetStrategy stateful_set_strategy(const KubernetesRollout& rollout);
DaemonSetStrategy daemon_set_strategy(const KubernetesRollout& rollout);

}  // namespace plimsoll::kubernetes
