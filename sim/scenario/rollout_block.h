#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/document/fields.h"
#include "sim/policy/rollout_spec.h"

namespace plimsoll::scenario {

/// What a `rollout` block says, key by key; what is absent is left to `each`, the real files and the defaults.
struct RolloutKeys {
  std::optional<bool> recreate;
  std::optional<Amount> max_surge, max_unavailable;
  std::optional<std::int64_t> min_ready_seconds, progress_deadline_seconds;
  std::optional<std::int64_t> minimum_healthy_percent, maximum_percent;
  std::optional<bool> breaker, breaker_rollback;
  std::optional<EcsRollout::Strategy> strategy;
  std::optional<std::int64_t> bake_minutes, step_bake_minutes;
  std::optional<Ppm> step, canary;
  std::optional<std::vector<std::string>> alarms;
  std::optional<bool> alarms_rollback;
  std::optional<std::vector<DeploymentHook>> hooks;
  std::optional<bool> zone_rebalancing;

  /// Writes what is said over what is there.
  void apply(KubernetesRollout& kubernetes, EcsRollout& ecs) const;
};

/// Reads `rollout`: how a new revision replaces the old one, by the names of the Kubernetes Deployment strategy and of
/// the ECS deploymentConfiguration.
RolloutKeys read_rollout(document::Fields& app);

}  // namespace plimsoll::scenario
