#include "models/aws/eni_density.h"

namespace plimsoll::aws {

std::optional<std::int64_t> awsvpc_task_limit(const InstanceType& type, bool trunking) {
  if (!trunking) return type.ecs_awsvpc_tasks;
  return type.ecs_awsvpc_tasks_trunk;
}

}  // namespace plimsoll::aws
