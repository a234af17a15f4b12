#pragma once

#include "models/kubernetes/scheduler/plugin.h"

namespace plimsoll::kubernetes {

/// A volume whose zone is only a label of the PersistentVolume (the older in-tree provisioners): the node's zone must
/// be the same. Source: pkg/scheduler/framework/plugins/volumezone (1.20.2 .. 1.34). Left out: regions.
class VolumeZone final : public Plugin {
 public:
  PluginId id() const override { return PluginId::volume_zone; }
  Scope scope() const override { return Scope::node; }
  bool filters(const Cycle& cycle) const override { return !cycle.pod.volumes.empty(); }
  void filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const override;
};

}  // namespace plimsoll::kubernetes
