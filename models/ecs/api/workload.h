#pragma once

#include "models/ecs/api/service.h"
#include "models/ecs/api/task_definition.h"
#include "sim/policy/workload_spec.h"

namespace plimsoll::ecs::api {

/// Size of one task in neutral words. CPU at container level only is a share, so there is no CPU limit then.
PodSize pod_size(const TaskDefinition& definition);

/// Puts into `spec` what the files say: name, ECS size, replicas, image, zone spread, disruption limit, grace, whether
/// a load balancer stands in front. What files cannot say (work of a request, calls, scaling) stays as it is. `service`
/// may be null: a task definition alone names and sizes.
void describe(const TaskDefinition& definition, const Service* service, WorkloadSpec& spec);

}  // namespace plimsoll::ecs::api
