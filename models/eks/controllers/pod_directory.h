#pragma once

#include <vector>

#include "models/eks/node/pod_facts.h"
#include "models/kubernetes/controllers/disruption.h"
#include "sim/cluster/world.h"

namespace plimsoll::eks {

/// What the autoscalers ask of the pods of a world. The answer of `facts` is valid until the next call.
class WorldPods : public PodDirectory {
 public:
  explicit WorldPods(const World& world) : world_(world) {}
  const PodFacts& facts(PodId pod) const override;

 private:
  const World& world_;
  mutable PodFacts facts_;
};

/// The disruption budgets of a world as their controller reports them now, one a workload that has one.
std::vector<DisruptionBudget> view_budgets(const World& world, const kubernetes::DisruptionBudgets& budgets);

}  // namespace plimsoll::eks
