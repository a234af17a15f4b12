#include "models/kubernetes/scheduler/plugin.h"

#include <array>

namespace plimsoll::kubernetes {

namespace {

constexpr std::array<std::string_view, kPluginCount> kPluginNames = {
    "",
    "NodeUnschedulable",
    "NodeName",
    "TaintToleration",
    "NodeAffinity",
    "NodePorts",
    "NodeResourcesFit",
    "PodTopologySpread",
    "InterPodAffinity",
    "NodeResourcesBalancedAllocation",
    "NodeResourcesLeastAllocated",
    "NodeResourcesMostAllocated",
    "RequestedToCapacityRatio",
    "ImageLocality",
    "NodePreferAvoidPods",
    "Custom",
    "VolumeRestrictions",
    "NodeVolumeLimits",
    "VolumeBinding",
    "VolumeZone",
};

}  // namespace

std::string_view plugin_name(PluginId id) { return kPluginNames[static_cast<std::size_t>(id)]; }

PluginId plugin_by_name(std::string_view name) {
  for (std::size_t i = 1; i < kPluginCount; ++i) {
    if (kPluginNames[i] == name) return static_cast<PluginId>(i);
  }
  return PluginId::none;
}

WellKnown::WellKnown(Names& names)
    : hostname(names.intern("kubernetes.io/hostname")),
      zone(names.intern("topology.kubernetes.io/zone")),
      beta_zone(names.intern("failure-domain.beta.kubernetes.io/zone")),
      unschedulable_taint(names.intern("node.kubernetes.io/unschedulable")),
      empty(names.intern("")),
      metadata_name(names.intern("metadata.name")),
      tcp(names.intern("TCP")),
      any_ip(names.intern("0.0.0.0")) {}

}  // namespace plimsoll::kubernetes
