#pragma once

#include <cstdint>
#include <vector>

#include "models/aws/price_book.h"
#include "models/ecs/capacity_plan.h"
#include "models/ecs/container_lifecycle.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

/// GPUs that each app's and then each job's tasks reserve on their container instance: resourceRequirements of the task
/// definition, or, where only a Kubernetes file describes the app, nvidia.com/gpu of its pods. A task is placed on an
/// instance with so many GPUs free, and managed scaling counts them. SOURCE: ECS developer guide, "Task definitions for
/// GPU workloads" (a GPU is assigned to one container; Fargate has none; instances run the GPU-optimized AMI). As with
/// sizes, RegisterTaskDefinition refuses for Fargate what an instance would never have room for: a task that no group
/// has the GPUs for is registered and waits, with RESOURCE:GPU. Left out: GPU instance types of Managed Instances, GPUs
/// of ECS Anywhere machines.
struct GpuTasks {
  std::vector<std::int64_t> gpus;      ///< by app, then by job
  std::vector<Unholdable> unholdable;  ///< refused by Fargate, or more than an instance of a group has

  /// Reports tasks for which the column has no instance type, and accelerators other than NVIDIA's.
  static GpuTasks read(document::Fields& column, const Setting& setting, const aws::PriceBook& prices,
                       const CapacityPlan& capacity, const std::vector<ContainerLifecycle>& lifecycles);
};

}  // namespace plimsoll::ecs
