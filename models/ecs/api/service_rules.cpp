#include "models/ecs/api/service_rules.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/ecs/api/object.h"
#include "models/ecs/az_rebalance.h"
#include "sim/core/text.h"

namespace plimsoll::ecs::api {

namespace {

/// SOURCE: "Amazon ECS service quotas" (target groups of a service), API AwsVpcConfiguration (the others).
constexpr std::size_t kMostTargetGroups = 5, kMostSubnets = 16, kMostSecurityGroups = 5;
constexpr std::array<std::string_view, 6> kPlatformVersions{"LATEST", "1.4.0", "1.3.0", "1.2.0", "1.1.0", "1.0.0"};

/// The value along a path of keys; null where it ends early, or where it is null.
const document::Node* value_at(const document::Node& node, std::initializer_list<std::string_view> keys) {
  const document::Node* at = &node;
  for (const std::string_view key : keys) {
    at = at->find(key);
    if (at == nullptr || at->is_null()) return nullptr;
  }
  return at;
}

std::string text_at(const document::Node& node, std::initializer_list<std::string_view> keys) {
  const document::Node* value = value_at(node, keys);
  return value != nullptr && value->is_scalar() ? value->text() : std::string();
}

std::size_t size_at(const document::Node& node, std::initializer_list<std::string_view> keys) {
  const document::Node* value = value_at(node, keys);
  return value != nullptr && value->is_sequence() ? value->size() : 0;
}

/// Letters, digits, hyphens and underscores, up to 255. SOURCE: API CreateService.
bool is_service_name(std::string_view name) {
  return !name.empty() && name.size() <= 255 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

/// Whether the tasks can be on Fargate, can not, or nothing says it.
std::optional<bool> says_fargate(const std::optional<LaunchType>& type, const std::vector<ProviderShare>& providers) {
  if (type) return *type == LaunchType::fargate;
  if (providers.empty()) return std::nullopt;
  return is_fargate_provider(providers.front().provider);
}

/// What services and calls of RunTask have in common.
class CallRules {
 public:
  CallRules(const document::Node& node, document::Diagnostics& diagnostics) : node_(node), diagnostics_(diagnostics) {}

  void error(std::string_view key, std::string message, std::string hint = {}) const {
    diagnostics_.error(mark_of(node_, key), std::move(message), std::move(hint), std::string(key));
  }

  void network(std::optional<bool> fargate) const {
    if (fargate == false &&
        text_at(node_, {"networkConfiguration", "awsvpcConfiguration", "assignPublicIp"}) == "ENABLED")
      error("networkConfiguration", "Assign public IP is not supported for this launch type.",
            "assignPublicIp is for tasks on Fargate");
    if (size_at(node_, {"networkConfiguration", "awsvpcConfiguration", "subnets"}) > kMostSubnets)
      error("networkConfiguration", "at most " + std::to_string(kMostSubnets) + " subnets can be specified");
    if (size_at(node_, {"networkConfiguration", "awsvpcConfiguration", "securityGroups"}) > kMostSecurityGroups)
      error("networkConfiguration",
            "at most " + std::to_string(kMostSecurityGroups) + " security groups can be specified");
  }

  void platform_version(const std::string& version, std::optional<bool> fargate) const {
    if (version.empty()) return;
    if (fargate == false)
      error("platformVersion", "The platform version must be null when specifying an EC2 launch type.",
            "it applies to Fargate only");
    if (std::find(kPlatformVersions.begin(), kPlatformVersions.end(), version) == kPlatformVersions.end())
      error("platformVersion", "there is no platform version '" + version + "'", "LATEST, 1.4.0 or 1.3.0");
  }

  /// SOURCE: API RegisterTaskDefinition (sizes), EphemeralStorage; ECS developer guide, "Fargate Linux platform
  /// versions" (EFS).
  void needs_of_version(const std::string& version, const TaskDefinition& definition) const {
    if (version.empty() || version == "LATEST" || version == "1.4.0" || definition.windows()) return;
    const auto needs = [&](const std::string& what) {
      error("platformVersion", what + " needs platform version 1.4.0 or later, got " + version);
    };
    if (definition.cpu.value_or(0) >= 8192) needs(std::to_string(*definition.cpu) + " CPU units");
    if (definition.ephemeral_gib) needs("ephemeralStorage");
    const document::Node* volumes = value_at(definition.node, {"volumes"});
    if (volumes == nullptr) return;
    if (std::any_of(volumes->items().begin(), volumes->items().end(),
                    [](const document::Node& v) { return value_at(v, {"efsVolumeConfiguration"}) != nullptr; }))
      needs("an EFS volume");
  }

 private:
  const document::Node& node_;
  document::Diagnostics& diagnostics_;
};

class ServiceRules {
 public:
  ServiceRules(const Service& service, document::Diagnostics& diagnostics)
      : s_(service), diagnostics_(diagnostics), call_(service.node, diagnostics) {}

  void run() {
    if (!s_.name.empty() && !is_service_name(s_.name))
      call_.error("serviceName", "a service name has up to 255 letters, digits, hyphens and underscores");
    const std::optional<bool> fargate = says_fargate(s_.launch_type, s_.capacity_providers);
    call_.network(fargate);
    call_.platform_version(text_at(s_.node, {"platformVersion"}), fargate);
    if (s_.launch_type == LaunchType::managed_instances && !described())
      call_.error("launchType", "launchType MANAGED_INSTANCES is for task definitions",
                  "write the capacityProviderStrategy of a Managed Instances capacity provider instead");
    external();
    balancers();
    controllers();
    strategies();
    rebalancing();
    discovery();
  }

 private:
  /// An answer of describe-services, not a call.
  bool described() const { return s_.node.find("serviceArn") != nullptr; }

  void external() {
    if (s_.launch_type != LaunchType::external) return;
    const auto refuse = [this](std::string_view key, const char* what) {
      call_.error(key, std::string("External instances do not support ") + what + ".",
                  "tasks of launch type EXTERNAL answer no requests from a balancer of AWS");
    };
    if (!s_.load_balancers.empty()) refuse("loadBalancers", "service load balancing");
    if (s_.service_discovery) refuse("serviceRegistries", "service discovery");
    if (s_.service_connect) refuse("serviceConnectConfiguration", "Service Connect");
  }

  void balancers() {
    std::size_t groups = 0;
    for (const ServiceLoadBalancer& lb : s_.load_balancers) groups += lb.classic() ? 0 : 1;
    if (groups > kMostTargetGroups)
      call_.error("loadBalancers", "a service registers its tasks with at most " + std::to_string(kMostTargetGroups) +
                                       " target groups, got " + std::to_string(groups));
    if (groups < s_.load_balancers.size() && says_fargate(s_.launch_type, s_.capacity_providers) == true)
      call_.error("loadBalancers", "Classic Load Balancers are not supported with Fargate.",
                  "name the target group of an Application or Network Load Balancer: targetGroupArn");
    if (s_.strategy == DeploymentStrategy::rolling || s_.controller != DeploymentController::ecs) return;
    const document::Node* all = value_at(s_.node, {"loadBalancers"});
    for (std::size_t i = 0; all != nullptr && i < all->items().size(); ++i) {
      std::string missing;
      for (const char* key : {"alternateTargetGroupArn", "productionListenerRule", "roleArn"}) {
        if (text_at(all->at(i), {"advancedConfiguration", key}).empty())
          missing += (missing.empty() ? "" : ", ") + std::string(key);
      }
      if (missing.empty()) continue;
      diagnostics_.error(mark_of(all->at(i), "advancedConfiguration"),
                         "advancedConfiguration is required with the deployment strategy " + strategy_name() +
                             ", to shift traffic between two target groups: missing " + missing,
                         {}, document::join_path(document::join_path("loadBalancers", i), "advancedConfiguration"));
    }
  }

  std::string strategy_name() const { return text_at(s_.node, {"deploymentConfiguration", "strategy"}); }

  void controllers() {
    const bool ecs = s_.controller == DeploymentController::ecs;
    const std::string type = text_at(s_.node, {"deploymentController", "type"});
    if (!ecs && s_.strategy != DeploymentStrategy::rolling)
      call_.error("deploymentConfiguration",
                  "the deployment strategy " + strategy_name() + " needs the deployment controller ECS, not " + type);
    if (!ecs && s_.daemon)
      call_.error("schedulingStrategy",
                  "The daemon scheduling strategy is not supported with the deployment controller " + type + ".");
    if (s_.controller == DeploymentController::code_deploy && !described() &&
        std::none_of(s_.load_balancers.begin(), s_.load_balancers.end(), [](const auto& lb) { return !lb.classic(); }))
      call_.error("deploymentController", "CODE_DEPLOY requires an Application Load Balancer or Network Load Balancer.",
                  "add loadBalancers, or leave the deployment controller ECS");
    if (s_.controller != DeploymentController::external || described()) return;
    if (!s_.task_definition.empty())
      call_.error("taskDefinition", "TaskDefinition must be blank with the deployment controller EXTERNAL.",
                  "task sets carry it");
    if (!s_.load_balancers.empty())
      call_.error("loadBalancers", "LoadBalancers must be empty or null with the deployment controller EXTERNAL.",
                  "task sets carry them");
  }

  void strategies() {
    const document::Node* deployment = value_at(s_.node, {"deploymentConfiguration"});
    if (deployment == nullptr) return;
    const auto fault = [&](std::string_view key, std::string message) {
      diagnostics_.error(mark_of(*deployment, key), std::move(message), {},
                         document::join_path("deploymentConfiguration", key));
    };
    const std::string strategy = strategy_name().empty() ? "ROLLING" : strategy_name();
    if (value_at(*deployment, {"linearConfiguration"}) != nullptr && s_.strategy != DeploymentStrategy::linear)
      fault("linearConfiguration", "linearConfiguration is only valid with the strategy LINEAR, not " + strategy);
    if (value_at(*deployment, {"canaryConfiguration"}) != nullptr && s_.strategy != DeploymentStrategy::canary)
      fault("canaryConfiguration", "canaryConfiguration is only valid with the strategy CANARY, not " + strategy);
    if (s_.step_percent && std::abs(*s_.step_percent * 10 - std::round(*s_.step_percent * 10)) > 1e-9)
      fault(s_.strategy == DeploymentStrategy::linear ? "linearConfiguration" : "canaryConfiguration",
            "the percentage of a step is a multiple of 0.1");
    if (s_.daemon && s_.maximum_percent > 100)
      fault("maximumPercent", "The daemon scheduling strategy does not support values above 100 for maximumPercent.");
  }

  void rebalancing() {
    if (!s_.zone_rebalancing_written || !s_.zone_rebalancing) return;
    std::string what;
    switch (rebalance_obstacle(s_.rebalance())) {
      case RebalanceObstacle::daemon:
        what = "does not support DAEMON services.";
        break;
      case RebalanceObstacle::external:
        what = "does not support the launch type or deployment controller EXTERNAL.";
        break;
      case RebalanceObstacle::maximum_percent:
        what = "does not support maximumPercent <= 100 % as deployment configuration.";
        break;
      case RebalanceObstacle::classic_load_balancer:
        what = "does not support Classic Load Balancers.";
        break;
      case RebalanceObstacle::zone_constraint:
        what = "does not support placement constraints on attribute:ecs.availability-zone.";
        break;
      case RebalanceObstacle::strategy:
        what = "only supports availability zone spread as task placement strategy.";
        break;
      default:
        return;
    }
    call_.error("availabilityZoneRebalancing", "Availability Zone Rebalancing " + what, "write DISABLED");
  }

  void discovery() {
    const document::Node* registries = value_at(s_.node, {"serviceRegistries"});
    if (registries != nullptr && registries->size() > 1)
      call_.error("serviceRegistries", "a service has one service registry, got " + std::to_string(registries->size()));
    for (std::size_t i = 0; registries != nullptr && i < registries->items().size(); ++i) {
      const document::Node& r = registries->at(i);
      if (value_at(r, {"port"}) != nullptr && value_at(r, {"containerPort"}) != nullptr)
        call_.error("serviceRegistries", "a registry has a port or a containerPort, one of the two");
    }
    const document::Node* offered = value_at(s_.node, {"serviceConnectConfiguration", "services"});
    std::vector<std::string> names;
    for (std::size_t i = 0; offered != nullptr && i < offered->items().size(); ++i) {
      if (size_at(offered->at(i), {"clientAliases"}) > 1)
        call_.error("serviceConnectConfiguration", "a Service Connect service has at most one client alias");
    }
    for (const ServiceConnectName& name : s_.connect_names) {
      if (std::find(names.begin(), names.end(), name.discovery_name) != names.end())
        call_.error("serviceConnectConfiguration",
                    "the discovery name '" + name.discovery_name + "' is used twice: it is unique in its namespace");
      names.push_back(name.discovery_name);
    }
  }

  const Service& s_;
  document::Diagnostics& diagnostics_;
  CallRules call_;
};

}  // namespace

void check_service_alone(const Service& service, document::Diagnostics& diagnostics) {
  ServiceRules(service, diagnostics).run();
}

void check_service_with(const Service& service, const TaskDefinition& definition, document::Diagnostics& diagnostics) {
  const CallRules call(service.node, diagnostics);
  call.needs_of_version(text_at(service.node, {"platformVersion"}), definition);
  const NetworkMode mode = definition.effective_network_mode();
  const bool fargate = says_fargate(service.launch_type, service.capacity_providers) == true;
  const bool classic = std::any_of(service.load_balancers.begin(), service.load_balancers.end(),
                                   [](const ServiceLoadBalancer& lb) { return lb.classic(); });
  if (classic && mode == NetworkMode::awsvpc && !fargate)  // of Fargate it has been told
    call.error("loadBalancers", "Classic Load Balancers are not supported with networkMode 'awsvpc'.",
               "name the target group of an Application or Network Load Balancer: targetGroupArn");
  if (mode == NetworkMode::awsvpc && !text_at(service.node, {"role"}).empty())
    call.error("role", "You cannot specify an IAM role for services that require a service linked role.",
               "leave it out: ECS has a role of its own for the network mode awsvpc");
  const document::Node* registries = value_at(service.node, {"serviceRegistries"});
  for (std::size_t i = 0; registries != nullptr && i < registries->items().size(); ++i) {
    const document::Node& r = registries->at(i);
    const bool whole = value_at(r, {"containerName"}) != nullptr && value_at(r, {"containerPort"}) != nullptr;
    if (mode != NetworkMode::awsvpc && !whole)
      call.error("serviceRegistries", "with networkMode " + std::string(to_string(mode)) +
                                          " a registry names the containerName and containerPort of its SRV record");
  }
  std::vector<std::string> at_launch;
  if (const document::Node* volumes = value_at(definition.node, {"volumes"})) {
    for (const document::Node& v : volumes->items()) {
      if (text_at(v, {"configuredAtLaunch"}) == "true") at_launch.push_back(text_at(v, {"name"}));
    }
  }
  const document::Node* configured = value_at(service.node, {"volumeConfigurations"});
  for (std::size_t i = 0; configured != nullptr && i < configured->items().size(); ++i) {
    const std::string name = text_at(configured->at(i), {"name"});
    if (std::find(at_launch.begin(), at_launch.end(), name) == at_launch.end())
      call.error("volumeConfigurations",
                 "The volume name '" + name +
                     "' in your request does not have a matching volume in your Task "
                     "Definition.",
                 "add it to its volumes with configuredAtLaunch true");
  }
}

void check_run_task(const RunTask& run, const TaskDefinition& definition, document::Diagnostics& diagnostics) {
  const CallRules call(run.node, diagnostics);
  const std::optional<bool> fargate = says_fargate(run.launch_type, run.capacity_providers);
  const std::string version = text_at(run.node, {"platformVersion"});
  call.network(fargate);
  call.platform_version(version, fargate);
  call.needs_of_version(version, definition);
  const bool awsvpc = definition.effective_network_mode() == NetworkMode::awsvpc;
  if (awsvpc && !run.network)
    call.error("networkConfiguration",
               "Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  if (!awsvpc && run.network)
    call.error("networkConfiguration",
               "Network Configuration is not valid for the given networkMode of this task definition.");
  if (run.launch_type && !definition.compatibilities.empty() && !definition.requires_launch(*run.launch_type))
    call.error("launchType",
               "Task definition does not support launch_type " + std::string(to_string(*run.launch_type)) + ".",
               "requiresCompatibilities of " + definition.family + " names other launch types");
}

}  // namespace plimsoll::ecs::api
