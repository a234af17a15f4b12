#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/kubernetes/controllers/disruption.h"
#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// Drains nodes of managed groups: when such a node gets a Spot interruption notice it is cordoned, and whenever its
/// group wants to end it the pods are evicted, daemons aside, as the disruption budgets allow; refused evictions are
/// tried again every 5 s (kubectl drain). Nodes that an autoscaler drains itself (Reason::scale_down, consolidation)
/// are left to it. SOURCE: EKS user guide, "Managed node groups" (nodes are drained on termination and on Spot
/// notices); kubernetes/kubectl pkg/drain.
class NodeDrain : public ComponentOf<NodeDrain> {
 public:
  explicit NodeDrain(DisruptionBudgets budgets) : budgets_(std::move(budgets)) {}
  void manage(NodeGroupId group) { groups_.push_back(group); }

  const DisruptionBudgets& budgets() const { return budgets_; }
  /// The pods that a node which is being drained waits for now, and why each is still there; none for other nodes.
  std::vector<std::pair<PodId, std::string>> held_pods(const World& world, NodeId node) const;

  bool watches() const override { return true; }
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  enum : std::uint64_t { kCordon = 0, kEvict = 1 };
  DisruptionBudgets budgets_;
  std::vector<NodeGroupId> groups_;
};

}  // namespace plimsoll::kubernetes
