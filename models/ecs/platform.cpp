#include "models/ecs/platform.h"

#include <algorithm>
#include <optional>

#include "models/aws/controllers/auto_scaling_group.h"
#include "models/aws/controllers/fargate_launcher.h"
#include "models/aws/controllers/meters.h"
#include "models/aws/elb/network_targets.h"
#include "models/aws/image_layers.h"
#include "models/aws/instance_network.h"
#include "models/aws/price_book.h"
#include "models/aws/spot/attach.h"
#include "models/aws/surroundings.h"
#include "models/ecs/capacity_build.h"
#include "models/ecs/capacity_plan.h"
#include "models/ecs/capacity_provider_rules.h"
#include "models/ecs/column_balancers.h"
#include "models/ecs/container_lifecycle.h"
#include "models/ecs/controllers/container_agent.h"
#include "models/ecs/controllers/enhanced_insights.h"
#include "models/ecs/controllers/managed_instances_provider.h"
#include "models/ecs/controllers/managed_scaling.h"
#include "models/ecs/controllers/provider_assignment.h"
#include "models/ecs/controllers/service_scheduler.h"
#include "models/ecs/controllers/task_placer.h"
#include "models/ecs/controllers/task_retirement.h"
#include "models/ecs/daemon_plan.h"
#include "models/ecs/deployment_configuration.h"
#include "models/ecs/deployment_plan.h"
#include "models/ecs/event_rule_plan.h"
#include "models/ecs/external_capacity.h"
#include "models/ecs/fargate_tasks.h"
#include "models/ecs/gpu_tasks.h"
#include "models/ecs/owned_objects.h"
#include "models/ecs/placement_rules.h"
#include "models/ecs/rolling_update.h"
#include "models/ecs/scaling_plan.h"
#include "models/ecs/service_files.h"
#include "models/ecs/service_quotas.h"
#include "models/ecs/standalone_tasks.h"
#include "models/ecs/task_architecture.h"
#include "models/ecs/task_protection.h"
#include "models/ecs/undocumented.h"
#include "models/ecs/windows_tasks.h"
#include "sim/cluster/host_agent.h"
#include "sim/cluster/memory_limits.h"
#include "sim/core/text.h"
#include "sim/policy/application_workload.h"
#include "sim/policy/container_usage.h"
#include "sim/policy/unholdable.h"

namespace plimsoll::ecs {

namespace {

/// Most instances of a provider that has no Auto Scaling group. SOURCE: "Amazon ECS service quotas" (a cluster).
constexpr std::int64_t kUnbounded = 5000;

class EcsPlan : public PlatformPlan {
 public:
  void build(BuildContext& context) const override;
  std::string_view pod_word() const override { return "task"; }
  PlatformNotes notes() const override;
  std::vector<Unholdable> unholdable() const override {
    return together({&capacity.unholdable, &daemons.unholdable, &tasks.unholdable, &gpus.unholdable});
  }

  std::shared_ptr<aws::PriceBook> prices;
  CapacityPlan capacity;
  DaemonPlan daemons;
  StandaloneTasks tasks;
  EventRulePlan rules;
  HookFunctions hook_functions;
  std::vector<std::pair<std::string, TaskProtection>> protections;  // by app
  std::vector<ContainerLifecycle> lifecycles;                       // of the apps, then of the jobs
  WindowsTasks windows;
  TaskArchitectures architectures;
  FargateTasks fargate_tasks;
  GpuTasks gpus;
  std::vector<PlacementRules> placement;  // as lifecycles
  ColumnPlace place;
  aws::FargateParameters fargate;
  aws::SurroundingPrices around;
  Surroundings balancers;          // and the rest of what stands around the column
  OwnedObjects owned;              // of the real files
  std::vector<ServiceFile> files;  // as lifecycles
  std::vector<bool> rebalances;    // zones, by app
  ScalingPlan scaling;
  ServiceSchedulerParameters scheduler;
  TaskPlacerParameters placer;
  ContainerAgentParameters agents;
  TaskRetirementPlan retirement;
  HostProfile ec2_host, fargate_host;
  bool run_task_spreads = false;
  SplitRule split = SplitRule::largest_deficit;
  Duration launch_retry = minutes(1);
  bool sidecar = false;
  Duration sidecar_work{};
  aws::ImageLayers image_layers;
  TaskImages images;
  std::size_t services = 0;
  bool has_alarms() const { return provider_alarms() + scaling.standard_alarms() > 0; }
  std::vector<std::string> overrides;  // fields of the real files that this column replaces

 private:
  /// Of one app or job, by its index: what the column says, else its service's file.
  StrategyChain chain(std::size_t index, Names& names) const;
  TaskConstraints constraints(std::size_t index, Names& names) const;
  /// That managed scaling makes.
  std::int64_t provider_alarms() const { return 2 * static_cast<std::int64_t>(scaling.managed.size()); }
  void add_groups(BuildContext& context, aws::Meters& meters, TaskPlacer& placer, HandlerId pools) const;
};

StrategyChain EcsPlan::chain(std::size_t index, Names& names) const {
  // Managed Instances pack tasks; spread over zones first, as services are everywhere.
  if (capacity.uses(index, ProviderKind::managed_instances))
    return {spread_over_zones(), binpack_strategy(BinpackField::memory)};
  StrategyChain out =
      place.strategies.empty() ? api::make_chain(placement[index].strategies, names) : place.chain(names);
  return out.empty() ? default_service_strategies() : out;
}

TaskConstraints EcsPlan::constraints(std::size_t index, Names& names) const {
  TaskConstraints out =
      placement[index].constraints(place.strategies.empty() ? placement[index].strategies : place.spreads(), names);
  if (architectures.instances_differ) {
    out.architecture_attribute = names.intern(kArchitectureAttribute);
    out.architecture = names.intern(aws::to_string(architectures.of[index]));
  }
  return out;
}

PlatformNotes EcsPlan::notes() const {
  PlatformNotes n;
  n.low_confidence = prices->weak_rows();
  n.overrides = overrides;
  n.objects = owned;
  n.objects.emplace_back("scaling policy", scaling.policies());
  add_balancer_objects(balancers, n.objects);
  if (!tasks.schedules.empty())
    n.objects.emplace_back("EventBridge schedule", static_cast<std::int64_t>(tasks.schedules.size()));
  if (!rules.rules.empty()) n.objects.emplace_back("EventBridge rule", static_cast<std::int64_t>(rules.rules.size()));
  if (!scaling.logs.metrics.empty())
    n.objects.emplace_back("CloudWatch Logs metric filter", static_cast<std::int64_t>(scaling.logs.metrics.size()));
  if (rules.functions() + hook_functions.count > 0)
    n.objects.emplace_back("Lambda function", rules.functions() + hook_functions.count);
  if (!scaling.alarms.empty())
    n.objects.emplace_back("CloudWatch alarm", static_cast<std::int64_t>(scaling.alarms.size()));
  add_capacity_objects(capacity, n.objects);
  return n;
}

void EcsPlan::build(BuildContext& context) const {
  World& world = context.world;
  world.host_profiles[static_cast<std::size_t>(HostKind::ec2)] = ec2_host;
  world.host_profiles[static_cast<std::size_t>(HostKind::fargate)] = fargate_host;

  std::vector<WorkloadId> ids;
  auto agent = std::make_unique<HostAgent>();
  agent->limit_pulls(HostKind::ec2, 0);
  agent->share_network(aws::networks_of(prices));
  auto meters = std::make_unique<aws::Meters>(context.bill.handler);
  auto service_scheduler = std::make_unique<ServiceScheduler>(scheduler);
  auto task_placer = std::make_unique<TaskPlacer>(placer);
  auto assignment = std::make_unique<ProviderAssignment>(capacity.with_plain(capacity.strategy, false), split);
  std::optional<aws::FargateLines> fargate_meter;
  if (capacity.has_fargate()) fargate_meter = usual_fargate_lines(context, capacity);
  if (hook_functions.prices) service_scheduler->bill_hooks(hook_functions.prices->lines(context));
  std::optional<aws::FargateLines> windows_meter;
  if (windows.any()) windows_meter = windows.lines(context);
  const auto task_lines = [&](std::size_t i) {
    return fargate_tasks.lines(context, windows.is_windows[i] ? *windows_meter : *fargate_meter, i);
  };
  for (const WorkloadSpec& spec : context.setting.workloads) {
    PodShape shape;
    shape.requests.set_cpu(spec.ecs.cpu);
    shape.requests.set_memory(spec.ecs.memory);
    const PlacementRules& where = placement[ids.size()];
    shape.requests[Resource::enis] = where.awsvpc ? 1 : 0;
    shape.requests[Resource::pods] = 1;
    shape.requests[Resource::gpus] = gpus.gpus[ids.size()];
    shape.requests_anything = true;
    Workload w;
    w.name = world.names.intern(spec.name);
    w.behind_balancer = takes_balancers(capacity) && (spec.entry || files[ids.size()].balanced);
    w.shape = world.shapes.intern(shape);
    w.requests = shape.requests;
    const PodBounds bounds = pod_bounds(spec, spec.ecs_containers, spec.ecs, true);
    const bool on_fargate = capacity.fargate(ids.size());
    w.cpu_limit = on_fargate ? spec.ecs.cpu : bounds.cpu_limit;
    w.desired = spec.replicas == 0 ? spec.minimum : spec.replicas;
    describe_application(spec, bounds, world.names, w);
    aws::split_image(image_layers, spec.name, w, world.names, *agent);
    const ContainerLifecycle& lifecycle = lifecycles[ids.size()];
    images.add(lifecycle.further_images, spec.ecs_containers, w, world.names);
    fill_template(spec, w);
    if (!lifecycle.never_starts.empty()) w.start_wait += lifecycle.start_wait;
    w.restart = lifecycle.restart;
    if (spec.service_connect && sidecar) w.extra_work = sidecar_work;
    const WorkloadId id = world.add_workload(std::move(w));
    ids.push_back(id);
    agent->prepare(id, preparation_of(lifecycle, ec2_host.container_start.mean()));
    DeploymentConfiguration deployment =
        deployment_configuration(spec, prices->as_of().ecs_circuit_breaker_minimum, rebalances[ids.size() - 1]);
    deployment.has_checks = world.workload(id).behind_balancer || !lifecycle.unchecked;
    if (world.workload(id).behind_balancer) deployment.target_checks.emplace();
    if (!deployment.has_checks) deployment.healthy_after = kHealthyAfterRunning;
    deployment.never_ready = !lifecycle.never_starts.empty();
    service_scheduler->manage(id, on_fargate, chain(ids.size() - 1, world.names), deployment);
    const auto guarded = std::find_if(protections.begin(), protections.end(),
                                      [&](const auto& entry) { return entry.first == spec.name; });
    if (guarded != protections.end()) service_scheduler->protect(id, guarded->second);
    if (!capacity.waits(ids.size() - 1)) service_scheduler->wait_for_ever(id);
    if (capacity.lanes() > 1) assignment->assign(id, capacity.strategy_of(ids.size() - 1));
    if (!on_fargate) {
      TaskNeed need;
      need.cpu = spec.ecs.cpu;
      need.memory = spec.ecs.memory;
      need.enis = where.awsvpc ? 1 : 0;
      need.gpus = gpus.gpus[ids.size() - 1];
      task_placer->serve(id, need, chain(ids.size() - 1, world.names));
      TaskConstraints where_to = constraints(ids.size() - 1, world.names);
      service_scheduler->spread_over(id, where_to.spread_attributes);
      task_placer->constrain(id, std::move(where_to));
    } else {
      meters->add(id, task_lines(ids.size() - 1));
    }
  }

  const std::vector<WorkloadId> jobs = tasks.add_workloads(world, *agent, capacity);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    complete_job(world, *agent, jobs[i], lifecycles[ids.size() + i], images, ec2_host.container_start.mean());
    if (capacity.lanes() > 1) assignment->assign(jobs[i], capacity.strategy_of(ids.size() + i));
    if (capacity.fargate(ids.size() + i)) {
      meters->add(jobs[i], task_lines(ids.size() + i));
      continue;
    }
    TaskNeed need;
    need.cpu = tasks.jobs[i].ecs.cpu;
    need.memory = tasks.jobs[i].ecs.memory;
    const std::size_t index = ids.size() + i;
    need.enis = placement[index].awsvpc ? 1 : 0;
    need.gpus = gpus.gpus[index];
    const bool random = !run_task_spreads && place.strategies.empty() && placement[index].strategies.empty();
    task_placer->serve(jobs[i], need, random ? default_run_task_strategies() : chain(index, world.names));
    task_placer->constrain(jobs[i], constraints(index, world.names));
    if (!capacity.waits(index)) task_placer->refuse_without_room(jobs[i]);
  }

  add_surroundings_here(context, *meters, around, balancers, ids);
  aws::Meters& lines = *meters;
  world.attach(std::move(meters));
  attach_memory_limits(world, world.attach(std::move(agent)));
  std::vector<WorkloadId> all = ids;
  all.insert(all.end(), jobs.begin(), jobs.end());
  attach_start_timeouts(world, lifecycles, all);
  std::vector<std::string_view> pool_types = capacity.instance_types();
  if (capacity.has(ProviderKind::fargate_spot)) pool_types.push_back(aws::kFargateSpotPool);
  const HandlerId pools = aws::attach_faults(world, *prices, context.setting.faults, pool_types);
  if (capacity.lanes() > 1) world.attach(std::move(assignment));
  HeldPorts ports;
  for (std::size_t i = 0; i < placement.size(); ++i) {
    if (!capacity.fargate(i) && !placement[i].host_ports.empty()) ports.emplace_back(all[i], placement[i].host_ports);
  }
  for (auto& [daemon, held] : daemons.build(world, ports)) task_placer->hold_ports(daemon, std::move(held));
  world.attach(std::move(service_scheduler));
  auto task_runner = tasks.runner(jobs, context.setting.calendar, world.window_start);
  const HandlerId runner = task_runner != nullptr ? world.attach(std::move(task_runner)) : HandlerId{};
  scaling.logs.build(context, lines, static_cast<std::int64_t>(services + daemons.services.size()),
                     static_cast<std::int64_t>(services + daemons.services.size() + tasks.jobs.size()));
  if (scaling.logs.enhanced_insights) {
    std::vector<InsightTask> watched;
    for (std::size_t i = 0; i < all.size(); ++i)
      watched.push_back({all[i], lifecycles[i].insight, i < ids.size(), capacity.fargate(i)});
    for (const Workload& w : world.workloads()) {
      if (w.daemon) watched.push_back({w.id, {}, true});
    }
    add_enhanced_insights(context, lines, scaling.logs.enhanced_metric_month, !capacity.on_fargate, watched);
  }
  scaling.build(context, lines, around, ids, provider_alarms());
  rules.build(context, ids, runner, {capacity, placement, lifecycles});
  if (capacity.has_fargate()) {
    add_launchers(context, capacity, fargate, all, pools);
    if (!retirement.retired_after.empty())
      world.attach(std::make_unique<TaskRetirement>(retirement, ids, context.setting.calendar));
  }
  if (capacity.on_fargate) {
    world.attach(std::make_unique<ContainerAgents>(agents));
    return;
  }
  TaskPlacer& attached_placer = *task_placer;
  world.attach(std::move(task_placer));
  add_groups(context, lines, attached_placer, pools);
}

void EcsPlan::add_groups(BuildContext& context, aws::Meters& meters, TaskPlacer& task_placer, HandlerId pools) const {
  World& world = context.world;
  auto groups = std::make_unique<aws::AutoScalingGroups>();
  auto container_agents = std::make_unique<ContainerAgents>(agents);
  for (const aws::ImageLayers::Image& image : image_layers.images) {
    for (const auto& layer : image.layers) container_agents->add_layer(aws::layer_name(layer.first, world.names));
  }
  std::vector<std::unique_ptr<Component>> scalings, others;
  std::vector<std::string_view> metered;
  std::vector<NodeGroupId> plain;  // where tasks of launch type EC2 go
  std::vector<std::vector<NodeGroupId>> service_groups(services);
  for (std::size_t lane = 0; lane < capacity.providers.size(); ++lane) {
    const CapacityProvider& provider = capacity.providers[lane];
    if (is_fargate_provider(provider.name)) {
      task_placer.add_lane({});
      continue;
    }
    const std::int64_t minimum = provider.asg ? provider.asg->minimum : 0;
    const NodeGroupId group = world.add_group({.id = {},
                                               .name = world.names.intern(provider.name),
                                               .minimum = minimum,
                                               .maximum = provider.asg ? provider.asg->maximum : kUnbounded,
                                               .desired = minimum,
                                               .launches = 0});
    if (capacity.lanes() > 1) task_placer.add_lane({group});
    if (provider.external || (provider.asg && !provider.asg->managed_scaling))
      task_placer.do_not_provision(lane, {group});
    if (provider.asg) plain.push_back(group);
    for (std::size_t i = 0; i < services; ++i) {
      if (capacity.uses(i, lane)) service_groups[i].push_back(group);
    }
    const std::int64_t disk = provider.asg       ? provider.asg->volume_gib
                              : provider.managed ? provider.managed->volume_gib
                                                 : 0;
    if (disk > 0) container_agents->set_disk(group, gibibytes(disk));
    if (provider.managed) {
      meter_managed_instances(context, meters, *provider.managed, group, around);
      ManagedInstancesParameters parameters = provider.managed->parameters;
      parameters.group = group;
      parameters.daemons = daemons.taken(provider.name);
      parameters.lane = static_cast<std::uint8_t>(lane);
      parameters.pools = pools;
      others.push_back(managed_instances(context, *provider.managed, std::move(parameters), task_placer));
      continue;
    }
    if (provider.external) {
      others.push_back(external_instances(context, meters, *provider.external, group));
      continue;
    }
    const AsgCapacity& asg = *provider.asg;
    std::vector<InstanceRoom> rooms;
    aws::AutoScalingGroupConfig config = group_config(context, asg, group, rooms);
    for (const InstanceOption& o : asg.options) {
      if (std::find(metered.begin(), metered.end(), o.type->name) != metered.end()) continue;
      metered.push_back(o.type->name);
      meters.add(aws::instance_lines(context, *o.type, o.on_demand, o.spot, around, asg.volume_gib));
    }
    config.launch_retry = launch_retry;
    config.pools = pools;
    groups->add(std::move(config));
    if (asg.spot_draining || asg.managed_draining) container_agents->drain_on_notice(group);
    if (asg.managed_scaling) {
      auto managed =
          std::make_unique<ManagedScaling>(group, asg.scaling, std::move(rooms), static_cast<std::uint8_t>(lane));
      for (const Workload& w : world.workloads()) {
        const TaskConstraints* asks = task_placer.constraints_of(w.id);
        if (asks != nullptr && (asks->distinct_instance || !asks->host_ports.empty()))
          managed->one_an_instance(w.id, asks->distinct_instance, !asks->host_ports.empty());
      }
      scalings.push_back(std::move(managed));
      continue;
    }
    if (!asg.policies.empty())
      scalings.push_back(std::make_unique<ClusterReservationScaling>(group, asg.policies,
                                                                     world.find_component<aws::CloudWatch>()->handler));
    if (!asg.predictions.empty())
      scalings.push_back(
          std::make_unique<aws::GroupPredictiveScaling>(group, asg.predictions, context.setting.calendar));
  }
  auto* service_scheduler = world.find_component<ServiceScheduler>();
  for (std::size_t i = 0; i < services && capacity.lanes() > 1; ++i)
    service_scheduler->place_on(WorkloadId{i}, std::move(service_groups[i]));
  if (capacity.has_plain()) {
    task_placer.add_lane(plain);
    task_placer.do_not_provision(capacity.providers.size(), plain);
  }
  world.attach(std::move(groups));
  for (auto& other : others) world.attach(std::move(other));
  world.attach(std::move(container_agents));
  for (auto& component : scalings) world.attach(std::move(component));
  publish_reservations(world);
}

class EcsType : public PlatformType {
 public:
  std::string_view name() const override { return "ecs"; }
  std::unique_ptr<PlatformPlan> parse(document::Fields& f, const Setting& setting) const override;

 private:
  /// `checks`: of a balancer that a new target passes.
  static void parse_delays(document::Fields& f, const Setting& setting, std::int64_t checks, EcsPlan& plan);
};

void EcsType::parse_delays(document::Fields& f, const Setting& setting, std::int64_t checks, EcsPlan& plan) {
  document::Fields d = f.child("delays", "delays of the real path; each may be a constant or a law");
  HostProfile host;
  host.prepare = d.delay("ec2Prepare", Delay::uniform(seconds(3), seconds(7)),
                         "ECS guide: awsvpc attach adds several seconds", "ENI and sandbox on EC2");
  host.container_start =
      d.delay("containerStart", Delay::constant(seconds(1)), "assumed", "create and start of the containers");
  host.serial_pulls = false;
  host.image_cache = true;
  host.images_side_by_side = true;
  host.pull_bytes_per_s =
      d.bytes("ec2PullRate", Bytes{40'000'000}, "assumed: download and unpack 40 MB/s", "bytes a second").raw();
  host.probe_period =
      d.duration("healthInterval", seconds(10), "retail store task definitions", "container health check interval");
  host.endpoint_propagation = d.delay("discovery", Delay::uniform(seconds(1), seconds(5)),
                                      "assumed: Service Connect endpoint update", "healthy to traffic, internal");
  const bool network = setting.around.entry_on_network();
  host.balancer_registration = d.delay("targetHealth",
                                       network ? aws::NetworkTargets::registration()
                                               : Delay::uniform(seconds(30 * checks - 29), seconds(30 * checks + 1)),
                                       network ? aws::NetworkTargets::kRegistrationSource
                                               : "ELB: the first of the checks every 30 s makes a new target healthy",
                                       "healthy to traffic, behind the balancer");
  host.stop_plain =
      d.duration("stop", seconds(5), "assumed: the application ends within 5 s of SIGTERM", "SIGTERM to stopped");
  const Duration draining = setting.around.deregistration_delay;
  host.stop_balanced = host.stop_plain + (network ? aws::NetworkTargets::draining(draining) : draining);
  host.slow_start = setting.around.slow_start;
  host.lost_target_balanced =
      d.delay("lostTargetHealth", network ? aws::NetworkTargets::lost() : host.lost_target_balanced,
              network ? aws::NetworkTargets::kLostSource : "ELB: two failed checks of 30 s and a time-out of 5 s",
              "death of a host until the balancer leaves its tasks out");
  host.lost_target_plain = d.delay("lostTargetDiscovery", Delay::uniform(seconds(1), seconds(5)),
                                   "assumed: Service Connect proxies eject a target after 5 failures in a row",
                                   "death of a host until other services leave its tasks out");
  // The task stops when an essential container does, and the service replaces what is unhealthy.
  host.failed_pull_ends_pod = true;
  host.liveness_restarts = false;
  const std::string_view behaviors[] = {"default", "always", "once", "prefer-cached"};
  const std::size_t behavior = f.one_of("imagePullBehavior", behaviors, 0, "ECS_IMAGE_PULL_BEHAVIOR default",
                                        "whether the agent asks the registry about an image that it has");
  host.cached_image_asks_registry = behavior < 2;
  plan.agents.cleanup = ImageCleanupPolicy::read(f, plan.capacity.on_fargate);
  plan.agents.cleanup.enabled = plan.agents.cleanup.enabled && behavior != 3;  // prefer-cached keeps what it has
  plan.ec2_host = host;
  plan.fargate_host = aws::read_fargate_host(d, host);
  plan.fargate.provision = d.delay("fargateProvision", plan.fargate.provision, "published start times less pull times",
                                   "launch to image pull");
  plan.scheduler.reaction = d.delay("serviceScheduler", plan.scheduler.reaction,
                                    "our reading: within 1 to 5 s of an event", "change to reaction");
  plan.scaling.cloudwatch.publication_delay = d.duration("metricPublication", plan.scaling.cloudwatch.publication_delay,
                                                         "not documented; 1 min", "end of a minute to its datapoint");
  if (!d.has("metricPublication")) return;
  for (CapacityProvider& p : plan.capacity.providers) {
    if (p.asg) p.asg->scaling.publication_delay = plan.scaling.cloudwatch.publication_delay;
  }
}

std::unique_ptr<PlatformPlan> EcsType::parse(document::Fields& f, const Setting& setting) const {
  auto plan = std::make_unique<EcsPlan>();
  plan->prices = aws::PriceBook::open(f, setting);
  if (plan->prices == nullptr) {
    f.allow_unknown();
    return nullptr;
  }
  plan->around = aws::SurroundingPrices::read(*plan->prices, f, setting);
  plan->capacity = CapacityPlan::read(f, *plan->prices, setting);
  check_capacity_providers(f, plan->capacity);
  plan->balancers = column_surroundings(setting, plan->capacity);
  plan->daemons = DaemonPlan::read(f, setting, plan->capacity);
  plan->tasks = StandaloneTasks::read(f, setting, *plan->prices, plan->capacity);
  plan->rules = EventRulePlan::read(f, setting, *plan->prices, plan->tasks);
  const aws::AsOf& as_of = plan->prices->as_of();
  const ServiceQuotas quotas = ServiceQuotas::read(f, as_of, plan->capacity.on_fargate, plan->capacity.has_fargate());
  plan->fargate.quota = quotas.fargate;
  plan->scheduler.launches_per_minute = quotas.tasks_per_service_per_minute;
  plan->tasks.rate = quotas.run_task;
  const Undocumented undocumented = Undocumented::read(f, as_of, plan->capacity.on_fargate);
  plan->scheduler.launch_window = undocumented.launch_window;
  plan->daemons.breaker_minimum = as_of.ecs_circuit_breaker_minimum;
  plan->scheduler.replaces_old = as_of.date >= aws::Date{2025, 11, 1};
  plan->scheduler.throttle = plan->daemons.throttle = undocumented.throttle;
  plan->placer = undocumented.placer;
  plan->placer.provisioning_limit = quotas.provisioning_tasks;
  plan->run_task_spreads = undocumented.run_task_spreads;
  plan->split = undocumented.split;
  plan->fargate.retry = plan->launch_retry = undocumented.launch_retry;
  for (CapacityProvider& p : plan->capacity.providers) {
    if (!p.asg) continue;
    p.asg->scaling.sums_groups = undocumented.needed_sums;
    p.asg->scaling.publication_delay = undocumented.reservation_publication;
  }
  plan->place = ColumnPlace::read(f, setting);
  if (!plan->place.strategies.empty() && plan->capacity.has(ProviderKind::managed_instances) &&
      !plan->capacity.has(ProviderKind::auto_scaling_group))
    f.error("place", "Managed Instances take no placement strategies", "remove `place`: ECS packs tasks itself");
  if (!plan->place.strategies.empty() && plan->capacity.on_fargate && !plan->capacity.providers.empty())
    f.error("place", "Fargate takes no placement strategies", "remove `place`, or use capacity: {asg: ...}");
  parse_delays(f, setting, undocumented.new_target_checks, *plan);
  plan->retirement = TaskRetirementPlan::read(f, plan->capacity.has_fargate());
  plan->protections = read_task_protection(f, setting);
  std::vector<std::string> names;
  for (const WorkloadSpec& w : setting.workloads) names.push_back(w.name);
  for (const JobSpec& j : setting.jobs) names.push_back(j.name);
  plan->lifecycles = read_lifecycles(setting, names, plan->ec2_host.container_start.mean());
  plan->architectures = TaskArchitectures::read(f, setting, plan->capacity);
  for (std::size_t i = 0; i < plan->architectures.of.size(); ++i)
    plan->lifecycles[i].arm64 = plan->architectures.of[i] == aws::Architecture::arm64;
  plan->placement = read_placement_rules(f, setting, names, plan->capacity.each_fargate(names.size()));
  plan->files = read_service_files(setting, names);
  plan->gpus = GpuTasks::read(f, setting, *plan->prices, plan->capacity, plan->lifecycles);
  plan->tasks.gpus.assign(plan->gpus.gpus.begin() + static_cast<std::ptrdiff_t>(setting.workloads.size()),
                          plan->gpus.gpus.end());
  for (std::size_t i = setting.workloads.size(); i < names.size(); ++i)
    plan->tasks.enis.push_back(plan->placement[i].awsvpc ? 1 : 0);
  plan->windows = WindowsTasks::read(f, setting, *plan->prices, plan->capacity, plan->lifecycles);
  plan->fargate_tasks = FargateTasks::read(f, *plan->prices, plan->capacity, plan->lifecycles);
  warn_of_lifecycles(f, names, setting.workloads.size(), plan->lifecycles);
  plan->services = setting.workloads.size();
  plan->hook_functions = HookFunctions::read(f, setting, *plan->prices);
  const Duration publication_delay = plan->scaling.cloudwatch.publication_delay;
  plan->scaling = read_scaling(f, setting, *plan->prices, plan->capacity);
  plan->scaling.cloudwatch.publication_delay = publication_delay;
  plan->scaling.cloudwatch.extra_periods = undocumented.alarm_range;
  plan->scaling.cooldown_reading = undocumented.cooldown_reading;
  if (plan->has_alarms()) plan->around.read_alarms(*plan->prices, f);
  check_deployment_alarms(f, setting, plan->daemons.services, plan->scaling);
  plan->image_layers = aws::read_image_layers(f, setting);
  plan->images = TaskImages::read(f);
  const std::string_view meshes[] = {"sidecar", "ignore"};
  plan->sidecar = f.one_of("serviceConnect", meshes, 0, "as the services' files say",
                           "Service Connect proxies beside the tasks") == 0;
  plan->sidecar_work = f.duration("serviceConnectWork", microseconds(200), "assumed: 0.1 ms each way in the proxy",
                                  "CPU time the proxy adds to a request");
  if (plan->capacity.providers.empty() && !f.describing()) {
    f.ignore("launchType");  // the capacity has had its own fault
  } else {
    plan->overrides = replaced_launch_types(f, setting, names, plan->capacity, plan->files);
  }
  for (std::string& left : left_out_balancers(setting, plan->capacity)) plan->overrides.push_back(std::move(left));
  check_service_strategies(f, names, plan->capacity);
  plan->rebalances = zone_rebalancing(f, setting, plan->capacity, plan->place, plan->placement, plan->files,
                                      as_of.ecs_zone_rebalancing_default);
  warn_of_balancers(f, setting, plan->files);
  warn_of_slow_starts(f, setting, plan->files, plan->capacity);
  warn_of_unmet_constraints(f, setting, names, plan->capacity, plan->placement);
  plan->owned = objects_of_files(setting, static_cast<std::int64_t>(plan->daemons.services.size()));
  return plan;
}

}  // namespace

std::unique_ptr<PlatformType> ecs_platform() { return std::make_unique<EcsType>(); }

}  // namespace plimsoll::ecs
