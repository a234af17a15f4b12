#pragma once

#include "models/kubernetes/scheduler/plugin.h"

namespace plimsoll::kubernetes {

/// The volume of a bound claim can be reached from its zone only; an unbound one of a class with volumeBindingMode
/// Immediate keeps its pod off every node, and one with WaitForFirstConsumer goes where the pod goes (the scheduler
/// then binds it, kube_scheduler.h), if the node meets one of the allowedTopologies of its class. Zones stand for the
/// node affinity of zonal volumes (EBS); other topologies and static provisioning are left out. Source:
/// pkg/scheduler/framework/plugins/volumebinding (1.20.2 .. 1.34: checkBoundClaims, checkVolumeProvisions).
class VolumeBinding final : public Plugin {
 public:
  PluginId id() const override { return PluginId::volume_binding; }
  Scope scope() const override { return Scope::node; }
  bool filters(const Cycle& cycle) const override { return !cycle.pod.volumes.empty(); }
  void filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const override;
};

/// The zone of a node, by the label or its older name; none without.
NameId zone_of(const SnapshotNode& node, const WellKnown& keys);

}  // namespace plimsoll::kubernetes
