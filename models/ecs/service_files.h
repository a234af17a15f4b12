#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/ecs/api/documents.h"
#include "models/ecs/az_rebalance.h"
#include "models/ecs/capacity_plan.h"
#include "models/ecs/capacity_provider_strategy.h"
#include "models/ecs/placement_rules.h"
#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

/// Of tasks on providers of this kind.
api::LaunchType launch_type_of(ProviderKind kind);

/// What the service or RunTask file of one app or job, and its task definition, say that has no neutral word.
struct ServiceFile {
  bool there = false;                ///< a file of a service, or of RunTask
  bool balanced = false;             ///< loadBalancers: its tasks are targets
  bool classic_balancer = false;     ///< one of them is a Classic Load Balancer
  bool external_controller = false;  ///< deploymentController EXTERNAL
  bool awsvpc = false;               ///< networkMode of its task definition
  std::optional<api::LaunchType> launch_type;
  std::vector<api::LaunchType> compatibilities;  ///< requiresCompatibilities; empty: any
  std::vector<ProviderShare> providers;          ///< capacityProviderStrategy

  /// What its own file wants or allows, at the first words of it; empty: any.
  bool supports(api::LaunchType type) const;
  /// "FARGATE", "EC2, EXTERNAL": for messages. @pre it does not support some type.
  std::string supported() const;
};

/// The files of each of `names` (apps, then jobs) among the documents of the setting.
std::vector<ServiceFile> read_service_files(const Setting& setting, const std::vector<std::string>& names);

/// The column's `launchType` and what it replaces of the files, each as one sentence. As ECS does, it refuses task
/// definitions whose requiresCompatibilities, services and RunTask calls whose launch type or capacity providers name
/// other launch types than that of the capacity, and network mode awsvpc on external instances, unless the column says
/// its launch type: that of the providers in the column's strategy, on which those tasks run then. SOURCE: API
/// CreateService, RunTask ("Task definition does not support launch_type EC2"); ECS developer guide, "Amazon ECS
/// clusters for external instances" (no awsvpc), "Amazon ECS Managed Instances" (requiresCompatibilities
/// MANAGED_INSTANCES).
std::vector<std::string> replaced_launch_types(document::Fields& column, const Setting& setting,
                                               const std::vector<std::string>& names, const CapacityPlan& capacity,
                                               const std::vector<ServiceFile>& files);

/// Says what is to be said of the capacity provider strategy of each app and job, CapacityPlan::tasks. Errors:
/// providers of several types, no place at all. Warnings: names that the column does not have, launch type EC2 beside
/// managed scaling, providers without tasks. SOURCE: task_capacity.h.
void check_service_strategies(document::Fields& column, const std::vector<std::string>& names,
                              const CapacityPlan& capacity);

/// Whether ECS evens out the zones of each app: where it is wanted (`by_default`: as new services have it) and the
/// service is eligible. One warning names those whose service or scenario says ENABLED although they are not. ECS turns
/// the default off where it cannot be, and ignores what is written. SOURCE: az_rebalance.h.
std::vector<bool> zone_rebalancing(document::Fields& column, const Setting& setting, const CapacityPlan& capacity,
                                   const ColumnPlace& place, const std::vector<PlacementRules>& placement,
                                   const std::vector<ServiceFile>& files, bool by_default);

/// Warns of services that their files register with load balancers although requests do not enter there: their tasks
/// are targets, but whose balancers they are no file tells.
void warn_of_balancers(document::Fields& column, const Setting& setting, const std::vector<ServiceFile>& files);

/// Warns of applications behind a load balancer whose start takes longer than its checks and the health check grace
/// period allow: their tasks are replaced before they are ready, again and again.
void warn_of_slow_starts(document::Fields& column, const Setting& setting, const std::vector<ServiceFile>& files,
                         const CapacityPlan& capacity);

/// Warns of placement constraints that no instance type of a Managed Instances provider meets in any zone: the tasks
/// stay in PROVISIONING.
void warn_of_unmet_constraints(document::Fields& column, const Setting& setting, const std::vector<std::string>& names,
                               const CapacityPlan& capacity, const std::vector<PlacementRules>& placement);

}  // namespace plimsoll::ecs
