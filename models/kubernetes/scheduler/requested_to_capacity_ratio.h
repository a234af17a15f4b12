#pragma once

#include "models/kubernetes/scheduler/profile.h"

namespace plimsoll::kubernetes {

/// A user's piecewise linear function of utilisation, in whole numbers; resources that score 0 are left out.
/// Source: pkg/scheduler/framework/plugins/noderesources/requested_to_capacity_ratio.go (1.20.2, 1.26.15).
class RequestedToCapacityRatio final : public Plugin {
 public:
  /// @pre points are in ascending order of utilisation and not empty.
  RequestedToCapacityRatio(std::vector<ScoredResource> resources, std::vector<ShapePoint> points)
      : resources_(std::move(resources)), points_(std::move(points)) {}
  PluginId id() const override { return PluginId::requested_to_capacity_ratio; }
  Scope scope() const override { return Scope::node_and_pods; }
  bool scores(const Cycle&) const override { return true; }
  void score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const override;

 private:
  std::int64_t value_at(std::int64_t utilization) const;

  std::vector<ScoredResource> resources_;
  std::vector<ShapePoint> points_;
};

}  // namespace plimsoll::kubernetes
