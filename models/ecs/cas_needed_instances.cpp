#include "models/ecs/cas_needed_instances.h"

#include <algorithm>

namespace plimsoll::ecs {
namespace {

/// Tasks of the group that `room` holds when empty; 0 when not even one.
std::int64_t tasks_per_instance(const InstanceRoom& room, const UnplacedGroup& group) {
  std::int64_t fit = group.static_ports || group.distinct_instance ? 1 : INT64_MAX;
  const auto limit = [&fit](std::int64_t have, std::int64_t want) {
    if (want > 0) fit = std::min(fit, have / want);
  };
  limit(room.cpu.raw(), group.cpu.raw());
  limit(room.memory.raw(), group.memory.raw());
  limit(room.enis, group.enis);
  limit(room.gpus, group.gpus);
  return fit;
}

}  // namespace

NeededInstances cas_needed_instances(std::span<const InstanceRoom> types, std::span<const UnplacedGroup> groups,
                                     std::int64_t running_instances, std::int64_t busy_instances,
                                     std::int64_t minimum_step, std::int64_t maximum_step, bool binpacks, bool sums) {
  NeededInstances out;
  InstanceRoom largest;
  InstanceRoom smallest;
  if (!types.empty()) {
    largest = smallest = types[0];
    for (const InstanceRoom& t : types) {
      largest.cpu = std::max(largest.cpu, t.cpu);
      largest.memory = std::max(largest.memory, t.memory);
      largest.enis = std::max(largest.enis, t.enis);
      largest.gpus = std::max(largest.gpus, t.gpus);
      smallest.cpu = std::min(smallest.cpu, t.cpu);
      smallest.memory = std::min(smallest.memory, t.memory);
      smallest.enis = std::min(smallest.enis, t.enis);
      smallest.gpus = std::min(smallest.gpus, t.gpus);
    }
  }
  std::int64_t bound = 0;
  for (const UnplacedGroup& group : groups) {
    if (group.tasks <= 0) continue;
    if (tasks_per_instance(smallest, group) < 1) {
      out.excluded_tasks += group.tasks;
      continue;
    }
    const std::int64_t of_group = div_ceil(group.tasks, tasks_per_instance(largest, group));
    bound = sums ? bound + of_group : std::max(bound, of_group);
  }
  if (bound > 0) {
    out.additional = std::min(binpacks ? std::max(bound, minimum_step) : minimum_step, maximum_step);
    out.needed = running_instances + out.additional;
  } else {
    out.needed = out.excluded_tasks > 0 ? running_instances : busy_instances;
  }
  return out;
}

}  // namespace plimsoll::ecs
