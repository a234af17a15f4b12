#pragma once

#include "models/kubernetes/scheduler/profile.h"

namespace plimsoll::kubernetes {

/// Weighted mean of (allocatable - requested) * 100 / allocatable. A resource the node does not have counts 0 with its
/// weight in 1.20 and is left out later.
/// Source: pkg/scheduler/framework/plugins/noderesources/least_allocated.go (1.20.2, 1.26.15).
std::int64_t least_allocated_score(const Cycle& cycle, Row row, std::span<const ScoredResource> resources);

class LeastAllocated final : public Plugin {
 public:
  explicit LeastAllocated(std::vector<ScoredResource> resources) : resources_(std::move(resources)) {}
  PluginId id() const override { return PluginId::least_allocated; }
  Scope scope() const override { return Scope::node_and_pods; }
  bool scores(const Cycle&) const override { return true; }
  void score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const override;

 private:
  std::vector<ScoredResource> resources_;
};

}  // namespace plimsoll::kubernetes
