#pragma once

#include <cstddef>
#include <vector>

#include "models/ecs/capacity_provider_strategy.h"

namespace plimsoll::ecs {

struct CapacityPlan;
struct ServiceFile;

/// Where the tasks of one app or job run in a column whose cluster has several capacity providers.
struct TaskCapacity {
  std::vector<ProviderShare> own;  ///< its strategy, in the order of the providers; empty: the cluster's default
  std::vector<bool> lanes;         ///< by provider: whether it gets tasks of it
  /// Launch type EC2: its tasks go to any container instance of the cluster's groups and have no capacity provider, so
  /// that managed scaling does not see them and they do not wait in PROVISIONING.
  bool plain = false;
  bool unsaid = false;    ///< so because it names nothing and the column has no default strategy
  bool not_held = false;  ///< its strategy names providers that the column does not have: the default holds
  bool mixes = false;     ///< its strategy names providers of several types
};

/// By app, then by job. A service's or RunTask call's capacityProviderStrategy takes the place of the cluster's
/// default; a launch type takes no capacity provider: EC2 any instance of the Auto Scaling groups (where the column has
/// one group that nothing of ECS scales, that provider, which is the same), FARGATE, EXTERNAL and MANAGED_INSTANCES the
/// provider of that type, unless the default has it. A column whose default is on Fargate keeps it for launch type
/// FARGATE, so that the column can say how the same files run with a share of Spot. What no provider of the column can
/// run stays with the default. Without a default strategy what names nothing has launch type EC2. SOURCE: ECS developer
/// guide, "Amazon ECS clusters" (a cluster may hold Fargate, Auto Scaling group and Managed Instances providers beside
/// each other; a strategy only those of one type), "Amazon ECS managed scaling behavior" (tasks without a capacity
/// provider strategy are ignored by capacity providers, and a launch type excludes one).
std::vector<TaskCapacity> task_capacities(const CapacityPlan& capacity, const std::vector<ServiceFile>& files);

}  // namespace plimsoll::ecs
