#pragma once

#include "models/ecs/api/task_definition.h"
#include "sim/policy/workload_spec.h"

namespace plimsoll::ecs::api {

/// Size of one task in neutral words. CPU at container level only is a share, so there is no CPU limit then.
PodSize pod_size(const TaskDefinition& definition);

}  // namespace plimsoll::ecs::api
