#pragma once

#include <vector>

#include "models/ecs/capacity_provider_strategy.h"
#include "sim/cluster/world.h"

namespace plimsoll::ecs {

/// Gives every new task of its services a capacity provider (Pod::lane) by the strategy: counts are those of the
/// service's tasks that are not stopping. Attach it before whatever serves the providers. A task keeps its provider; a
/// provider without capacity is not replaced by another. SOURCE: models/ecs/capacity_provider_strategy.h.
class ProviderAssignment : public ComponentOf<ProviderAssignment> {
 public:
  explicit ProviderAssignment(std::vector<ProviderShare> strategy) : strategy_(std::move(strategy)) {}
  void assign(WorkloadId service);

  bool watches() const override { return true; }
  void handle(World&, const Event&) override {}
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  std::vector<ProviderShare> strategy_;
  std::vector<std::vector<std::int64_t>> assigned_;  // by workload, by provider; empty: not one of ours
};

}  // namespace plimsoll::ecs
