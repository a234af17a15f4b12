#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "models/kubernetes/hpa/behavior.h"
#include "models/kubernetes/hpa/limits.h"
#include "models/kubernetes/hpa/replica_calculator.h"

namespace plimsoll::kubernetes {

enum class MetricKind : std::uint8_t { resource, container_resource, pods, object, external, invalid };

/// What one entry of spec.metrics proposes.
struct MetricProposal {
  MetricKind kind = MetricKind::resource;
  ReplicaProposal proposal;
};

/// The metrics taken together: the largest proposal. Metrics in error are skipped while one works; newer releases
/// refuse to scale down when any is in error. `failed` names the first metric in error when nothing can be said.
struct MetricsOutcome {
  std::optional<std::int64_t> replicas;
  std::optional<MetricKind> failed;
};
MetricsOutcome combine(std::span<const MetricProposal> metrics, std::int64_t spec_replicas, KubernetesVersion version);

/// Reasons of the AbleToScale condition.
enum class AbleReason : std::uint8_t {
  succeeded_get_scale,
  ready_for_new_scale,
  scale_up_stabilized,
  scale_down_stabilized,
  succeeded_rescale
};
/// Reasons of the ScalingActive condition.
enum class ActiveReason : std::uint8_t {
  none,
  valid_metric_found,
  scaling_disabled,
  failed_get_resource_metric,
  failed_get_container_resource_metric,
  failed_get_pods_metric,
  failed_get_object_metric,
  failed_get_external_metric,
  invalid_metric_source_type
};
std::string_view reason_text(AbleReason reason);
std::string_view reason_text(ActiveReason reason);
std::string_view reason_text(LimitReason reason);

struct HpaSettings {
  KubernetesVersion version = KubernetesVersion::current;
  std::int64_t min = 1, max = 10;
  std::optional<ScalingBehavior> behavior;
  Duration downscale_stabilization = seconds(300);
  std::int64_t scale_up_limit_factor = kScaleUpLimitFactor;  // without behavior
};

/// What the controller remembers of one autoscaler between syncs.
struct HpaState {
  std::optional<std::vector<Recommendation>> recommendations;  // absent: never synced
  std::vector<ScaleEvent> ups, downs;
};

struct HpaDecision {
  std::int64_t desired = 0;
  bool rescale = false;
  AbleReason able = AbleReason::succeeded_get_scale;
  ActiveReason active = ActiveReason::none;
  LimitReason limited = LimitReason::none;
};

/// One sync of one autoscaler, after its metrics have been read. Outside [min, max] the size is put at the bound
/// whatever the metrics say; a size of 0 with a minimum above 0 switches the autoscaler off. Source:
/// pkg/controller/podautoscaler/horizontal.go reconcileAutoscaler (1.20.2, current).
HpaDecision decide(const HpaSettings& settings, HpaState& state, std::int64_t spec_replicas,
                   const MetricsOutcome& metrics, Time now);

}  // namespace plimsoll::kubernetes
