#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/api/manifest_reader.h"

namespace plimsoll::kubernetes::api {

/// What a manifest can ask for since some release only.
enum class Feature : std::uint8_t {
  pod_affinity_namespace_selector,
  daemon_set_update_surge,
  suspend_job,
  indexed_job,
  stateful_set_min_ready_seconds,
  grpc_container_probe,
  cron_job_time_zone,
  probe_termination_grace_period,
  node_inclusion_policy,
  job_pod_failure_policy,
  min_domains,
  match_label_keys_in_spread,
  pod_scheduling_readiness,
  read_write_once_pod,
  stateful_set_auto_delete_pvc,
  pdb_unhealthy_pod_eviction_policy,
  hpa_container_metrics,
  sidecar_containers,
  job_backoff_limit_per_index,
  job_pod_replacement_policy,
  pod_lifecycle_sleep_action,
  match_label_keys_in_affinity,
  job_success_policy,
  job_managed_by,
  pod_level_resources,
  max_unavailable_stateful_set,
  hpa_configurable_tolerance,
};

/// A gate of the control plane: its name, and the minor release from which it is on by default.
struct FeatureGate {
  Feature feature;
  std::string_view name;
  int on_since = 0;
};

/// All of them, in the order of the releases.
/// SOURCE: the versioned defaults in pkg/features/kube_features.go of kubernetes/kubernetes (1.35, where the history of
/// each gate that is still there stands) and, for gates that are gone, the table of removed feature gates at
/// kubernetes.io/docs/reference/command-line-tools-reference/feature-gates-removed. Alpha releases before, where a gate
/// is off: PodAffinityNamespaceSelector, DaemonSetUpdateSurge, SuspendJob and IndexedJob 1.21,
/// StatefulSetMinReadySeconds 1.22, GRPCContainerProbe 1.23, CronJobTimeZone 1.24, ProbeTerminationGracePeriod 1.21
/// (beta and off in 1.22 to 1.24), NodeInclusionPolicyInPodTopologySpread and JobPodFailurePolicy 1.25,
/// PodSchedulingReadiness 1.26, MatchLabelKeysInPodTopologySpread 1.25, ReadWriteOncePod 1.22,
/// HPAContainerMetrics 1.20, SidecarContainers, JobBackoffLimitPerIndex and JobPodReplacementPolicy 1.28,
/// PodLifecycleSleepAction and MatchLabelKeysInPodAffinity 1.29, JobSuccessPolicy and JobManagedBy 1.30,
/// PodLevelResources 1.32, MaxUnavailableStatefulSet 1.24, HPAConfigurableTolerance 1.33. MinDomainsInPodTopologySpread
/// was beta and off in 1.25 and 1.26.
std::span<const FeatureGate> feature_gates();

/// Whether the gate is on by default in release 1.`minor`. EKS lets nobody set the gates of its control planes.
bool is_on(Feature feature, int minor);
const FeatureGate& gate_of(Feature feature);

/// A field that the API server of a release drops from what it is sent, because the feature behind it is not on there.
struct DroppedField {
  std::string_view name;   ///< "minDomains"
  int since = 0;           ///< minor release from which it is on by default
  std::string containers;  ///< of the pod, that it is dropped from; empty: of the object
};

/// Takes from a workload, its claims and the budgets that select its pods, what release 1.`minor` drops; tells of each
/// field once. Of a Job here: podFailurePolicy and its rules FailIndex, successPolicy and managedBy; see below.
/// Two things that the API server refuses are dropped as well, since the rest of the manifest says what is meant: a
/// gRPC probe (which leaves a probe without a handler) and the access mode ReadWriteOncePod. Host ports of sidecars,
/// which NodePorts does not see before 1.34, are taken from them without a word. SOURCE: pkg/api/pod/util.go
/// DropDisabledPodFields, pkg/registry/{apps,batch,policy}/*/strategy.go.
std::vector<DroppedField> drop_disabled_fields(ManifestPod& pod, int minor);

/// Of a Job's fields beside its pods: completionMode, suspend, backoffLimitPerIndex (without it backoffLimit has its
/// usual default), maxFailedIndexes and podReplacementPolicy, whoever said them.
std::vector<DroppedField> drop_disabled_fields(KubernetesJob& job, int minor);

/// Of a DaemonSet's update: maxSurge. With maxUnavailable 0 it leaves an update that the API server refuses; here one
/// node at a time is updated then.
std::vector<DroppedField> drop_disabled_fields(KubernetesRollout& rollout, int minor);

}  // namespace plimsoll::kubernetes::api
