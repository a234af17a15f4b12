#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/time.h"
#include "sim/core/units.h"

namespace plimsoll {

/// A whole number, or a percentage of the replicas.
struct Amount {
  std::int64_t value = 0;
  bool is_percent = false;
};

/// How a Kubernetes workload replaces its pods. Names and defaults: API apps/v1 Deployment, StatefulSet.
struct KubernetesRollout {
  std::string kind = "Deployment";  ///< or "StatefulSet", "DaemonSet"
  bool recreate = false;            ///< strategy.type Recreate
  Amount max_surge{25, true}, max_unavailable{25, true};
  Duration min_ready{}, progress_deadline = seconds(600);
  bool parallel = false;       ///< StatefulSet: podManagementPolicy Parallel
  std::int64_t partition = 0;  ///< StatefulSet: rollingUpdate.partition
  bool on_delete = false;      ///< StatefulSet, DaemonSet: updateStrategy.type OnDelete
};

/// How an ECS service replaces its tasks. Names and defaults: API CreateService, DeploymentConfiguration.
struct EcsRollout {
  enum class Strategy : std::uint8_t { rolling, blue_green, linear, canary };
  enum class Threshold : std::uint8_t { bounded_percent, unbounded_percent, count };
  std::optional<std::int64_t> minimum_healthy_percent, maximum_percent;  ///< none: 100 % - maxDisruption, and 200
  bool breaker = false, breaker_rollback = false;
  Threshold threshold = Threshold::bounded_percent;
  std::int64_t threshold_value = 50;
  bool reset_on_healthy_task = true;
  Strategy strategy = Strategy::rolling;
  Duration bake{};                       ///< after all traffic has shifted
  Ppm step = percent(10);                ///< LINEAR: traffic a step
  Ppm canary = percent(5);               ///< CANARY: canaryPercent
  Duration step_bake = minutes(6);       ///< LINEAR: after each step; CANARY: of the canary (10 min)
  std::vector<std::string> alarms;       ///< alarms.alarmNames, when enabled: any of them fails the deployment
  bool alarms_rollback = false;
  std::optional<bool> zone_rebalancing;  ///< availabilityZoneRebalancing; none: what new services have
};

}  // namespace plimsoll
