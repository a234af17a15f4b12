#pragma once

#include "models/kubernetes/scheduler/plugin.h"

namespace plimsoll::kubernetes {

/// spec.nodeName, when set, is the only node. Source: pkg/scheduler/framework/plugins/nodename (1.20.2 .. 1.34).
class NodeNamePlugin final : public Plugin {
 public:
  PluginId id() const override { return PluginId::node_name; }
  Scope scope() const override { return Scope::node; }
  bool filters(const Cycle& cycle) const override { return !cycle.pod.node_name.is_none(); }
  void filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const override;
};

}  // namespace plimsoll::kubernetes
