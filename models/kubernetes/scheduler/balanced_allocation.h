#pragma once

#include "models/kubernetes/scheduler/profile.h"

namespace plimsoll::kubernetes {

/// Prefers nodes whose resources would be used in equal shares. 1.20: 1 - |cpu share - memory share| on non-zero
/// requests. Later: 1 - standard deviation of the shares, on real requests. The newest releases leave out pods that
/// request none of the scored resources (isBestEffortPod), as one that asks only for GPUs. Source:
/// pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go (1.20.2, 1.26.15, 1.34).
class BalancedAllocation final : public Plugin {
 public:
  explicit BalancedAllocation(std::vector<ScoredResource> resources) : resources_(std::move(resources)) {}
  PluginId id() const override { return PluginId::balanced_allocation; }
  Scope scope() const override { return Scope::node_and_pods; }
  bool scores(const Cycle& cycle) const override;
  void score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const override;

 private:
  std::int64_t difference_score(const Cycle& cycle, Row row) const;
  std::int64_t deviation_score(const Cycle& cycle, Row row) const;

  std::vector<ScoredResource> resources_;
};

}  // namespace plimsoll::kubernetes
