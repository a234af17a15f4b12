#pragma once

#include "models/kubernetes/scheduler/plugin.h"

namespace plimsoll::kubernetes {

/// At most as many volumes of a CSI driver as the node's CSINode allows: its allocatable
/// "attachable-volumes-csi-<driver>" among the extended resources of the node; a node that names none has no limit. A
/// claim that several pods of the node share is attached once. Source: pkg/scheduler/framework/plugins/
/// nodevolumelimits/csi.go (1.20.2 .. 1.34). Left out: the in-tree limits of 1.20 (EBS 39).
class NodeVolumeLimits final : public Plugin {
 public:
  PluginId id() const override { return PluginId::node_volume_limits; }
  Scope scope() const override { return Scope::node_and_pods; }
  bool filters(const Cycle& cycle) const override { return !cycle.pod.volumes.empty(); }
  void filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const override;
};

}  // namespace plimsoll::kubernetes
