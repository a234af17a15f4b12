#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/ecs/circuit_breaker.h"
#include "sim/cluster/entities.h"
#include "sim/policy/workload_spec.h"

namespace plimsoll::ecs {

/// Checks of the target group that a service registers its tasks with. SOURCE: Elastic Load Balancing user guides,
/// "Health checks for your target groups" (HealthCheckIntervalSeconds 30, UnhealthyThresholdCount 2).
struct TargetChecks {
  Duration interval = seconds(30);
  std::int64_t unhealthy_threshold = 2;
};

/// How a service's tasks are replaced. SOURCE: API CreateService (DeploymentConfiguration).
struct DeploymentConfiguration {
  std::int64_t minimum_healthy_percent = 100, maximum_percent = 200;
  CircuitBreaker breaker;
  EcsRollout::Strategy strategy = EcsRollout::Strategy::rolling;
  Duration bake{};  ///< bakeTimeInMinutes, after all traffic has shifted
  /// CANARY: canaryPercent, the one step before all of the traffic; LINEAR: stepPercent. 0: all at once.
  Ppm step{};
  Duration step_bake{};             ///< after a step that is not the last
  std::vector<std::string> alarms;  ///< CloudWatch alarms, any of which fails the deployment
  bool alarms_rollback = false;
  std::vector<DeploymentHook> hooks;  ///< lifecycleHooks of a deployment that is not ROLLING
  bool zone_rebalancing = false;
  /// Load balancer, service discovery or container checks watch the tasks: a task that ends or fails its checks after
  /// RUNNING counts for the circuit breaker.
  bool has_checks = true;
  /// From RUNNING until a task counts as healthy: 40 s for services that neither a load balancer nor a health check of
  /// an essential container watches. SOURCE: API DeploymentConfiguration, minimumHealthyPercent.
  Duration healthy_after{};
  /// healthCheckGracePeriodSeconds: failed checks are ignored for so long after a task has first started.
  Duration health_check_grace{};
  std::optional<TargetChecks> target_checks;  ///< of a load balancer
  bool never_ready = false;  ///< containers wait for others beyond their startTimeout: no task gets RUNNING
};

/// Of an application: minimumHealthyPercent is 100 and maximumPercent 200 unless its service or the scenario says
/// another (ECS API DeploymentConfiguration, REPLICA services).
/// `breaker_minimum`: least number of failures on the scenario's date; `zone_rebalancing`: whether its zones are evened
/// out (models/ecs/service_files.h).
DeploymentConfiguration deployment_configuration(const WorkloadSpec& spec, std::int64_t breaker_minimum,
                                                 bool zone_rebalancing);

/// What the agent does with a task of this application, as its task definition has it: container health check
/// (interval, retries, startPeriod) and stopTimeout. Failed checks count after startPeriod; the service scheduler sees
/// to healthCheckGracePeriodSeconds. Without a health check the host's period is kept and nothing is ever unhealthy.
/// SOURCE: ECS developer guide, task definition parameters "healthCheck"; API CreateService.
void fill_template(const WorkloadSpec& spec, PodTemplate& out);

}  // namespace plimsoll::ecs
