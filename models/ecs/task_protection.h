#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/ecs/controllers/service_scheduler.h"
#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

/// `taskProtection` of a column, by app. SOURCE: API UpdateTaskProtection (expiresInMinutes 1 to 2880, 120 without it).
std::vector<std::pair<std::string, TaskProtection>> read_task_protection(document::Fields& column,
                                                                         const Setting& setting);

}  // namespace plimsoll::ecs
