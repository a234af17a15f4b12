#include "models/ecs/api/service.h"

#include <algorithm>
#include <iterator>

#include "sim/core/text.h"

namespace plimsoll::ecs::api {

using document::Diagnostics;
using document::Node;

namespace {

constexpr std::string_view kZone = "attribute:ecs.availability-zone";

void read_breaker(Object& configuration, CircuitBreaker& breaker) {
  const Node* node = configuration.get("deploymentCircuitBreaker");
  if (node == nullptr) return;
  Object o(*node, configuration.diagnostics(), configuration.path_of("deploymentCircuitBreaker"));
  breaker.enable = o.boolean("enable").value_or(false);
  breaker.rollback = o.boolean("rollback").value_or(false);
  breaker.reset_on_healthy_task = o.boolean("resetOnHealthyTask").value_or(true);
  if (const Node* threshold = o.get("thresholdConfiguration")) {
    Object t(*threshold, configuration.diagnostics(), o.path_of("thresholdConfiguration"));
    breaker.type = t.choice<BreakerThreshold>("type", {{"BOUNDED_PERCENT", BreakerThreshold::bounded_percent},
                                                       {"UNBOUNDED_PERCENT", BreakerThreshold::unbounded_percent},
                                                       {"COUNT", BreakerThreshold::count}})
                       .value_or(BreakerThreshold::bounded_percent);
    breaker.value = t.integer("value", 1).value_or(breaker.value);
  }
}

/// SOURCE: API DeploymentLifecycleHook.
void read_hooks(Object& configuration, Service& out) {
  const auto items = configuration.list("lifecycleHooks");
  for (std::size_t i = 0; i < items.size(); ++i) {
    Object o(items[i], configuration.diagnostics(), document::join_path(configuration.path_of("lifecycleHooks"), i));
    DeploymentHook hook;
    hook.pause = o.choice<bool>("targetType", {{"AWS_LAMBDA", false}, {"PAUSE", true}}).value_or(false);
    const std::string arn = o.text("hookTargetArn").value_or("");
    // arn:aws:lambda:REGION:ACCOUNT:function:NAME, perhaps with a :VERSION
    const std::size_t at = arn.find(":function:");
    hook.name = at == std::string::npos ? arn : arn.substr(at + 10);
    hook.name = hook.name.substr(0, hook.name.find(':'));
    if (arn.empty() && !hook.pause) o.missing("hookTargetArn", "the Lambda function that ECS calls");
    const std::vector<std::string> stages = o.texts("lifecycleStages");
    if (stages.empty()) o.missing("lifecycleStages", "the stages at which the hook runs");
    for (const std::string& name : stages) {
      const auto* known = std::find(std::begin(kDeploymentStageNames), std::end(kDeploymentStageNames), name);
      if (known == std::end(kDeploymentStageNames)) {
        const std::string near = nearest(name, kDeploymentStageNames);
        o.error("lifecycleStages", "no lifecycle stage '" + name + "'",
                near.empty() ? "" : "did you mean '" + near + "'?");
        continue;
      }
      const auto stage = static_cast<DeploymentStage>(known - std::begin(kDeploymentStageNames));
      if (hook.pause &&
          (stage == DeploymentStage::test_traffic_shift || stage == DeploymentStage::production_traffic_shift))
        o.error("lifecycleStages", "PAUSE hooks cannot be configured at " + name);
      hook.stages.push_back(stage);
    }
    if (const Node* timeout = o.get("timeoutConfiguration")) {
      Object t(*timeout, configuration.diagnostics(), o.path_of("timeoutConfiguration"));
      hook.timeout = minutes(t.integer("timeoutInMinutes", 1, 20'160).value_or(1'440));
      hook.continues_on_timeout = t.choice<bool>("action", {{"ROLLBACK", false}, {"CONTINUE", true}}).value_or(false);
    }
    if (hook.pause) hook.duration = hook.timeout;  // nobody continues it
    o.ignore({"roleArn", "hookDetails"});
    out.hooks.push_back(std::move(hook));
  }
  if (out.hooks.empty()) return;
  if (out.strategy == DeploymentStrategy::rolling) {
    configuration.warning("lifecycleHooks", "hooks run in BLUE_GREEN, LINEAR and CANARY deployments: none is called",
                          "say the strategy");
  } else {
    configuration.warning("lifecycleHooks", "no file tells what hooks answer: SUCCEEDED after a second is assumed",
                          "say it in the scenario: rollout: {lifecycleHooks: [...]}");
  }
}

void read_deployment(Object& service, Service& out) {
  const Node* node = service.get("deploymentConfiguration");
  if (node == nullptr) return;
  Object o(*node, service.diagnostics(), service.path_of("deploymentConfiguration"));
  const bool has_maximum = o.has("maximumPercent");
  out.maximum_percent = o.integer("maximumPercent", 0, 2'147'483'647).value_or(out.maximum_percent);
  out.minimum_healthy_percent = o.integer("minimumHealthyPercent", 0, 100).value_or(out.minimum_healthy_percent);
  if (!out.daemon && (out.maximum_percent < out.minimum_healthy_percent ||
                      (out.maximum_percent <= 100 && out.minimum_healthy_percent >= 100))) {
    o.warning(has_maximum ? "maximumPercent" : "minimumHealthyPercent",
              "minimumHealthyPercent " + std::to_string(out.minimum_healthy_percent) + " and maximumPercent " +
                  std::to_string(out.maximum_percent) +
                  " leave no room: no task can be replaced, deployments and the draining of instances block");
  }
  read_breaker(o, out.breaker);
  out.strategy = o.choice<DeploymentStrategy>("strategy", {{"ROLLING", DeploymentStrategy::rolling},
                                                           {"BLUE_GREEN", DeploymentStrategy::blue_green},
                                                           {"LINEAR", DeploymentStrategy::linear},
                                                           {"CANARY", DeploymentStrategy::canary}})
                     .value_or(DeploymentStrategy::rolling);
  out.bake = minutes(o.integer("bakeTimeInMinutes", 0, 1'440).value_or(0));
  const bool linear = out.strategy == DeploymentStrategy::linear;
  for (const char* key : {"linearConfiguration", "canaryConfiguration"}) {
    const Node* steps = o.get(key);
    if (steps == nullptr) continue;
    Object c(*steps, service.diagnostics(), o.path_of(key));
    // SOURCE: API LinearConfiguration (3.0 to 100.0), CanaryConfiguration (0.1 to 100.0).
    const std::string_view share_key = linear ? "stepPercent" : "canaryPercent";
    const auto share = c.number(share_key);
    if (share && !(*share >= (linear ? 3.0 : 0.1) && *share <= 100.0))
      c.error(share_key, std::string(share_key) + " must be between " + (linear ? "3.0" : "0.1") + " and 100.0, got " +
                             c.get(share_key)->text());
    const auto bake = c.integer(linear ? "stepBakeTimeInMinutes" : "canaryBakeTimeInMinutes", 0, 1'440);
    if (linear != (std::string_view(key) == "linearConfiguration")) continue;
    out.step_percent = share;
    if (bake) out.step_bake = minutes(*bake);
  }
  if (const Node* watched = o.get("alarms"); watched != nullptr) {
    Object a(*watched, service.diagnostics(), o.path_of("alarms"));
    const std::vector<std::string> names = a.texts("alarmNames");
    const bool rollback = a.boolean("rollback").value_or(false);
    // DescribeServices writes the block with an empty list for a service without alarms.
    const bool enabled = a.boolean("enable").value_or(false);
    if (names.empty() && enabled) a.missing("alarmNames", "the CloudWatch alarms that fail the deployment");
    if (enabled) {
      out.alarms = names;
      out.alarms_rollback = rollback;
    }
  }
  read_hooks(o, out);
  o.not_modelled("earlySuccessCriteria", "a deployment succeeds when all its tasks are healthy");
}

/// The column takes the finest resolution of its services (models/ecs/scaling_reader.cpp). SOURCE: API
/// MetricConfiguration (CPUUtilization and MemoryUtilization, 20 or 60 s).
void read_monitoring(Object& service) {
  const Node* node = service.get("monitoring");
  if (node == nullptr) return;
  Object o(*node, service.diagnostics(), service.path_of("monitoring"));
  const auto items = o.list("metricConfigurations");
  for (std::size_t i = 0; i < items.size(); ++i) {
    Object c(items[i], service.diagnostics(), document::join_path(o.path_of("metricConfigurations"), i));
    for (const std::string& name : c.texts("metricNames")) {
      if (name != "CPUUtilization" && name != "MemoryUtilization")
        c.error("metricNames", "'" + name + "' has no resolution of its own", "CPUUtilization, MemoryUtilization");
    }
    const auto resolution = c.integer("resolutionSeconds", 0, 2'147'483'647);
    if (!resolution) {
      c.missing("resolutionSeconds", "20 or 60");
    } else if (*resolution != 20 && *resolution != 60) {
      c.error("resolutionSeconds", "resolutionSeconds must be 20 or 60, got " + std::to_string(*resolution));
    }
  }
}

void read_load_balancers(Object& service, Service& out) {
  const auto items = service.list("loadBalancers");
  for (std::size_t i = 0; i < items.size(); ++i) {
    Object o(items[i], service.diagnostics(), document::join_path(service.path_of("loadBalancers"), i));
    ServiceLoadBalancer lb;
    lb.target_group = o.text("targetGroupArn").value_or("");
    lb.container = o.text("containerName").value_or("");
    lb.container_port = o.integer("containerPort", 0, 65'535).value_or(0);
    const bool classic = o.text("loadBalancerName").has_value();
    if (lb.target_group.empty() && !classic) o.missing("targetGroupArn", "the target group of the load balancer");
    if (!lb.target_group.empty() && classic) {
      o.error("loadBalancerName", "targetGroupArn and loadBalancerName exclude each other");
    }
    o.ignore({"advancedConfiguration"});  // the target groups of blue/green; their shares are the strategy's
    out.load_balancers.push_back(std::move(lb));
  }
}

void read_service_connect(Object& service, Service& out) {
  const Node* node = service.get("serviceConnectConfiguration");
  if (node == nullptr) return;
  Object o(*node, service.diagnostics(), service.path_of("serviceConnectConfiguration"));
  out.service_connect = o.boolean("enabled").value_or(false);
  if (!o.has("enabled")) o.missing("enabled", "true or false");
  const auto items = o.list("services");
  for (std::size_t i = 0; i < items.size(); ++i) {
    Object s(items[i], service.diagnostics(), document::join_path(o.path_of("services"), i));
    ServiceConnectName name;
    name.port_name = s.text("portName").value_or("");
    if (name.port_name.empty()) s.missing("portName", "the name of a port mapping");
    name.discovery_name = s.text("discoveryName").value_or(name.port_name);
    s.ignore({"clientAliases", "ingressPortOverride", "tls"});
    s.not_modelled("timeout", "calls have no timeout of their own in the proxy");
    out.connect_names.push_back(std::move(name));
  }
  o.ignore({"namespace", "logConfiguration", "accessLogConfiguration"});
}

}  // namespace

bool Service::on_fargate() const {
  if (launch_type) return *launch_type == LaunchType::fargate;
  return !capacity_providers.empty() && is_fargate_provider(capacity_providers.front().provider);
}

std::string Service::family() const {
  std::string text = task_definition;
  if (const auto slash = text.rfind('/'); slash != std::string::npos) text = text.substr(slash + 1);
  return text.substr(0, text.find(':'));
}

RebalanceService Service::rebalance() const {
  RebalanceService r;
  r.enabled = zone_rebalancing;
  r.daemon = daemon;
  r.external = launch_type == LaunchType::external || controller == DeploymentController::external;
  r.maximum_percent = maximum_percent;
  r.classic_load_balancer = std::any_of(load_balancers.begin(), load_balancers.end(),
                                        [](const ServiceLoadBalancer& lb) { return lb.classic(); });
  r.zone_constraint = std::any_of(constraints.begin(), constraints.end(), [](const ConstraintSpec& c) {
    return c.query && c.query->mentions_attribute("ecs.availability-zone");
  });
  r.has_strategy = !placement.empty();
  r.first_strategy_spreads_zones =
      r.has_strategy && placement.front().type == StrategySpec::Type::spread && placement.front().field == kZone;
  return r;
}

std::optional<Service> read_service(const Node& node, Diagnostics& diagnostics) {
  if (!node.is_mapping()) {
    diagnostics.error(node, "a service is an object");
    return std::nullopt;
  }
  Object o(node, diagnostics, "");
  Service s;
  s.node = node;
  s.name = o.text("serviceName").value_or("");
  if (!o.has("serviceName")) o.missing("serviceName", "a service has one");
  s.task_definition = o.text("taskDefinition").value_or("");
  s.daemon = o.choice<bool>("schedulingStrategy", {{"REPLICA", false}, {"DAEMON", true}}).value_or(false);
  if (s.daemon) {
    s.maximum_percent = 100;
    s.minimum_healthy_percent = 0;
  }
  s.desired_count = o.integer("desiredCount", 0, 5000);
  s.launch_type = read_launch_type(o);
  s.capacity_providers = read_provider_strategy(o);
  if (const Node* controller = o.get("deploymentController")) {
    Object c(*controller, diagnostics, "deploymentController");
    s.controller = c.choice<DeploymentController>("type", {{"ECS", DeploymentController::ecs},
                                                           {"CODE_DEPLOY", DeploymentController::code_deploy},
                                                           {"EXTERNAL", DeploymentController::external}})
                       .value_or(DeploymentController::ecs);
    if (s.controller != DeploymentController::ecs) {
      c.warning("type", "only the deployment controller ECS is modelled; the service is simulated as if it had it");
    }
  }
  read_deployment(o, s);
  s.health_check_grace = seconds(o.integer("healthCheckGracePeriodSeconds", 0, 2'147'483'647).value_or(0));
  if (const auto zones = o.choice<bool>("availabilityZoneRebalancing", {{"ENABLED", true}, {"DISABLED", false}})) {
    s.zone_rebalancing = *zones;
    s.zone_rebalancing_written = true;
  }
  s.placement = read_strategies(o);
  s.constraints = read_constraints(o, true);
  s.network = read_network(o);
  read_load_balancers(o, s);
  read_service_connect(o, s);
  s.service_discovery = !o.list("serviceRegistries").empty();
  s.platform_version = o.text("platformVersion").value_or("LATEST");
  read_monitoring(o);
  o.not_modelled("volumeConfigurations", "EBS volumes of tasks are neither attached nor priced");
  o.not_modelled("vpcLatticeConfigurations", "VPC Lattice is neither priced nor part of the path of calls");
  o.ignore({"cluster", "clientToken", "role", "tags", "enableECSManagedTags", "propagateTags", "enableExecuteCommand",
            "platformFamily", "forceNewDeployment",
            // what describe-services adds
            "serviceArn", "clusterArn", "status", "runningCount", "pendingCount", "deployments", "taskSets", "events",
            "createdAt", "createdBy", "roleArn", "currentServiceDeployment", "currentServiceRevisions",
            "resourceManagementType"});

  if (s.task_definition.empty() && s.controller != DeploymentController::external) {
    o.missing("taskDefinition", "the task definition that the service runs");
  }
  if (s.daemon && o.has("desiredCount") && node.find("serviceArn") == nullptr) {
    o.error("desiredCount", "The daemon scheduling strategy does not support a desired count.");
  }
  if (!s.daemon && !o.has("desiredCount")) o.missing("desiredCount", "required for the scheduling strategy REPLICA");
  if (s.daemon && s.on_fargate()) {
    o.error("schedulingStrategy", "Fargate does not support the scheduling strategy DAEMON.");
  }
  if (s.daemon && !s.placement.empty()) {
    o.error("placementStrategy", "The daemon scheduling strategy does not support placement strategies.");
  }
  if (s.launch_type && !s.capacity_providers.empty()) {
    o.error("capacityProviderStrategy",
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one.");
  }
  if (s.on_fargate()) {
    if (!s.placement.empty()) o.error("placementStrategy", "Placement strategies are not supported with FARGATE.");
    if (!s.constraints.empty())
      o.error("placementConstraints", "Placement constraints are not supported with FARGATE.");
  }
  if (s.load_balancers.empty() && s.health_check_grace > Duration{0}) {
    // VPC Lattice and container checks have a grace period too since 2024.
    o.warning("healthCheckGracePeriodSeconds", "without a load balancer the grace period covers container checks only");
  }
  return s;
}

void check_service(const Service& service, const TaskDefinition& definition, Diagnostics& diagnostics) {
  const auto error = [&](std::string_view key, std::string message, std::string hint = {}) {
    diagnostics.error(mark_of(service.node, key), std::move(message), std::move(hint), std::string(key));
  };
  std::optional<LaunchType> launch = service.launch_type;
  if (!launch && !service.capacity_providers.empty()) {
    launch = service.on_fargate() ? LaunchType::fargate : LaunchType::ec2;
  }
  // A provider of the account's own stands for a group or for Managed Instances; its column knows which.
  const bool fits =
      !launch || definition.compatibilities.empty() || definition.requires_launch(*launch) ||
      (!service.launch_type && launch == LaunchType::ec2 && definition.requires_launch(LaunchType::managed_instances));
  const bool awsvpc = definition.effective_network_mode() == NetworkMode::awsvpc;
  if (!fits) {
    error("launchType", "Task definition does not support launch_type " + std::string(to_string(*launch)) + ".",
          "requiresCompatibilities of " + definition.family + " names other launch types");
  } else if (launch == LaunchType::fargate && definition.compatibilities.empty()) {
    // Not registered for Fargate by name: what Fargate needs must still hold.
    if (!awsvpc || !definition.cpu || !definition.memory) {
      error("launchType", "Task definition does not support launch_type FARGATE.",
            "Fargate needs networkMode awsvpc and cpu and memory of the task");
    }
  }
  if (awsvpc && !service.network) {
    error("networkConfiguration", "Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  }
  if (!awsvpc && service.network) {
    error("networkConfiguration",
          "Network Configuration is not valid for the given networkMode of this task definition.");
  }
  for (const ServiceLoadBalancer& lb : service.load_balancers) {
    const ContainerDefinition* container = definition.find(lb.container);
    if (container == nullptr) {
      error("loadBalancers", "The container " + lb.container + " does not exist in the task definition.");
      continue;
    }
    const bool mapped = std::any_of(container->ports.begin(), container->ports.end(), [&](const PortMapping& p) {
      return p.container_port <= lb.container_port && lb.container_port <= p.last_container_port;
    });
    if (!mapped) {
      error("loadBalancers", "The container " + lb.container + " did not have a container port " +
                                 std::to_string(lb.container_port) + " defined.");
    }
  }
  for (const ServiceConnectName& name : service.connect_names) {
    const bool known = std::any_of(definition.containers.begin(), definition.containers.end(), [&](const auto& c) {
      return std::any_of(c.ports.begin(), c.ports.end(),
                         [&](const PortMapping& p) { return p.name == name.port_name; });
    });
    if (!known) {
      error("serviceConnectConfiguration",
            "no port mapping of " + definition.family + " has the name '" + name.port_name + "'");
    }
  }
  if (service.service_connect && definition.effective_network_mode() != NetworkMode::awsvpc &&
      definition.effective_network_mode() != NetworkMode::bridge) {
    error("serviceConnectConfiguration", "Service Connect needs networkMode awsvpc or bridge");
  }
  if ((service.service_connect || service.service_discovery) && service.desired_count.value_or(0) > 1000) {
    error("desiredCount", "a service with Service Connect or Cloud Map has at most 1000 tasks");
  }
}

}  // namespace plimsoll::ecs::api
