#pragma once

#include "sim/cluster/world.h"

namespace plimsoll::aws {

/// Machines of one's own that are registered from the start and stay: ECS Anywhere (launch type EXTERNAL), EKS Hybrid
/// Nodes. They are in no zone of the region: here they stand in the first. SOURCE: ECS developer guide, "Amazon ECS
/// clusters for external instances"; EKS user guide, "Amazon EKS Hybrid Nodes overview".
class ExternalInstances : public ComponentOf<ExternalInstances> {
 public:
  ExternalInstances(NodeSpec spec, std::int64_t count) : spec_(std::move(spec)), count_(count) {}
  void start(World& world) override;
  void handle(World&, const Event&) override {}

 private:
  NodeSpec spec_;
  std::int64_t count_;
};

}  // namespace plimsoll::aws
