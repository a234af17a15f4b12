#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/ecs/api/placement_fields.h"
#include "models/ecs/api/run_task.h"
#include "models/ecs/api/task_definition.h"
#include "models/ecs/controllers/task_constraints.h"
#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

/// Where the tasks of one application may run on container instances, and where best, as its files and the column say.
struct PlacementRules {
  std::vector<api::StrategySpec> strategies;  ///< of its service's or RunTask file; empty: the default
  bool distinct_instance = false;
  std::vector<ClusterQuery> member_of;  ///< of the service, the task definition and the column; by its calendar
  bool awsvpc = true;                   ///< a task takes a network interface; so it is without a file too
  std::vector<PortKey> host_ports;      ///< static ones, of bridge and host mode

  /// Whether the strategies begin with the zones, as they do without any.
  bool zones_first() const;
  /// With the attributes that a chain of these strategies spreads over, interned.
  TaskConstraints constraints(const std::vector<api::StrategySpec>& chain, Names& names) const;
};

/// `place` of a column: strategies of all its services and jobs, by name and field.
struct ColumnPlace {
  std::vector<std::pair<std::string, std::string>> strategies;  ///< ("custom", NAME): of a plugin
  std::vector<CustomPolicyPtr> custom;                          ///< those that `strategies` names

  static ColumnPlace read(document::Fields& column, const Setting& setting);
  StrategyChain chain(Names& names) const;
  /// The spread strategies among them.
  std::vector<api::StrategySpec> spreads() const;
};

/// Whether a column on EC2 has to read the document for its placement.
bool has_placement(const api::RunTask& run);

/// Constraints that a block of the column says: distinctInstance, an expression for memberOf, or a list of them.
PlacementRules read_constraints(document::Fields& block, std::string_view key);

/// The rules of each of `names` (apps, then jobs) from the documents of the setting (a job's from its RunTask call),
/// and the column's `placementConstraints`, which take the place of those of the service's file; none for those that
/// run on Fargate. Faults go to the fields. SOURCE: API CreateService, RunTask, RegisterTaskDefinition
/// (placementConstraints, placementStrategy, networkMode).
std::vector<PlacementRules> read_placement_rules(document::Fields& column, const Setting& setting,
                                                 const std::vector<std::string>& names,
                                                 const std::vector<bool>& on_fargate);

}  // namespace plimsoll::ecs
