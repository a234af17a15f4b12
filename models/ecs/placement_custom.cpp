#include <algorithm>

#include "models/ecs/narrow.h"
#include "models/ecs/placement.h"

namespace plimsoll::ecs {
namespace {

/// A strategy out of a user's library (sim/policy/plimsoll_plugin.h): keeps the candidates with the least cost.
class CustomStrategy final : public PlacementStrategy {
 public:
  explicit CustomStrategy(CustomPolicyPtr policy) : policy_(std::move(policy)) {}
  std::string_view type() const override { return policy_->name(); }

  ChainStep narrow_start(const InstanceColumns& instances, const TaskNeed& need,
                         PlacementScratch& scratch) const override {
    return narrow(instances, need, scratch, false);
  }
  ChainStep narrow_stop(const InstanceColumns& instances, const TaskNeed& need,
                        PlacementScratch& scratch) const override {
    return narrow(instances, need, scratch, true);
  }

 private:
  ChainStep narrow(const InstanceColumns& instances, const TaskNeed& need, PlacementScratch& scratch,
                   bool stopping) const {
    const std::vector<std::uint32_t>& candidates = scratch.candidates;
    std::vector<std::int64_t> cpu, memory, costs;
    const std::vector<std::int64_t> nothing(candidates.size(), 0);
    std::vector<std::uint32_t> zone, tasks;
    for (const std::uint32_t i : candidates) {
      cpu.push_back(instances.free_cpu[i] / kCpuTicksPerMilli);
      memory.push_back(instances.free_memory[i]);
      zone.push_back(instances.zone.empty() ? 0 : instances.zone[i]);
      tasks.push_back(instances.group_tasks.empty() ? 0 : instances.group_tasks[i]);
    }
    plimsoll_nodes nodes{};
    nodes.size = sizeof nodes;
    nodes.count = static_cast<std::uint32_t>(candidates.size());
    // ECS tells the scheduler what remains; nothing of that is requested.
    nodes.cpu_allocatable_milli = cpu.data();
    nodes.cpu_requested_milli = nothing.data();
    nodes.memory_allocatable_bytes = memory.data();
    nodes.memory_requested_bytes = nothing.data();
    nodes.zone = zone.data();
    nodes.zone_count = std::max(1u, instances.zone_count);
    nodes.workload_pods = tasks.data();
    plimsoll_pod pod{};
    pod.size = sizeof pod;
    pod.workload = "";
    pod.cpu_milli = to_millis_ceil(need.cpu);
    pod.memory_bytes = need.memory.raw();
    policy_->cost(pod, nodes, stopping, costs);
    std::vector<std::uint32_t> place(instances.size(), 0);
    for (std::size_t k = 0; k < candidates.size(); ++k) place[candidates[k]] = static_cast<std::uint32_t>(k);
    keep_smallest(scratch.candidates, [&](std::uint32_t i) { return costs[place[i]]; });
    return ChainStep::go_on;
  }

  CustomPolicyPtr policy_;
};

}  // namespace

StrategyPtr custom_strategy(CustomPolicyPtr policy) { return std::make_shared<CustomStrategy>(std::move(policy)); }

}  // namespace plimsoll::ecs
