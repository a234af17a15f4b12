#include "models/ecs/placement.h"

#include "models/ecs/narrow.h"

namespace plimsoll::ecs {

StrategyChain default_service_strategies() { return {spread_over_zones(), spread_over_instances()}; }
StrategyChain default_run_task_strategies() { return {random_strategy()}; }

std::span<const std::uint32_t> find_best(const InstanceColumns& instances, const TaskNeed& need,
                                         std::span<const StrategyPtr> chain, PlacementScratch& scratch) {
  find_feasible(instances, need, scratch);
  return choose_best(instances, need, chain, scratch);
}

std::span<const std::uint32_t> choose_best(const InstanceColumns& instances, const TaskNeed& need,
                                           std::span<const StrategyPtr> chain, PlacementScratch& scratch) {
  if (scratch.candidates.empty()) return {};
  ChainStep step = ChainStep::go_on;
  for (const StrategyPtr& strategy : chain) {
    if (scratch.candidates.size() == 1) break;
    step = strategy->narrow_start(instances, need, scratch);
    if (step == ChainStep::stop) break;
  }
  if (step == ChainStep::go_on && scratch.candidates.size() > 1) {
    keep_smallest(scratch.candidates, [tasks = instances.group_tasks](std::uint32_t i) { return tasks[i]; });
  }
  return scratch.candidates;
}

PlacementAnswer place(const InstanceColumns& instances, const TaskNeed& need, std::span<const StrategyPtr> chain,
                      PlacementScratch& scratch) {
  const std::span<const std::uint32_t> best = find_best(instances, need, chain, scratch);
  if (!best.empty()) return {best, {}};
  return {{}, explain_failures(instances, need)};
}

}  // namespace plimsoll::ecs
