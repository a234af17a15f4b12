#pragma once

#include <vector>

#include "models/kubernetes/controllers/node_updates.h"
#include "sim/cluster/world.h"

namespace plimsoll::eks {

/// Takes the startup taints of NodePools off their nodes. In a cluster the agent that a taint waits for does that (a
/// network plugin, a driver), and no file says which it is: here they go once the pods of all DaemonSets that tolerate
/// them are ready on the node, at once where there are none. Pods that do not tolerate them wait until then, and so do
/// DaemonSets that do not. SOURCE: karpenter.sh/docs/concepts/nodepools (spec.template.spec.startupTaints: pods need
/// not tolerate them; an external process removes them, usually a DaemonSet).
class StartupTaints : public ComponentOf<StartupTaints>, public kubernetes::UpdatesNodes {
 public:
  /// `keys`: of the startup taints of all NodePools. `daemons`: the DaemonSetController.
  StartupTaints(std::vector<NameId> keys, HandlerId daemons) : keys_(std::move(keys)), daemons_(daemons) {}

  bool watches() const override { return true; }
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  bool is_tainted(const Node& node) const;

  std::vector<NameId> keys_;
  HandlerId daemons_;
};

}  // namespace plimsoll::eks
