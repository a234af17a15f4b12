#include "models/kubernetes/scheduler/profile.h"

namespace plimsoll::kubernetes {

Profile default_profile(KubernetesVersion version) {
  Profile p;
  p.version = version;
  p.filters = {PluginId::node_unschedulable,  PluginId::node_name,           PluginId::taint_toleration,
               PluginId::node_affinity,       PluginId::node_ports,          PluginId::node_resources_fit,
               PluginId::volume_restrictions, PluginId::node_volume_limits,  PluginId::volume_binding,
               PluginId::volume_zone,         PluginId::pod_topology_spread, PluginId::inter_pod_affinity};
  if (version == KubernetesVersion::v1_20) {
    p.scores = {{PluginId::balanced_allocation, 1}, {PluginId::image_locality, 1},
                {PluginId::inter_pod_affinity, 1},  {PluginId::least_allocated, 1},
                {PluginId::node_affinity, 1},       {PluginId::node_prefer_avoid_pods, 10'000},
                {PluginId::pod_topology_spread, 2}, {PluginId::taint_toleration, 1}};
  } else {
    p.scores = {{PluginId::taint_toleration, 3},   {PluginId::node_affinity, 2},
                {PluginId::node_resources_fit, 1}, {PluginId::pod_topology_spread, 2},
                {PluginId::inter_pod_affinity, 2}, {PluginId::balanced_allocation, 1},
                {PluginId::image_locality, 1}};
  }
  p.fit_resources = {{.fixed = Resource::cpu, .extended = {}}, {.fixed = Resource::memory, .extended = {}}};
  p.balanced_resources = p.fit_resources;
  p.capacity_shape = {{0, 10}, {100, 0}};
  return p;
}

void use_strategy(Profile& profile, PluginId strategy) {
  for (Profile::Score& score : profile.scores) {
    if (score.plugin == PluginId::node_resources_fit || score.plugin == PluginId::least_allocated ||
        score.plugin == PluginId::most_allocated || score.plugin == PluginId::requested_to_capacity_ratio) {
      score.plugin = strategy;
    }
  }
}

}  // namespace plimsoll::kubernetes
