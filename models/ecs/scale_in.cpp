#include "models/ecs/placement.h"

namespace plimsoll::ecs {

std::span<const std::uint32_t> choose_scale_in(const InstanceColumns& instances, const TaskNeed& need,
                                               std::span<const StrategyPtr> chain,
                                               std::span<const std::uint32_t> stoppable, PlacementScratch& scratch) {
  const auto tasks = stoppable.empty() ? instances.group_tasks : stoppable;
  auto& out = scratch.candidates;
  out.clear();
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (tasks[i] > 0) out.push_back(static_cast<std::uint32_t>(i));
  }
  return choose_scale_in(instances, need, chain, scratch);
}

std::span<const std::uint32_t> choose_scale_in(const InstanceColumns& instances, const TaskNeed& need,
                                               std::span<const StrategyPtr> chain, PlacementScratch& scratch) {
  auto& out = scratch.candidates;
  for (const StrategyPtr& strategy : chain) {
    if (out.size() < 2) break;
    if (strategy->narrow_stop(instances, need, scratch) == ChainStep::stop) break;
  }
  return out;
}

}  // namespace plimsoll::ecs
