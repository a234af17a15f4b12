#pragma once

#include <cstdint>

namespace plimsoll::ecs {

/// Bounds of a service's task count while tasks are replaced (deployments, draining, unhealthy tasks).
struct DeploymentBounds {
  std::int64_t lower = 0;            ///< healthy tasks that must stay: ceil(desired x minimumHealthyPercent / 100)
  std::int64_t upper = 0;            ///< tasks that may exist: floor(desired x maximumPercent / 100)
  std::int64_t can_stop_first = 0;   ///< of desired healthy tasks, how many may stop before any starts
  std::int64_t can_start_first = 0;  ///< how many may start before any stops
  bool stuck = false;                ///< neither: nothing can be replaced (the service says so in an event)
};

/// Source: Amazon ECS Developer Guide, "Rolling update" and "Container instance draining"; API DeploymentConfiguration;
/// documented. @pre desired >= 0, percentages >= 0.
DeploymentBounds deployment_bounds(std::int64_t desired, std::int64_t minimum_healthy_percent,
                                   std::int64_t maximum_percent);

}  // namespace plimsoll::ecs
