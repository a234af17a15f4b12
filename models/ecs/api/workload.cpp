#include "models/ecs/api/workload.h"

#include <algorithm>

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

void describe(const TaskDefinition& definition, const Service* service, WorkloadSpec& spec) {
  spec.ecs = pod_size(definition);
  spec.ecs_file = definition.node.mark().path();
  if (spec.name.empty()) spec.name = service != nullptr ? service->name : definition.family;
  const auto main = std::find_if(definition.containers.begin(), definition.containers.end(),
                                 [](const ContainerDefinition& c) { return c.size.essential && !c.log_router; });
  if (main != definition.containers.end()) spec.image_name = main->image;
  if (service == nullptr) return;
  spec.replicas = service->desired_count.value_or(spec.replicas);
  spec.max_disruption = percent(std::max<std::int64_t>(100 - service->minimum_healthy_percent, 0));
  spec.grace = service->health_check_grace;
  spec.entry = !service->load_balancers.empty();
  spec.spread_zones = service->placement.empty() || service->rebalance().first_strategy_spreads_zones;
}

}  // namespace plimsoll::ecs::api
