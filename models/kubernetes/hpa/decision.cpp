#include "models/kubernetes/hpa/decision.h"

#include <algorithm>

#include "models/kubernetes/hpa/stabilization.h"

namespace plimsoll::kubernetes {

MetricsOutcome combine(std::span<const MetricProposal> metrics, std::int64_t spec_replicas, KubernetesVersion version) {
  MetricsOutcome out;
  std::int64_t largest = 0;
  std::size_t errors = 0;
  std::optional<MetricKind> first_error;
  for (const MetricProposal& m : metrics) {
    if (m.kind == MetricKind::invalid || !m.proposal.ok()) {
      if (!first_error) first_error = m.kind;
      ++errors;
    } else {
      largest = std::max(largest, m.proposal.replicas);
    }
  }
  const bool refuses = version == KubernetesVersion::current && errors > 0 && largest < spec_replicas;
  if (errors >= metrics.size() || refuses) {
    out.failed = first_error.value_or(MetricKind::invalid);
  } else {
    out.replicas = largest;
  }
  return out;
}

std::string_view reason_text(AbleReason reason) {
  switch (reason) {
    case AbleReason::succeeded_get_scale:
      return "SucceededGetScale";
    case AbleReason::ready_for_new_scale:
      return "ReadyForNewScale";
    case AbleReason::scale_up_stabilized:
      return "ScaleUpStabilized";
    case AbleReason::scale_down_stabilized:
      return "ScaleDownStabilized";
    case AbleReason::succeeded_rescale:
      return "SucceededRescale";
  }
  return "";
}

std::string_view reason_text(ActiveReason reason) {
  switch (reason) {
    case ActiveReason::none:
      return "";
    case ActiveReason::valid_metric_found:
      return "ValidMetricFound";
    case ActiveReason::scaling_disabled:
      return "ScalingDisabled";
    case ActiveReason::failed_get_resource_metric:
      return "FailedGetResourceMetric";
    case ActiveReason::failed_get_container_resource_metric:
      return "FailedGetContainerResourceMetric";
    case ActiveReason::failed_get_pods_metric:
      return "FailedGetPodsMetric";
    case ActiveReason::failed_get_object_metric:
      return "FailedGetObjectMetric";
    case ActiveReason::failed_get_external_metric:
      return "FailedGetExternalMetric";
    case ActiveReason::invalid_metric_source_type:
      return "InvalidMetricSourceType";
  }
  return "";
}

std::string_view reason_text(LimitReason reason) {
  switch (reason) {
    case LimitReason::none:
      return "";
    case LimitReason::desired_within_range:
      return "DesiredWithinRange";
    case LimitReason::scale_up_limit:
      return "ScaleUpLimit";
    case LimitReason::scale_down_limit:
      return "ScaleDownLimit";
    case LimitReason::too_many_replicas:
      return "TooManyReplicas";
    case LimitReason::too_few_replicas:
      return "TooFewReplicas";
  }
  return "";
}

namespace {

ActiveReason failure_of(MetricKind kind) {
  switch (kind) {
    case MetricKind::resource:
      return ActiveReason::failed_get_resource_metric;
    case MetricKind::container_resource:
      return ActiveReason::failed_get_container_resource_metric;
    case MetricKind::pods:
      return ActiveReason::failed_get_pods_metric;
    case MetricKind::object:
      return ActiveReason::failed_get_object_metric;
    case MetricKind::external:
      return ActiveReason::failed_get_external_metric;
    case MetricKind::invalid:
      break;
  }
  return ActiveReason::invalid_metric_source_type;
}

/// Remembers a change, in place of the last one that no policy of this direction can ask for any more.
void remember(std::vector<ScaleEvent>& events, const ScalingRules& rules, std::int64_t change, Time now) {
  Duration longest{};
  for (const ScalingPolicy& policy : rules.policies) longest = std::max(longest, policy.period);
  const auto outdated =
      std::find_if(events.rbegin(), events.rend(), [&](const ScaleEvent& e) { return e.at < now - longest; });
  if (outdated != events.rend()) {
    *outdated = {change, now};
  } else {
    events.push_back({change, now});
  }
}

}  // namespace

HpaDecision decide(const HpaSettings& settings, HpaState& state, std::int64_t spec_replicas,
                   const MetricsOutcome& metrics, Time now) {
  HpaDecision d;
  d.desired = spec_replicas;
  const std::int64_t current = spec_replicas;
  if (!state.recommendations) state.recommendations.emplace(1, Recommendation{current, now});
  d.rescale = true;
  if (current == 0 && settings.min != 0) {
    d.rescale = false;
    d.active = ActiveReason::scaling_disabled;
  } else if (current > settings.max) {
    d.desired = settings.max;
  } else if (current < settings.min) {
    d.desired = settings.min;
  } else if (!metrics.replicas) {
    d.rescale = false;
    d.active = failure_of(metrics.failed.value_or(MetricKind::invalid));
    return d;
  } else {
    d.active = ActiveReason::valid_metric_found;
    const std::int64_t wanted = *metrics.replicas;
    std::int64_t stable = wanted;
    LimitedSize limited;
    if (settings.behavior) {
      const ScalingBehavior& b = *settings.behavior;
      stable = stabilize_with_behavior(current, wanted, b.up.stabilization.value_or(Duration{}),
                                       b.down.stabilization.value_or(settings.downscale_stabilization),
                                       *state.recommendations, now, settings.version);
      if (stable != wanted)
        d.able = wanted >= current ? AbleReason::scale_up_stabilized : AbleReason::scale_down_stabilized;
      limited = limit_with_behavior(current, stable, settings.min, settings.max, b, state.ups, state.downs, now,
                                    settings.version);
    } else {
      stable = stabilize_without_behavior(wanted, settings.downscale_stabilization, *state.recommendations, now);
      if (stable != wanted) d.able = AbleReason::scale_down_stabilized;
      limited = limit_without_behavior(current, stable, settings.min, settings.max, settings.scale_up_limit_factor);
    }
    if (stable == wanted) d.able = AbleReason::ready_for_new_scale;
    d.desired = limited.replicas;
    d.limited = limited.reason;
    d.rescale = d.desired != current;
  }
  if (d.rescale) {
    d.able = AbleReason::succeeded_rescale;
    if (settings.behavior) {
      const bool up = d.desired > current;
      if (up) {
        remember(state.ups, settings.behavior->up, d.desired - current, now);
      } else {
        remember(state.downs, settings.behavior->down, current - d.desired, now);
      }
    }
  } else {
    d.desired = current;
  }
  return d;
}

}  // namespace plimsoll::kubernetes
