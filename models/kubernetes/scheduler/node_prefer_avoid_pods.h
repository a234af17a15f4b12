#pragma once

#include "models/kubernetes/scheduler/plugin.h"

namespace plimsoll::kubernetes {

/// 1.20 only. Nodes may carry an annotation that names controllers whose pods they would rather not have; nobody sets
/// it here, so every node scores 100. Source: pkg/scheduler/framework/plugins/nodepreferavoidpods (1.20.2).
class NodePreferAvoidPods final : public Plugin {
 public:
  PluginId id() const override { return PluginId::node_prefer_avoid_pods; }
  Scope scope() const override { return Scope::node; }
  std::int64_t idle_score(const Cycle&) const override { return 100; }
};

}  // namespace plimsoll::kubernetes
