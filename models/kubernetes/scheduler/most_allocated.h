#pragma once

#include "models/kubernetes/scheduler/profile.h"

namespace plimsoll::kubernetes {

/// Weighted mean of requested * 100 / allocatable; above allocatable 0 in 1.20, 100 later.
/// Source: pkg/scheduler/framework/plugins/noderesources/most_allocated.go (1.20.2, 1.26.15).
std::int64_t most_allocated_score(const Cycle& cycle, Row row, std::span<const ScoredResource> resources);

class MostAllocated final : public Plugin {
 public:
  explicit MostAllocated(std::vector<ScoredResource> resources) : resources_(std::move(resources)) {}
  PluginId id() const override { return PluginId::most_allocated; }
  Scope scope() const override { return Scope::node_and_pods; }
  bool scores(const Cycle&) const override { return true; }
  void score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const override;

 private:
  std::vector<ScoredResource> resources_;
};

}  // namespace plimsoll::kubernetes
