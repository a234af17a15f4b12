#pragma once

#include <string>
#include <vector>

#include "models/aws/controllers/meters.h"
#include "models/aws/surroundings.h"
#include "models/ecs/capacity_plan.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

/// Whether a balancer of AWS can stand before the tasks: external instances do not support service load balancing, so
/// that a column of them alone has none, nor its public addresses and capacity units. SOURCE: ECS developer guide,
/// "Amazon ECS clusters for external instances" (considerations).
bool takes_balancers(const CapacityPlan& capacity);

/// What stands around this column, of what the scenario has around each.
Surroundings column_surroundings(const Setting& setting, const CapacityPlan& capacity);

/// The remark on what was left out; empty where nothing was.
std::vector<std::string> left_out_balancers(const Setting& setting, const CapacityPlan& capacity);

/// aws::add_surroundings with the surroundings `here` in the place of the scenario's.
void add_surroundings_here(BuildContext& context, aws::Meters& meters, const aws::SurroundingPrices& prices,
                           const Surroundings& here, const std::vector<WorkloadId>& workloads);

}  // namespace plimsoll::ecs
