#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "models/ecs/placement.h"

namespace plimsoll::ecs {

/// What a service's events say of a task that no container instance can take: the closest match, and why it is none;
/// after it how many instances fail for which reason, by the names that RunTask failures have. The closest match is the
/// instance that passes most of the checks in their order, the first of equals (ours: the service does not tell how it
/// chooses). Instances that are not ACTIVE, or of other capacity providers than the task's, are not spoken of; "AGENT"
/// is said of an ACTIVE one whose agent is disconnected. `group`: the service's name, or the family of a stand-alone
/// task; `name_of` names an instance. @pre no instance can take the task. SOURCE: ECS developer guide, "Amazon ECS
/// service event messages"; "Amazon ECS API failure reasons".
std::string unable_to_place(std::string_view group, const InstanceColumns& instances, const TaskNeed& need,
                            const std::function<std::string(std::uint32_t)>& name_of);

}  // namespace plimsoll::ecs
