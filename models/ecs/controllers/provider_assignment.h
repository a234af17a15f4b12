#pragma once

#include <vector>

#include "models/ecs/capacity_provider_strategy.h"
#include "sim/cluster/world.h"

namespace plimsoll::ecs {

/// Gives every new task of its services a capacity provider (Pod::lane) by the strategy of its service, or else that of
/// the cluster: counts are those of the
/// service's tasks that are not stopping. Attach it before whatever serves the providers. A task keeps its provider; a
/// provider without capacity is not replaced by another. SOURCE: models/ecs/capacity_provider_strategy.h.
class ProviderAssignment : public ComponentOf<ProviderAssignment> {
 public:
  explicit ProviderAssignment(std::vector<ProviderShare> strategy, SplitRule rule = SplitRule::largest_deficit)
      : strategy_(std::move(strategy)), rule_(rule) {}
  /// `own`: the service's strategy, in the order of the cluster's; empty: the cluster's.
  void assign(WorkloadId service, std::vector<ProviderShare> own = {});

  bool watches() const override { return true; }
  void handle(World&, const Event&) override {}
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  std::vector<ProviderShare> strategy_;
  SplitRule rule_;
  std::vector<std::vector<std::int64_t>> assigned_;  // by workload, by provider; empty: not one of ours
  std::vector<std::vector<ProviderShare>> own_;      // by workload; empty: the cluster's
};

}  // namespace plimsoll::ecs
