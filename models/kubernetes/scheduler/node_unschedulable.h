#pragma once

#include "models/kubernetes/scheduler/plugin.h"

namespace plimsoll::kubernetes {

/// Keeps pods off cordoned nodes, unless they tolerate node.kubernetes.io/unschedulable:NoSchedule.
/// Source: kubernetes/kubernetes pkg/scheduler/framework/plugins/nodeunschedulable (1.20.2, 1.26.15, 1.34).
class NodeUnschedulable final : public Plugin {
 public:
  PluginId id() const override { return PluginId::node_unschedulable; }
  Scope scope() const override { return Scope::node; }
  bool filters(const Cycle& cycle) const override;
  void filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const override;
};

}  // namespace plimsoll::kubernetes
