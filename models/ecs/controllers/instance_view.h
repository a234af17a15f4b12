#pragma once

#include <vector>

#include "models/ecs/placement.h"
#include "sim/cluster/world.h"

namespace plimsoll::ecs {

/// The container instances of a world as placement wants them: columns over ready and draining nodes in registration
/// order. Buffers are kept from call to call.
class InstanceView {
 public:
  /// Fills the columns; `group_tasks` counts the pods of `workload` (terminating ones included, as ECS counts a
  /// stopping task's reservation until it has stopped). Attributes: the built-in zone and instance type.
  void refresh(const World& world, WorkloadId workload);

  const InstanceColumns& columns() const { return columns_; }
  NodeId node(std::uint32_t instance) const { return nodes_[instance]; }

 private:
  InstanceColumns columns_;
  std::vector<NodeId> nodes_;
  std::vector<std::int64_t> free_cpu_, free_memory_, free_enis_, free_gpus_;
  std::vector<std::uint8_t> usable_;
  std::vector<std::uint32_t> zone_, group_tasks_;
};

}  // namespace plimsoll::ecs
