#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace plimsoll::ecs {

/// Tasks a zone should have: floor(desired / zones) each, the remainder one each to zones that are fullest already
/// (ties: first), so that fewest tasks move. `current`: tasks per zone now.
std::vector<std::int64_t> zone_targets(std::int64_t desired, std::span<const std::int64_t> current);

/// What decides whether a service is kept balanced over zones.
struct RebalanceService {
  bool enabled = true;  ///< availabilityZoneRebalancing
  bool daemon = false;
  bool external = false;  ///< launch type or deployment controller EXTERNAL
  std::int64_t maximum_percent = 200;
  bool classic_load_balancer = false;
  bool zone_constraint = false;  ///< a placement constraint names attribute:ecs.availability-zone
  bool has_strategy = false;
  bool first_strategy_spreads_zones = false;  ///< spread over attribute:ecs.availability-zone comes first
};

enum class RebalanceObstacle : std::uint8_t {
  none,
  disabled,
  daemon,
  external,
  maximum_percent,
  classic_load_balancer,
  zone_constraint,
  strategy
};
std::string_view to_string(RebalanceObstacle obstacle);

/// The first reason why not. Source: Amazon ECS Developer Guide, "Balancing an Amazon ECS service across Availability
/// Zones"; documented.
RebalanceObstacle rebalance_obstacle(const RebalanceService& service);

/// One round on a service in steady state: tasks to start per zone now (the least loaded first, within the room below
/// the upper bound), and tasks to stop per zone once the started ones are healthy.
struct RebalancePlan {
  std::vector<std::int64_t> start;
  std::vector<std::int64_t> stop;
  bool balanced = true;
};

/// Balanced means that no two zones differ by more than one task. Start first, then stop: documented, as above; how
/// many at a time: our reading (as many as the upper bound allows).
RebalancePlan rebalance_plan(std::int64_t desired, std::span<const std::int64_t> current, std::int64_t upper);

}  // namespace plimsoll::ecs
