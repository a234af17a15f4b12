#include "models/ecs/az_rebalance.h"

#include <algorithm>
#include <numeric>

namespace plimsoll::ecs {

std::vector<std::int64_t> zone_targets(std::int64_t desired, std::span<const std::int64_t> current) {
  const auto zones = static_cast<std::int64_t>(current.size());
  if (zones == 0) return {};
  std::vector<std::size_t> order(current.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return current[a] > current[b]; });
  std::vector<std::int64_t> targets(current.size(), desired / zones);
  for (std::int64_t i = 0; i < desired % zones; ++i) ++targets[order[static_cast<std::size_t>(i)]];
  return targets;
}

std::string_view to_string(RebalanceObstacle obstacle) {
  switch (obstacle) {
    case RebalanceObstacle::none:
      return "none";
    case RebalanceObstacle::disabled:
      return "availabilityZoneRebalancing is DISABLED";
    case RebalanceObstacle::daemon:
      return "schedulingStrategy DAEMON";
    case RebalanceObstacle::external:
      return "launch type or deployment controller EXTERNAL";
    case RebalanceObstacle::maximum_percent:
      return "maximumPercent of 100 leaves no room to start first";
    case RebalanceObstacle::classic_load_balancer:
      return "a Classic Load Balancer";
    case RebalanceObstacle::zone_constraint:
      return "a placement constraint on ecs.availability-zone";
    case RebalanceObstacle::strategy:
      return "the first placement strategy is not spread over ecs.availability-zone";
  }
  return "";
}

RebalanceObstacle rebalance_obstacle(const RebalanceService& service) {
  if (!service.enabled) return RebalanceObstacle::disabled;
  if (service.daemon) return RebalanceObstacle::daemon;
  if (service.external) return RebalanceObstacle::external;
  if (service.maximum_percent <= 100) return RebalanceObstacle::maximum_percent;
  if (service.classic_load_balancer) return RebalanceObstacle::classic_load_balancer;
  if (service.zone_constraint) return RebalanceObstacle::zone_constraint;
  if (service.has_strategy && !service.first_strategy_spreads_zones) return RebalanceObstacle::strategy;
  return RebalanceObstacle::none;
}

RebalancePlan rebalance_plan(std::int64_t desired, std::span<const std::int64_t> current, std::int64_t upper) {
  RebalancePlan plan;
  plan.start.assign(current.size(), 0);
  plan.stop.assign(current.size(), 0);
  if (current.empty()) return plan;
  const auto targets = zone_targets(desired, current);
  std::int64_t room =
      std::max<std::int64_t>(upper - std::accumulate(current.begin(), current.end(), std::int64_t{0}), 0);
  std::int64_t missing = 0;
  for (std::size_t z = 0; z < current.size(); ++z) missing += std::max<std::int64_t>(targets[z] - current[z], 0);
  plan.balanced = missing == 0;
  std::int64_t moves = std::min(missing, room);
  // Least loaded zone first, then most loaded zone first; one task at a time keeps zones level when room is short.
  for (std::int64_t m = 0; m < moves; ++m) {
    std::size_t to = current.size();
    std::size_t from = current.size();
    for (std::size_t z = 0; z < current.size(); ++z) {
      const std::int64_t up = current[z] + plan.start[z];
      const std::int64_t down = current[z] - plan.stop[z];
      if (up < targets[z] && (to == current.size() || up < current[to] + plan.start[to])) to = z;
      if (down > targets[z] && (from == current.size() || down > current[from] - plan.stop[from])) from = z;
    }
    if (to < current.size()) ++plan.start[to];
    if (from < current.size()) ++plan.stop[from];
  }
  return plan;
}

}  // namespace plimsoll::ecs
