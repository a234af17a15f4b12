#pragma once

#include <string>
#include <vector>

#include "sim/cluster/world.h"

namespace plimsoll::ecs {

/// Alarms of a deployment are looked at so often. Our reading: CloudWatch evaluates them once a minute.
inline constexpr Duration kDeploymentAlarmPoll = minutes(1);

/// Whether one of the CloudWatch alarms of these names is in ALARM.
bool any_in_alarm(World& world, const std::vector<std::string>& names);

}  // namespace plimsoll::ecs
