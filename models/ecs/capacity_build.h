#pragma once

#include <memory>
#include <vector>

#include "models/aws/controllers/auto_scaling_group.h"
#include "models/aws/controllers/fargate_launcher.h"
#include "models/aws/controllers/meters.h"
#include "models/aws/surroundings.h"
#include "models/ecs/capacity_plan.h"
#include "models/ecs/controllers/managed_instances_provider.h"
#include "models/ecs/controllers/task_placer.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

/// The Auto Scaling group of a provider, without its pools and launch retry; `rooms`: what each of its types registers.
aws::AutoScalingGroupConfig group_config(BuildContext& context, const AsgCapacity& asg, NodeGroupId group,
                                         std::vector<InstanceRoom>& rooms);

/// Bills the types that a Managed Instances provider may launch, with the fee of each: those of its group, as an Auto
/// Scaling group of the cluster may have the same types without the fee.
void meter_managed_instances(BuildContext& context, aws::Meters& meters, const ManagedCapacity& managed,
                             NodeGroupId group, const aws::SurroundingPrices& around);

/// The component of a Managed Instances provider, which knows what the placer's tasks ask of instances.
std::unique_ptr<Component> managed_instances(BuildContext& context, const ManagedCapacity& managed,
                                             ManagedInstancesParameters parameters, const TaskPlacer& task_placer);

/// A launcher for each Fargate provider of the cluster, for those of `ids` (apps, then jobs) that run on Fargate.
void add_launchers(BuildContext& context, const CapacityPlan& capacity, const aws::FargateParameters& fargate,
                   const std::vector<WorkloadId>& ids, HandlerId pools);

}  // namespace plimsoll::ecs
