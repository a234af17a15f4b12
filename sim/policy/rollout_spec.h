#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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
  std::string kind = "Deployment";  ///< or "StatefulSet", "DaemonSet", "ReplicaSet", "Pod"
  bool recreate = false;            ///< strategy.type Recreate
  Amount max_surge{25, true}, max_unavailable{25, true};
  Duration min_ready{}, progress_deadline = seconds(600);
  bool parallel = false;       ///< StatefulSet: podManagementPolicy Parallel
  std::int64_t partition = 0;  ///< StatefulSet: rollingUpdate.partition
  bool on_delete = false;      ///< StatefulSet, DaemonSet: updateStrategy.type OnDelete
};

/// Stages of an ECS deployment at which hooks run, in their order. Names: API DeploymentLifecycleHook, lifecycleStages.
enum class DeploymentStage : std::uint8_t {
  reconcile_service,  ///< only when more than one revision is active at the start
  pre_scale_up,
  post_scale_up,
  test_traffic_shift,
  post_test_traffic_shift,
  pre_production_traffic_shift,  ///< LINEAR and CANARY: before each step
  production_traffic_shift,      ///< LINEAR and CANARY: at each step
  post_production_traffic_shift,
};
inline constexpr std::string_view kDeploymentStageNames[] = {
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
};

/// A lifecycle hook of an ECS deployment, and what it does when it is called.
struct DeploymentHook {
  enum class Answer : std::uint8_t { succeeded, failed, in_progress };
  std::string name;  ///< of the function; empty for a pause
  std::vector<DeploymentStage> stages;
  bool pause = false;                              ///< targetType PAUSE: somebody continues it after `duration`
  Duration duration = seconds(1);                  ///< billed duration of one call; of a pause: until it is continued
  std::vector<Answer> answers{Answer::succeeded};  ///< one a call within a stage; the last is repeated
  Duration call_back = seconds(30);                ///< callBackDelay that it answers with IN_PROGRESS
  Duration timeout = hours(24);                    ///< timeoutConfiguration.timeoutInMinutes
  bool continues_on_timeout = false;               ///< timeoutConfiguration.action CONTINUE, not ROLLBACK
  std::int64_t memory = 128;                       ///< MB of the function
};

/// How an ECS service replaces its tasks. Names and defaults: API CreateService, DeploymentConfiguration.
struct EcsRollout {
  enum class Strategy : std::uint8_t { rolling, blue_green, linear, canary };
  enum class Threshold : std::uint8_t { bounded_percent, unbounded_percent, count };
  std::optional<std::int64_t> minimum_healthy_percent, maximum_percent;  ///< none: 100 and 200
  bool breaker = false, breaker_rollback = false;
  Threshold threshold = Threshold::bounded_percent;
  std::int64_t threshold_value = 50;
  bool reset_on_healthy_task = true;
  Strategy strategy = Strategy::rolling;
  Duration bake{};                  ///< after all traffic has shifted
  Ppm step = percent(10);           ///< LINEAR: traffic a step
  Ppm canary = percent(5);          ///< CANARY: canaryPercent
  Duration step_bake = minutes(6);  ///< LINEAR: after each step; CANARY: of the canary (10 min)
  std::vector<std::string> alarms;  ///< alarms.alarmNames, when enabled: any of them fails the deployment
  bool alarms_rollback = false;
  std::vector<DeploymentHook> hooks;     ///< lifecycleHooks
  std::optional<bool> zone_rebalancing;  ///< availabilityZoneRebalancing; none: what new services have
};

}  // namespace plimsoll
