#pragma once

#include <vector>

#include "sim/document/fields.h"

namespace plimsoll::ecs {

struct CapacityPlan;
struct ServiceFile;

/// The items of `capacityProviderStrategy`, the cluster's default strategy, put in the order of the plan's providers:
/// those of the strategy first, as they are listed there, then those which it does not name, of weight 0, for services
/// that name them. Without a strategy every provider has weight 0: services name theirs or a launch type. Faults go to
/// the fields, as ECS words them where it does: one strategy holds providers of one type (Fargate, Auto Scaling groups,
/// Managed Instances). SOURCE: API PutClusterCapacityProviders; ECS developer guide, "Amazon ECS clusters".
void read_cluster_strategy(document::Fields& capacity, CapacityPlan& plan);

/// FARGATE_SPOT beside FARGATE, without a share of the services that do not ask for it: where the files' own strategies
/// name it. Both are there in every cluster.
void add_spot_of_files(CapacityPlan& plan, const std::vector<ServiceFile>& files);

/// Warns of providers that no service or job gets tasks on: their groups run their least size all the same.
void warn_of_idle_providers(document::Fields& column, const CapacityPlan& plan);

}  // namespace plimsoll::ecs
