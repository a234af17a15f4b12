#include "models/ecs/capacity_build.h"

#include <utility>

#include "models/ecs/controllers/fargate_waiting.h"

namespace plimsoll::ecs {

aws::AutoScalingGroupConfig group_config(BuildContext& context, const AsgCapacity& asg, NodeGroupId group,
                                         std::vector<InstanceRoom>& rooms) {
  World& world = context.world;
  aws::AutoScalingGroupConfig config;
  config.group = group;
  for (const InstanceOption& o : asg.options) {
    aws::LaunchOption option;
    option.node.instance_type = world.names.intern(o.type->name);
    option.node.capacity.set_cpu(cpu_cores(o.type->vcpu));
    option.node.capacity.set_memory(o.type->memory);
    option.node.allocatable = o.registered;
    for (const auto& [name, value] : asg.attributes)
      option.node.labels.set(world.names.intern(name), world.names.intern(value));
    option.node.labels.set(world.names.intern(kArchitectureAttribute),
                           world.names.intern(aws::to_string(o.type->arch)));
    option.on_demand = o.on_demand;
    option.spot = o.spot;
    config.options.push_back(std::move(option));
    rooms.push_back(
        {o.registered.cpu(), o.registered.memory(), o.registered[Resource::enis], o.registered[Resource::gpus]});
  }
  for (std::size_t z = 0; z < world.zones().size(); ++z) config.zones.emplace_back(z);
  config.delays = asg.delays;
  config.managed_draining = asg.managed_draining;
  config.protect_busy = asg.termination_protection;
  asg.group.apply(config, world.window_start, world.names, context.setting.calendar);
  return config;
}

void meter_managed_instances(BuildContext& context, aws::Meters& meters, const ManagedCapacity& managed,
                             NodeGroupId group, const aws::SurroundingPrices& around) {
  for (std::size_t i = 0; i < managed.types.size(); ++i) {
    const aws::InstanceType& type = *managed.types[i].type;
    aws::InstanceLines lines =
        aws::instance_lines(context, type, managed.on_demand[i], managed.spot[i], around, managed.volume_gib);
    lines.group = group;
    aws::add_management_fee(context, lines, type, managed.on_demand[i], managed.fees[i]);
    meters.add(lines);
  }
}

std::unique_ptr<Component> managed_instances(BuildContext& context, const ManagedCapacity& managed,
                                             ManagedInstancesParameters parameters, const TaskPlacer& task_placer) {
  auto provider = std::make_unique<ManagedInstancesProvider>(
      std::move(parameters), std::make_shared<const std::vector<ManagedType>>(managed.types));
  for (const Workload& w : context.world.workloads()) {
    if (const TaskConstraints* asks = task_placer.constraints_of(w.id)) provider->constrain(w.id, *asks);
  }
  return provider;
}

void add_launchers(BuildContext& context, const CapacityPlan& capacity, const aws::FargateParameters& fargate,
                   const std::vector<WorkloadId>& ids, HandlerId pools) {
  World& world = context.world;
  std::vector<HandlerId> launchers;
  for (std::size_t lane = 0; lane < capacity.providers.size(); ++lane) {
    if (!is_fargate_provider(capacity.providers[lane].name)) continue;
    aws::FargateParameters parameters = fargate;
    parameters.spot = capacity.providers[lane].kind == ProviderKind::fargate_spot;
    parameters.pools = pools;
    const AccountQuotas& quotas = context.setting.faults.quotas;
    parameters.vcpu_quota = parameters.spot ? quotas.fargate_spot : quotas.fargate_on_demand;
    if (capacity.lanes() > 1) parameters.lane = static_cast<std::uint8_t>(lane);
    auto launcher = std::make_unique<aws::FargateLauncher>(parameters);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (capacity.fargate(i)) launcher->serve(ids[i], world.workload(ids[i]).requests);
    }
    launchers.push_back(world.attach(std::move(launcher)));
  }
  world.attach(std::make_unique<FargateWaiting>(std::move(launchers)));
}

}  // namespace plimsoll::ecs
