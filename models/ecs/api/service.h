#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/ecs/api/placement_fields.h"
#include "models/ecs/api/task_definition.h"
#include "models/ecs/az_rebalance.h"
#include "models/ecs/circuit_breaker.h"
#include "sim/core/time.h"
#include "sim/document/diagnostics.h"
#include "sim/document/node.h"
#include "sim/policy/rollout_spec.h"

namespace plimsoll::ecs::api {

enum class DeploymentController : std::uint8_t { ecs, code_deploy, external };
enum class DeploymentStrategy : std::uint8_t { rolling, blue_green, linear, canary };

/// A load balancer that a service registers its tasks with.
struct ServiceLoadBalancer {
  std::string target_group;  ///< ARN; empty for a Classic Load Balancer
  std::string container;
  std::int64_t container_port = 0;
  bool classic() const { return target_group.empty(); }
};

/// One name that a service offers through Service Connect.
struct ServiceConnectName {
  std::string port_name;
  std::string discovery_name;  ///< port_name when not written
};

/// A service, as `aws ecs create-service --cli-input-json` takes it and `describe-services` gives it.
/// SOURCE of ranges and defaults: API CreateService, DeploymentConfiguration, Service.
struct Service {
  std::string name;
  std::string task_definition;  ///< family, family:revision or ARN, as written
  bool daemon = false;          ///< schedulingStrategy DAEMON
  std::optional<std::int64_t> desired_count;
  std::optional<LaunchType> launch_type;
  std::vector<ProviderShare> capacity_providers;
  std::int64_t maximum_percent = 200;          ///< 100 for DAEMON
  std::int64_t minimum_healthy_percent = 100;  ///< 0 for DAEMON
  CircuitBreaker breaker;
  DeploymentController controller = DeploymentController::ecs;
  DeploymentStrategy strategy = DeploymentStrategy::rolling;
  Duration bake{0};                    ///< bakeTimeInMinutes
  std::optional<double> step_percent;  ///< linearConfiguration, canaryConfiguration
  std::optional<Duration> step_bake;   ///< likewise
  std::vector<std::string> alarms;     ///< alarms.alarmNames, when enabled
  bool alarms_rollback = false;
  /// lifecycleHooks. The files do not tell what a function answers: SUCCEEDED at once.
  std::vector<DeploymentHook> hooks;
  Duration health_check_grace{0};
  bool zone_rebalancing = true;  ///< as written, else what new services have
  bool zone_rebalancing_written = false;
  std::vector<StrategySpec> placement;  ///< empty: default_service_strategies()
  std::vector<ConstraintSpec> constraints;
  std::optional<NetworkConfiguration> network;
  std::vector<ServiceLoadBalancer> load_balancers;
  bool service_connect = false;  ///< a proxy sidecar runs in each task
  std::vector<ServiceConnectName> connect_names;
  bool service_discovery = false;  ///< serviceRegistries (Cloud Map)
  std::string platform_version = "LATEST";
  document::Node node;  ///< as written, for positions

  /// Fargate by launch type or by its providers.
  bool on_fargate() const;
  /// The family in task_definition: without ARN and revision.
  std::string family() const;
  /// What az_rebalance.h asks.
  RebalanceService rebalance() const;
  /// "service:NAME": the task group of its tasks.
  std::string task_group() const { return "service:" + name; }
};

/// Reads the parameters; what is wrong with their form, or between them, is reported. Nothing only when the node is no
/// object.
std::optional<Service> read_service(const document::Node& node, document::Diagnostics& diagnostics);

/// Reports what ECS refuses of the service together with its task definition: launch type, network configuration,
/// containers and ports that load balancers and Service Connect name. documented: API CreateService.
void check_service(const Service& service, const TaskDefinition& definition, document::Diagnostics& diagnostics);

}  // namespace plimsoll::ecs::api
