#include "models/ecs/placement.h"

namespace plimsoll::ecs {
namespace {

/// Every candidate is as good as another. The pick is the caller's uniform draw, so later strategies have no say.
/// Source: Amazon ECS Developer Guide, "Amazon ECS task placement strategies"; documented; end of chain: our reading.
class Random final : public PlacementStrategy {
 public:
  std::string_view type() const override { return "random"; }
  ChainStep narrow_start(const InstanceColumns&, const TaskNeed&, PlacementScratch&) const override {
    return ChainStep::stop;
  }
  ChainStep narrow_stop(const InstanceColumns&, const TaskNeed&, PlacementScratch&) const override {
    return ChainStep::stop;
  }
};

}  // namespace

StrategyPtr random_strategy() { return std::make_shared<Random>(); }

}  // namespace plimsoll::ecs
