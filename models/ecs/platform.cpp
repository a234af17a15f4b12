#include "models/ecs/platform.h"

#include <algorithm>
#include <optional>

#include "models/aws/controllers/auto_scaling_group.h"
#include "models/aws/controllers/fargate_launcher.h"
#include "models/aws/controllers/meters.h"
#include "models/aws/fargate/task_size.h"
#include "models/aws/price_book.h"
#include "models/aws/surroundings.h"
#include "models/ecs/controllers/managed_scaling.h"
#include "models/ecs/controllers/service_scheduler.h"
#include "models/ecs/controllers/task_placer.h"
#include "models/ecs/ecs_metrics.h"
#include "models/ecs/scaling_plan.h"
#include "sim/cluster/host_agent.h"

namespace plimsoll::ecs {

namespace {

/// Root volume of the ECS-optimised image. SOURCE: Amazon ECS-optimized Linux AMIs (30 GiB).
constexpr std::int64_t kRootVolumeGib = 30;

struct AsgCapacity {
  const aws::InstanceType* type = nullptr;
  std::int64_t minimum = 0, maximum = 0;
  ManagedScalingParameters scaling;
  bool termination_protection = false, managed_draining = true;
  bool eni_trunking = false;
  std::int64_t volume_gib = kRootVolumeGib;
  aws::InstanceDelays delays;
  Rate on_demand, spot;
  ResourceVector registered;
};

class EcsPlan : public PlatformPlan {
 public:
  void build(BuildContext& context) const override;
  std::string_view pod_word() const override { return "task"; }
  PlatformNotes notes() const override;

  std::shared_ptr<aws::PriceBook> prices;
  std::optional<AsgCapacity> asg;  // absent: Fargate
  std::vector<std::pair<std::string, std::string>> strategies;
  std::vector<CustomPolicyPtr> custom_strategies;  // those that `strategies` names as "custom"
  aws::FargateParameters fargate;
  Rate fargate_vcpu, fargate_gb;
  aws::SurroundingPrices around;
  ScalingPlan scaling;
  ServiceSchedulerParameters scheduler;
  TaskPlacerParameters placer;
  HostProfile ec2_host, fargate_host;
  bool sidecar = false;
  Duration sidecar_work{};
  std::size_t services = 0;
  std::vector<std::string> overrides;  // fields of the real files that this column replaces

 private:
  StrategyChain chain() const;
};

StrategyChain EcsPlan::chain() const {
  StrategyChain out;
  for (const auto& [type, field] : strategies) {
    if (type == "random") out.push_back(random_strategy());
    if (type == "binpack") out.push_back(binpack_strategy(field == "cpu" ? BinpackField::cpu : BinpackField::memory));
    if (type == "custom")
      out.push_back(custom_strategy(find_custom(custom_strategies, CustomPolicy::Kind::ecs_placement, field)));
    if (type == "spread") out.push_back(field == "zone" ? spread_over_zones() : spread_over_instances());
  }
  return out.empty() ? default_service_strategies() : out;
}

PlatformNotes EcsPlan::notes() const {
  PlatformNotes n;
  n.low_confidence = prices->weak_rows();
  n.overrides = overrides;
  n.objects = {{"ECS cluster", 1},
               {"ECS service", static_cast<std::int64_t>(services)},
               {"task definition", static_cast<std::int64_t>(services)},
               {"target group and listener rule", 1},
               {"scaling policy", scaling.policies()}};
  if (!scaling.alarms.empty()) n.objects.emplace_back("CloudWatch alarm", static_cast<std::int64_t>(scaling.alarms.size()));
  if (asg) {
    n.objects.emplace_back("Auto Scaling group", 1);
    n.objects.emplace_back("launch template", 1);
    n.objects.emplace_back("capacity provider", 1);
  }
  return n;
}

void EcsPlan::build(BuildContext& context) const {
  World& world = context.world;
  world.host_profiles[static_cast<std::size_t>(HostKind::ec2)] = ec2_host;
  world.host_profiles[static_cast<std::size_t>(HostKind::fargate)] = fargate_host;

  std::vector<WorkloadId> ids;
  auto meters = std::make_unique<aws::Meters>(context.bill.handler);
  auto service_scheduler = std::make_unique<ServiceScheduler>(scheduler);
  auto task_placer = std::make_unique<TaskPlacer>(placer);
  auto launcher = std::make_unique<aws::FargateLauncher>(fargate);
  std::optional<aws::FargateLines> fargate_meter;
  if (!asg) {
    fargate_meter = aws::fargate_lines(context, fargate_vcpu, fargate_gb, "Amazon Elastic Container Service", "Task");
  }
  for (const WorkloadSpec& spec : context.setting.workloads) {
    PodShape shape;
    shape.requests.set_cpu(spec.ecs.cpu);
    shape.requests.set_memory(spec.ecs.memory);
    shape.requests[Resource::enis] = 1;
    shape.requests[Resource::pods] = 1;
    shape.requests_anything = true;
    Workload w;
    w.name = world.names.intern(spec.name);
    w.behind_balancer = spec.entry;
    w.shape = world.shapes.intern(shape);
    w.requests = shape.requests;
    w.cpu_limit = asg ? spec.ecs.cpu_limit.value_or(Cpu{}) : spec.ecs.cpu;
    w.desired = spec.replicas;
    w.minimum = spec.minimum;
    w.maximum = spec.maximum;
    w.images = {{world.names.intern(spec.image_name.empty() ? spec.name : spec.image_name), spec.image}};
    w.start_cpu_seconds = spec.start_cpu_seconds;
    w.start_cores = spec.start_cores;
    w.start_wait = spec.start_wait;
    w.idle_cores = to_cores(spec.idle_cpu);
    w.memory_used = resident_memory(spec, spec.ecs);
    w.memory_per_request = spec.per_request;
    if (spec.service_connect && sidecar) w.extra_work = sidecar_work;
    const WorkloadId id = world.add_workload(std::move(w));
    ids.push_back(id);
    const std::int64_t healthy_percent = 100 - spec.max_disruption.raw() / 10'000;
    service_scheduler->manage(id, !asg, chain(), healthy_percent, 200);
    if (asg) {
      TaskNeed need;
      need.cpu = spec.ecs.cpu;
      need.memory = spec.ecs.memory;
      need.enis = 1;
      task_placer->serve(id, need, chain());
    } else {
      launcher->serve(id, shape.requests);
      meters->add(id, *fargate_meter);
    }
  }

  NodeGroupId group;
  if (asg) {
    group = world.add_group({.id = {},
                             .name = world.names.intern("asg"),
                             .minimum = asg->minimum,
                             .maximum = asg->maximum,
                             .desired = asg->minimum,
                             .launches = 0});
    meters->add(
        aws::instance_lines(context, *asg->type, asg->on_demand, asg->spot, around.gp3_gb_month, asg->volume_gib));
  }
  aws::add_surroundings(context, *meters, around, ids);
  aws::Meters& lines = *meters;
  world.attach(std::move(meters));
  world.attach(std::make_unique<HostAgent>());
  world.attach(std::move(service_scheduler));
  scaling.build(context, lines, around, ids, asg ? 2 : 0);
  if (!asg) {
    world.attach(std::move(launcher));
    return;
  }
  world.attach(std::move(task_placer));
  auto groups = std::make_unique<aws::AutoScalingGroups>();
  aws::AutoScalingGroupConfig config;
  config.group = group;
  config.node.instance_type = world.names.intern(asg->type->name);
  config.node.capacity.set_cpu(cpu_cores(asg->type->vcpu));
  config.node.capacity.set_memory(asg->type->memory);
  config.node.allocatable = asg->registered;
  for (std::size_t z = 0; z < world.zones().size(); ++z) config.zones.emplace_back(z);
  config.delays = asg->delays;
  config.managed_draining = asg->managed_draining;
  config.protect_busy = asg->termination_protection;
  groups->add(std::move(config));
  world.attach(std::move(groups));
  InstanceRoom room;
  room.cpu = asg->registered.cpu();
  room.memory = asg->registered.memory();
  room.enis = asg->registered[Resource::enis];
  world.attach(std::make_unique<ManagedScaling>(group, asg->scaling, room));
}

class EcsType : public PlatformType {
 public:
  std::string_view name() const override { return "ecs"; }
  std::unique_ptr<PlatformPlan> parse(document::Fields& f, const Setting& setting) const override;

 private:
  static void parse_asg(document::Fields& f, document::Fields& capacity, EcsPlan& plan);
  static void check_sizes(document::Fields& f, const Setting& setting, const EcsPlan& plan);
  static void parse_place(document::Fields& f, const Setting& setting, EcsPlan& plan);
  static void parse_delays(document::Fields& f, const Setting& setting, EcsPlan& plan);
};

void EcsType::parse_asg(document::Fields& f, document::Fields& capacity, EcsPlan& plan) {
  AsgCapacity asg;
  {
    document::Fields g = capacity.required_child("asg", "the Auto Scaling group of the capacity provider");
    const std::string type = g.required_text("type", "EC2 instance type");
    if (!type.empty()) asg.type = plan.prices->type(g, "type", type);
    asg.minimum = g.integer("min", 0, "EC2 Auto Scaling MinSize has no default; 0 here", "least instances", {0, 5000});
    asg.maximum = g.integer("max", 100, "no default on AWS; 100 here", "most instances", {0, 5000});
    if (asg.minimum > asg.maximum)
      g.error("min", "min " + std::to_string(asg.minimum) + " is above max " + std::to_string(asg.maximum));
    asg.volume_gib = g.integer("volumeGiB", kRootVolumeGib, "ECS-optimized AMI", "root volume, GiB gp3", {0, 16384});
    asg.delays.pending =
        g.delay("pending", asg.delays.pending, "assumed: 14 s median from call to running", "launch call to running");
    asg.delays.join = g.delay("join", Delay::lognormal(seconds(50), 0.3, seconds(30)),
                              "assumed: boot, agent and registration 50 s median", "running to registered");
    if (asg.type != nullptr) {
      asg.on_demand = plan.prices->on_demand(g, "type", *asg.type);
      asg.spot = plan.prices->spot(*asg.type);
    }
  }
  const Ppm target = capacity.ratio("target", percent(100), "ECS ManagedScaling.targetCapacity default",
                                    "target of CapacityProviderReservation", {percent(1), percent(100)});
  asg.scaling.target_capacity = target.raw() / 10'000;
  asg.scaling.minimum_step = capacity.integer("minimumScalingStepSize", 1, "ECS API default", "instances", {1, 10000});
  asg.scaling.maximum_step =
      capacity.integer("maximumScalingStepSize", 10000, "ECS API default", "instances", {1, 10000});
  asg.scaling.warmup =
      capacity.duration("instanceWarmupPeriod", seconds(300), "ECS API default", "before an instance counts as warm");
  asg.termination_protection = capacity.boolean("managedTerminationProtection", false, "ECS API default DISABLED",
                                                "scale-in takes empty instances only");
  asg.managed_draining =
      capacity.boolean("managedDraining", true, "ECS API default ENABLED", "drain before an instance ends");
  asg.eni_trunking = f.boolean("eniTrunking", false, "ECS account setting awsvpcTrunking is off by default",
                               "more awsvpc tasks an instance");
  if (asg.type != nullptr) {
    asg.registered.set_cpu(cpu_cores(asg.type->vcpu));
    asg.registered.set_memory(mebibytes(estimated_mem_total_mib(asg.type->memory.raw() / kMiB)));
    asg.registered[Resource::pods] = 100'000;
    asg.registered[Resource::enis] = asg.type->ecs_awsvpc_tasks;
    if (asg.eni_trunking) {
      if (asg.type->ecs_awsvpc_tasks_trunk) {
        asg.registered[Resource::enis] = *asg.type->ecs_awsvpc_tasks_trunk;
      } else {
        f.error("eniTrunking", std::string(asg.type->name) + " does not support ENI trunking");
      }
    }
  }
  plan.asg = asg;
}

void EcsType::parse_place(document::Fields& f, const Setting& setting, EcsPlan& plan) {
  for (const std::string& text :
       f.texts("place", "placement strategies in order: random, binpack(cpu|memory), spread(zone|instance)")) {
    const auto open = text.find('(');
    const std::string type = text.substr(0, open);
    const std::string field = open == std::string::npos ? "" : text.substr(open + 1, text.size() - open - 2);
    const bool good = (type == "random" && open == std::string::npos) ||
                      (type == "binpack" && (field == "cpu" || field == "memory")) ||
                      (type == "spread" && (field == "zone" || field == "instance"));
    const CustomPolicyPtr custom = find_custom(setting.custom, CustomPolicy::Kind::ecs_placement, text);
    if (!good && custom != nullptr) {
      plan.custom_strategies.push_back(custom);
      plan.strategies.emplace_back("custom", text);
    } else if (!good) {
      f.error("place", "unknown placement strategy '" + text + "'",
              "allowed: random, binpack(cpu), binpack(memory), spread(zone), spread(instance), or a strategy out of a "
              "--plugin library");
    } else {
      plan.strategies.emplace_back(type, field);
    }
  }
  if (!plan.strategies.empty() && !plan.asg)
    f.error("place", "Fargate takes no placement strategies", "remove `place`, or use capacity: {asg: ...}");
}

void EcsType::check_sizes(document::Fields& f, const Setting& setting, const EcsPlan& plan) {
  for (const WorkloadSpec& w : setting.workloads) {
    if (!plan.asg) {
      const std::int64_t most = plan.prices->as_of().fargate_max_vcpu;
      if (!aws::is_fargate_size(w.ecs.cpu, w.ecs.memory, most)) {
        const auto next = aws::smallest_fargate_size(w.ecs.cpu, w.ecs.memory, most);
        f.error(
            "capacity",
            "Fargate has no task size " + to_string(w.ecs.cpu) + " / " + to_string(w.ecs.memory) + " (" + w.name + ")",
            next ? "the next larger one is " + to_string(next->cpu) + " / " + to_string(next->memory)
                 : "it is larger than the largest size");
      }
      continue;
    }
    if (plan.asg->type == nullptr) continue;
    const ResourceVector& room = plan.asg->registered;
    if (w.ecs.cpu > room.cpu() || w.ecs.memory > room.memory() || room[Resource::enis] < 1) {
      f.error("capacity", "no " + std::string(plan.asg->type->name) + " can hold a task of " + w.name + " (" +
                              to_string(w.ecs.cpu) + " / " + to_string(w.ecs.memory) + "): it registers " +
                              to_string(room.cpu()) + " / " + to_string(room.memory()));
    }
  }
}

void EcsType::parse_delays(document::Fields& f, const Setting& setting, EcsPlan& plan) {
  document::Fields d = f.child("delays", "delays of the real path; each may be a constant or a law");
  HostProfile host;
  host.prepare = d.delay("ec2Prepare", Delay::uniform(seconds(3), seconds(7)),
                         "ECS guide: awsvpc attach adds several seconds", "ENI and sandbox on EC2");
  host.container_start =
      d.delay("containerStart", Delay::constant(seconds(1)), "assumed", "create and start of the containers");
  host.serial_pulls = false;
  host.image_cache = true;
  host.pull_bytes_per_s =
      d.bytes("ec2PullRate", Bytes{40'000'000}, "assumed: download and unpack 40 MB/s", "bytes a second").raw();
  host.probe_period =
      d.duration("healthInterval", seconds(10), "retail store task definitions", "container health check interval");
  host.endpoint_propagation = d.delay("discovery", Delay::uniform(seconds(1), seconds(5)),
                                      "assumed: Service Connect endpoint update", "healthy to traffic, internal");
  host.balancer_registration = d.delay("targetHealth", Delay::uniform(seconds(1), seconds(31)),
                                       "ELB: the first of the checks every 30 s makes a new target healthy",
                                       "healthy to traffic, behind the balancer");
  host.stop_plain =
      d.duration("stop", seconds(5), "assumed: the application ends within 5 s of SIGTERM", "SIGTERM to stopped");
  host.stop_balanced = host.stop_plain + setting.around.deregistration_delay;
  plan.ec2_host = host;
  plan.fargate_host = host;
  plan.fargate_host.prepare = Delay::constant(Duration{});
  plan.fargate_host.image_cache = false;
  plan.fargate_host.pull_bytes_per_s =
      d.bytes("fargatePullRate", Bytes{15'000'000},
              "413 MB image in 53 to 62 s less provisioning (elasticscale.com 2024)", "bytes a second")
          .raw();
  plan.fargate.provision = d.delay("fargateProvision", plan.fargate.provision, "published start times less pull times",
                                   "launch to image pull");
  plan.scheduler.reaction = d.delay("serviceScheduler", plan.scheduler.reaction,
                                    "our reading: within 1 to 5 s of an event", "change to reaction");
  plan.scaling.cloudwatch.publication_delay =
      d.duration("metricPublication", plan.scaling.cloudwatch.publication_delay, "not documented; 1 min",
                 "end of a minute to its datapoint");
}

std::unique_ptr<PlatformPlan> EcsType::parse(document::Fields& f, const Setting& setting) const {
  auto plan = std::make_unique<EcsPlan>();
  plan->prices = aws::PriceBook::open(f, setting);
  const auto capacity =
      f.any("capacity", "fargate, or {asg: {type: ..., min: ..., max: ...}, target: 100%}", "where tasks run");
  if (plan->prices == nullptr) {
    f.allow_unknown();
    return nullptr;
  }
  plan->around = aws::SurroundingPrices::read(*plan->prices, f);
  if (!capacity) {
    f.error("capacity", "capacity is missing",
            "write capacity: fargate, or capacity: {asg: {type: m5.xlarge, min: 3, max: 40}}");
  } else if (capacity->is_mapping()) {
    document::Fields c(*capacity, f.reader(), f.path_of("capacity"));
    parse_asg(f, c, *plan);
  } else if (capacity->is_scalar() && capacity->text() == "fargate") {
    plan->fargate_vcpu = plan->prices->service(f, "fargate", "linux_x86_64_vcpu");
    plan->fargate_gb = plan->prices->service(f, "fargate", "linux_x86_64_mem");
    const aws::AsOf& as_of = plan->prices->as_of();
    plan->fargate.quota = {as_of.fargate_launch_burst, as_of.fargate_launch_per_second};
    plan->scheduler.launches_per_minute = as_of.ecs_service_launch_per_minute_fargate;
  } else {
    f.error("capacity", "capacity must be fargate or a mapping with asg");
  }
  if (plan->asg) plan->scheduler.launches_per_minute = plan->prices->as_of().ecs_service_launch_per_minute_ec2;
  plan->placer.provisioning_limit = plan->prices->as_of().ecs_provisioning_limit;
  parse_place(f, setting, *plan);
  parse_delays(f, setting, *plan);
  plan->services = setting.workloads.size();
  const Duration publication_delay = plan->scaling.cloudwatch.publication_delay;
  plan->scaling = read_scaling(f, setting, *plan->prices);
  plan->scaling.cloudwatch.publication_delay = publication_delay;
  const std::string_view meshes[] = {"sidecar", "ignore"};
  plan->sidecar = f.one_of("serviceConnect", meshes, 0, "as the services' files say",
                           "Service Connect proxies beside the tasks") == 0;
  plan->sidecar_work = f.duration("serviceConnectWork", microseconds(200), "assumed: 0.1 ms each way in the proxy",
                                  "CPU time the proxy adds to a request");
  check_sizes(f, setting, *plan);
  const std::string_view launch = plan->asg ? "EC2" : "FARGATE";
  const std::string_view other = plan->asg ? "FARGATE" : "EC2";
  std::string replaced;
  for (const WorkloadSpec& w : setting.workloads) {
    if (w.ecs_launch_type == other) replaced += (replaced.empty() ? "" : ", ") + w.name;
  }
  if (!replaced.empty()) {
    plan->overrides.push_back("launch type " + std::string(launch) + " replaces " + std::string(other) +
                              " of the files of " + replaced);
  }
  return plan;
}

}  // namespace

std::unique_ptr<PlatformType> ecs_platform() { return std::make_unique<EcsType>(); }

}  // namespace plimsoll::ecs
