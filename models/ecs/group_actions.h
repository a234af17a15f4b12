#pragma once

#include "models/ecs/api/documents.h"
#include "models/ecs/capacity_plan.h"
#include "sim/document/fields.h"

namespace plimsoll::ecs {

/// Gives the groups of a column the scheduled actions of files. AutoScalingGroupName is the name of a capacity
/// provider; a column with one group takes those of any name, and so does a group without a name of its own. An action
/// of the column's own files (`own`) stands above one of the same name among the scenario's.
void add_group_actions(document::Fields& column, const api::Documents& own, const api::Documents& shared,
                       CapacityPlan& capacity);

/// Reports alarms of an instance refresh that the column does not have.
void check_refresh_alarms(document::Fields& column, const CapacityPlan& capacity,
                          const std::vector<std::string_view>& alarms);

}  // namespace plimsoll::ecs
