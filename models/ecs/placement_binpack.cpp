#include "models/ecs/narrow.h"
#include "models/ecs/placement.h"

namespace plimsoll::ecs {
namespace {

/// Start: the least remaining CPU or memory that still fits. Stop: the instance that is left with the most of it.
/// Source: Amazon ECS Developer Guide, "Amazon ECS task placement strategies"; documented.
class Binpack final : public PlacementStrategy {
 public:
  explicit Binpack(BinpackField field) : field_(field) {}
  std::string_view type() const override { return "binpack"; }

  ChainStep narrow_start(const InstanceColumns& instances, const TaskNeed&, PlacementScratch& scratch) const override {
    const auto free = column(instances);
    keep_smallest(scratch.candidates, [free](std::uint32_t i) { return free[i]; });
    return ChainStep::go_on;
  }
  // All tasks of a service ask for the same, so the most free after the stop is the most free before it.
  ChainStep narrow_stop(const InstanceColumns& instances, const TaskNeed&, PlacementScratch& scratch) const override {
    const auto free = column(instances);
    keep_smallest(scratch.candidates, [free](std::uint32_t i) { return -free[i]; });
    return ChainStep::go_on;
  }

 private:
  std::span<const std::int64_t> column(const InstanceColumns& instances) const {
    return field_ == BinpackField::cpu ? instances.free_cpu : instances.free_memory;
  }
  BinpackField field_;
};

}  // namespace

StrategyPtr binpack_strategy(BinpackField field) { return std::make_shared<Binpack>(field); }

}  // namespace plimsoll::ecs
