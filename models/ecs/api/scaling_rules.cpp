#include "models/ecs/api/scaling_rules.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "models/ecs/api/metric_queries.h"

namespace plimsoll::ecs::api {

namespace {

constexpr std::size_t kMostPolicies = 50, kMostScheduledActions = 200;

template <class A, class B>
bool same_target(const A& a, const B& b) {
  return a.service == b.service && a.cluster == b.cluster;
}

template <class T>
std::string resource_of(const T& t) {
  return "service/" + t.cluster + "/" + t.service;
}

bool same_metric(const TargetTracking& a, const TargetTracking& b) {
  if (a.metric != b.metric) return false;
  if (a.metric == ScalingMetric::alb_requests_per_target) return a.resource_label == b.resource_label;
  if (a.metric != ScalingMetric::custom) return true;
  if (a.queries != nullptr || b.queries != nullptr) return false;
  return a.custom.name_space == b.custom.name_space && a.custom.name == b.custom.name &&
         a.custom.dimensions == b.custom.dimensions && a.custom.statistic == b.custom.statistic;
}

void check_targets(const Documents& d, document::Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < d.scalable_targets.size(); ++i) {
    const ScalableTarget& t = d.scalable_targets[i];
    bool minimum = false, maximum = false, told = false;
    for (std::size_t k = 0; k < d.scalable_targets.size(); ++k) {
      const ScalableTarget& other = d.scalable_targets[k];
      if (!same_target(t, other)) continue;
      minimum = minimum || other.minimum.has_value();
      maximum = maximum || other.maximum.has_value();
      told = told || k < i;
    }
    if ((minimum && maximum) || told) continue;
    diagnostics.error(t.node, "MinCapacity and MaxCapacity are both required to register " + resource_of(t) +
                                  ": missing " +
                                  (minimum   ? "MaxCapacity"
                                   : maximum ? "MinCapacity"
                                             : "both"));
  }
}

void check_policy(const Documents& d, std::size_t index, document::Diagnostics& diagnostics) {
  const ScalingPolicy& p = d.scaling_policies[index];
  std::size_t before = 0;
  for (std::size_t k = 0; k < index; ++k) {
    const ScalingPolicy& other = d.scaling_policies[k];
    if (!same_target(p, other)) continue;
    if (other.name == p.name) {
      diagnostics.warning(p.node, "the scaling policy '" + p.name + "' of " + resource_of(p) + " stands at " +
                                      document::to_string(other.node.mark()) + " too: this one replaces it");
      return;
    }
    ++before;
    if (p.target_tracking && other.target_tracking && same_metric(*p.target_tracking, *other.target_tracking))
      diagnostics.error(p.node, "Only one TargetTrackingScaling policy for a given metric specification is allowed: '" +
                                    other.name + "' and '" + p.name + "' of " + resource_of(p) + " track the same");
  }
  if (before == kMostPolicies)
    diagnostics.error(p.node, "a scalable target has at most " + std::to_string(kMostPolicies) + " scaling policies");
  if (!p.target_tracking || p.target_tracking->metric != ScalingMetric::alb_requests_per_target) return;
  const auto service =
      std::find_if(d.services.begin(), d.services.end(), [&](const Service& s) { return s.name == p.service; });
  if (service != d.services.end() && service->load_balancers.empty())
    diagnostics.error(
        p.node, "ALBRequestCountPerTarget needs a target group attached to the service, and the file of " + p.service +
                    " has no loadBalancers");
}

}  // namespace

void check_scaling(const Documents& documents, document::Diagnostics& diagnostics) {
  check_targets(documents, diagnostics);
  for (std::size_t i = 0; i < documents.alarms.size(); ++i) {
    const MetricAlarm& a = documents.alarms[i];
    const auto last = documents.alarms.begin() + static_cast<std::ptrdiff_t>(i);
    const auto twin = std::find_if(documents.alarms.begin(), last, [&](const auto& o) { return o.name == a.name; });
    if (twin != last)
      diagnostics.warning(a.node, "the alarm '" + a.name + "' stands at " + document::to_string(twin->node.mark()) +
                                      " too: this one replaces it");
  }
  for (std::size_t i = 0; i < documents.scaling_policies.size(); ++i) {
    if (!documents.scaling_policies[i].service.empty()) check_policy(documents, i, diagnostics);
  }
  for (std::size_t i = 0; i < documents.scheduled.size(); ++i) {
    const auto before =
        std::count_if(documents.scheduled.begin(), documents.scheduled.begin() + static_cast<std::ptrdiff_t>(i),
                      [&](const auto& a) { return same_target(a, documents.scheduled[i]); });
    if (static_cast<std::size_t>(before) == kMostScheduledActions)
      diagnostics.error(documents.scheduled[i].node, "a scalable target has at most " +
                                                         std::to_string(kMostScheduledActions) + " scheduled actions");
  }
}

void keep_last_policies(Documents& documents) {
  std::vector<ScalingPolicy>& all = documents.scaling_policies;
  for (std::size_t i = all.size(); i-- > 0;) {
    if (all[i].service.empty()) continue;
    const bool replaced = std::any_of(all.begin() + static_cast<std::ptrdiff_t>(i) + 1, all.end(),
                                      [&](const auto& p) { return same_target(p, all[i]) && p.name == all[i].name; });
    if (replaced) all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

}  // namespace plimsoll::ecs::api
