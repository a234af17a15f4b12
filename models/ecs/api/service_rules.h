#pragma once

#include "models/ecs/api/run_task.h"
#include "models/ecs/api/service.h"
#include "models/ecs/api/task_definition.h"
#include "sim/document/diagnostics.h"

namespace plimsoll::ecs::api {

/// Reports what CreateService refuses of a service by itself: its name, balancers (Classic ones, more than five target
/// groups, target groups without what a shift of traffic needs), external instances behind a balancer or a discovery
/// name, deployment controllers and strategies that exclude each other, zone rebalancing that is ENABLED where it
/// cannot be, platform versions and public addresses of tasks that are not on Fargate, lists that are too long.
/// SOURCE: API CreateService, LoadBalancer, AdvancedConfiguration, LinearConfiguration, CanaryConfiguration,
/// ServiceRegistry, AwsVpcConfiguration (2026); ECS developer guide, "Amazon ECS clusters for external instances",
/// "Load balance Amazon ECS service traffic", "Required resources for Amazon ECS blue/green deployments"; the words of
/// the refusals as users quote them (observed). Left out: what depends on objects of AWS that no file holds (target
/// types, subnets, roles). A service of fixed headroom that says nothing of zone rebalancing is not refused.
void check_service_alone(const Service& service, document::Diagnostics& diagnostics);

/// Likewise of a service together with its task definition: platform versions that a size or a disk needs, Classic Load
/// Balancers before network interfaces, volumes that are configured at launch, the container of a registry.
void check_service_with(const Service& service, const TaskDefinition& definition, document::Diagnostics& diagnostics);

/// What RunTask refuses of its call and the task definition together. SOURCE: API RunTask; as above.
void check_run_task(const RunTask& run, const TaskDefinition& definition, document::Diagnostics& diagnostics);

}  // namespace plimsoll::ecs::api
