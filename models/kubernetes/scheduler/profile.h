#pragma once

#include <optional>
#include <vector>

#include "models/kubernetes/scheduler/plugin.h"
#include "sim/policy/custom_policy.h"

namespace plimsoll::kubernetes {

/// Who wins among equal totals: a uniform draw (the real rule), or the lowest node name.
enum class Tie : std::uint8_t { random, first };

/// A resource and its weight in a resource score; the pod slot, ENIs and the like are extended resources here.
struct ScoredResource {
  std::optional<Resource> fixed;  // cpu, memory, ephemeral_storage
  NameId extended;                // when not fixed
  std::int64_t weight = 1;
};

/// A point of RequestedToCapacityRatio: utilisation 0..100, score 0..10.
struct ShapePoint {
  std::int32_t utilization = 0, score = 0;
};

/// One profile of a KubeSchedulerConfiguration, resolved.
struct Profile {
  struct Score {
    PluginId plugin = PluginId::none;
    std::int64_t weight = 1;
  };
  KubernetesVersion version = KubernetesVersion::current;
  std::vector<PluginId> filters;  // in calling order
  std::vector<Score> scores;
  /// Score plugins out of users' libraries, after those above.
  struct Custom {
    CustomPolicyPtr policy;
    std::int64_t weight = 1;
  };
  std::vector<Custom> custom_scores;
  /// 0 = adaptive, 100 = every node.
  std::int32_t percentage_of_nodes_to_score = 0;
  Tie tie = Tie::random;

  std::vector<ScoredResource> fit_resources;  // of least_allocated, most_allocated, requested_to_capacity_ratio
  std::vector<ScoredResource> balanced_resources;
  std::vector<ShapePoint> capacity_shape;  // of requested_to_capacity_ratio
  std::vector<NameId> ignored_resources;   // of node_resources_fit
  std::vector<std::string> ignored_resource_groups;
  bool default_spread = true;  // the system's default constraints for pods that carry none
  std::vector<TopologySpreadConstraint> default_constraints;  // of one's own instead, without selectors
  std::int64_t hard_pod_affinity_weight = 1;
  bool ignore_preferred_terms_of_existing_pods = false;
  std::optional<std::vector<NodeSelectorTerm>> added_node_required;
  std::vector<PreferredNodeTerm> added_node_preferred;
};

/// Plugins and weights as released. Source: pkg/scheduler/algorithmprovider/registry.go (1.20.2),
/// pkg/scheduler/apis/config/v1/default_plugins.go (1.26.15, 1.34).
Profile default_profile(KubernetesVersion version);
/// The same with another resource strategy in place of LeastAllocated.
void use_strategy(Profile& profile, PluginId strategy);

}  // namespace plimsoll::kubernetes
