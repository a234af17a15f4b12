#include "models/ecs/api/workload.h"

namespace plimsoll::ecs::api {

PodSize pod_size(const TaskDefinition& definition) {
  const TaskReservation r = definition.reservation();
  PodSize size;
  size.cpu = cpu_ecs_units(r.cpu);
  size.memory = mebibytes(r.memory);
  if (const auto limit = definition.cpu_limit()) size.cpu_limit = cpu_ecs_units(*limit);
  if (const auto limit = definition.memory_limit()) size.memory_limit = mebibytes(*limit);
  return size;
}

}  // namespace plimsoll::ecs::api
