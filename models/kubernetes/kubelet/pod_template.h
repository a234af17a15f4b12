#pragma once

#include <string_view>

#include "models/kubernetes/controllers/stateful_set_controller.h"
#include "models/kubernetes/workloads/daemon_set.h"
#include "models/kubernetes/workloads/deployment.h"
#include "sim/cluster/entities.h"
#include "sim/policy/workload_spec.h"

namespace plimsoll::kubernetes {

/// What the kubelet does with a pod of this application: probes, preStop and terminationGracePeriodSeconds, as its
/// manifest has them (API core/v1; the main container's). A pod whose manifest has no readiness probe is ready within a
/// second of its application answering (the kubelet's relist), and no failed check makes it unready again; without a
/// manifest the host's period is kept. SOURCE: pkg/kubelet/pleg (relist every 1 s), pkg/kubelet/prober; targetgroup
/// defaults of the AWS Load Balancer Controller. Left out: requests that the real pod gets before its application
/// answers.
void fill_template(const WorkloadSpec& spec, plimsoll::PodTemplate& out);

/// Whether it is the readiness gate that the AWS Load Balancer Controller sets when the pod's target is healthy.
/// SOURCE: AWS Load Balancer Controller, "Pod readiness gate" (target-health.elbv2.k8s.aws/..., before 2.0
/// target-health.alb.ingress.k8s.aws/...).
bool is_target_health(std::string_view gate);

DeploymentStrategy deployment_strategy(const KubernetesRollout& rollout);
/// With `paused` of its file.
DeploymentStrategy deployment_strategy(const WorkloadSpec& spec);
StatefulSetStrategy stateful_set_strategy(const KubernetesRollout& rollout);
DaemonSetStrategy daemon_set_strategy(const KubernetesRollout& rollout);

}  // namespace plimsoll::kubernetes
