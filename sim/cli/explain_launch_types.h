#pragma once

#include <string>

#include "sim/cli/explain.h"

namespace plimsoll::cli {

/// "Not counted: tasks of old, api, whose launch type EC2 names no capacity provider.": the services and jobs with
/// tasks that may run on the group's instances and that its managed scaling does not see. Empty without such.
std::string unseen_tasks_text(Subject& subject, NodeGroupId group);

}  // namespace plimsoll::cli
