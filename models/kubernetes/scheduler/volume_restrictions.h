#pragma once

#include "models/kubernetes/scheduler/plugin.h"

namespace plimsoll::kubernetes {

/// A pod that names a claim that does not exist fits nowhere. A claim of access mode ReadWriteOncePod serves one pod in
/// the whole cluster: while another uses it, no node will do. The latter is without effect in 1.20, which does not know
/// the mode. Left out: disks named in the pod itself (GCE, AWS, RBD, iSCSI). Source:
/// pkg/scheduler/framework/plugins/volumerestrictions (1.26.15, 1.34).
class VolumeRestrictions final : public Plugin {
 public:
  PluginId id() const override { return PluginId::volume_restrictions; }
  Scope scope() const override { return Scope::cluster; }
  bool filters(const Cycle& cycle) const override;
  void filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const override;
  std::unique_ptr<PluginState> make_state() const override;
  void rebuild(const Cycle& cycle, PluginState& state) const override;
  void update(const Cycle& cycle, PluginState& state, const RowChange& change) const override;
  bool heeds(const Cycle& cycle, PluginState& state, ShapeId other) const override;
  bool classifies(const Cycle&) const override { return true; }
};

}  // namespace plimsoll::kubernetes
