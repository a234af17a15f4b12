#pragma once

#include <utility>
#include <vector>

#include "sim/cluster/world.h"

namespace plimsoll::ecs {

/// startTimeout of containers that others wait for by dependsOn: where the condition comes later than that, the task is
/// stopped (TaskFailedToStart) instead of getting ready, and its service tries again. SOURCE: ECS developer guide,
/// "Task definition parameters" (startTimeout).
class StartTimeouts : public ComponentOf<StartTimeouts> {
 public:
  /// Tasks of the workload never get ready; `after` the start of their first container they are stopped.
  void add(WorkloadId workload, Duration after) { never_.emplace_back(workload, after); }
  bool empty() const { return never_.empty(); }

  bool watches() const override { return true; }
  void on_fact(World& world, const FactRecord& fact) override;
  void handle(World& world, const Event& event) override;

 private:
  std::vector<std::pair<WorkloadId, Duration>> never_;
};

}  // namespace plimsoll::ecs
