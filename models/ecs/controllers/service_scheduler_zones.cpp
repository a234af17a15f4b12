#include <algorithm>
#include <array>
#include <span>

#include "models/ecs/az_rebalance.h"
#include "models/ecs/controllers/service_scheduler.h"
#include "models/ecs/controllers/task_placer.h"
#include "models/ecs/deployment_percent.h"
#include "models/ecs/zone_balance.h"

// How the tasks of a service are evened out over the zones.

namespace plimsoll::ecs {

namespace {

constexpr Duration kFirstPause = minutes(5), kLongestPause = hours(1);

}  // namespace

/// Starts tasks where there are fewest, and once they are healthy stops as many where there are most.
void ServiceScheduler::rebalance(World& world, WorkloadId id, Service& s) {
  const Time now = world.now();
  const Workload& w = world.workload(id);
  const auto placed_in = [&](std::size_t zone) {
    return std::count_if(w.pods.begin(), w.pods.end(), [&](PodId pod) {
      const Pod& p = world.pod(pod);
      return p.state != PodState::stopping && p.state != PodState::pending && world.node(p.node).zone.index() == zone;
    });
  };
  const auto zones_of = [&] {
    std::vector<std::int64_t> per_zone;
    std::vector<std::size_t> zones;
    for (std::size_t z = 0; z < world.zones().size(); ++z) {
      if (!world.zone_available(ZoneId{z})) continue;
      zones.push_back(z);
      per_zone.push_back(parameters_.recount ? placed_in(z) : z < s.placed_in.size() ? s.placed_in[z] : 0);
    }
    return std::pair(zones, per_zone);
  };
  const DeploymentBounds bounds = deployment_bounds(w.desired, 0, s.configuration.maximum_percent);
  if (s.extra > 0) {
    // Steady with the extra tasks: now those that are too many in their zones go.
    std::vector<std::vector<PodId>> there(world.zones().size());
    for (const PodId pod : w.pods) {
      const Pod& p = world.pod(pod);
      if (p.state != PodState::stopping && p.state != PodState::pending)
        there[world.node(p.node).zone.index()].push_back(pod);
    }
    for (; s.extra > 0; --s.extra) {
      const auto [zones, per_zone] = zones_of();
      const auto fullest = std::max_element(per_zone.begin(), per_zone.end()) - per_zone.begin();
      stop(world, id, s, there[zones[static_cast<std::size_t>(fullest)]], 1, Reason::zone_rebalance);
    }
    const auto [zones, per_zone] = zones_of();
    if (!rebalance_plan(w.desired, per_zone, bounds.upper).balanced) {
      pause_rebalancing(world, s);
    } else {
      s.rebalance_pause = kFirstPause;
      s.rebalance_after = now + s.rebalance_pause;
    }
    return;
  }
  // Nearly always it is balanced, which takes no lists to see.
  std::array<std::int64_t, 8> tasks{};
  if (!parameters_.recount && world.zones().size() <= tasks.size()) {
    std::size_t available = 0;
    for (std::size_t z = 0; z < world.zones().size(); ++z) {
      if (world.zone_available(ZoneId{z})) tasks[available++] = z < s.placed_in.size() ? s.placed_in[z] : 0;
    }
    if (is_balanced(w.desired, std::span(tasks).first(available))) return;
  }
  const auto [zones, per_zone] = zones_of();
  const RebalancePlan plan = rebalance_plan(w.desired, per_zone, bounds.upper);
  if (plan.balanced) return;
  if (now < s.rebalance_after) {
    wake_at(world, id, s.rebalance_after);
    return;
  }
  for (std::size_t z = 0; z < plan.start.size(); ++z)
    s.extra += s.fargate ? plan.start[z] : room_in(world, id, zones[z], plan.start[z]);
  if (s.extra == 0) {
    pause_rebalancing(world, s);
    wake_at(world, id, s.rebalance_after);
    return;
  }
  s.extra_since = now;
  s.watching = true;
  start_tasks(world, id, s, s.extra, s.revision);
  wake_at(world, id, now + kExtraLimit);
}

/// An attempt to even out the zones failed: the next one comes later and later.
void ServiceScheduler::pause_rebalancing(const World& world, Service& s) {
  s.rebalance_after = world.now() + s.rebalance_pause;
  s.rebalance_pause = std::min(s.rebalance_pause * 2, kLongestPause);
}

/// How many tasks of a service the instances that there are in a zone can take, up to `enough`.
std::int64_t ServiceScheduler::room_in(World& world, WorkloadId id, std::size_t zone, std::int64_t enough) {
  view_.refresh(world, id, services_[id.index()].groups);
  const InstanceColumns& instances = view_.columns();
  const ResourceVector& task = world.workload(id).requests;
  TaskNeed need;
  need.cpu = std::max(task.cpu(), Cpu{1});
  need.memory = std::max(task.memory(), Bytes{1});
  need.enis = task[Resource::enis];
  need.gpus = task[Resource::gpus];
  const auto* placer = world.find_component<TaskPlacer>();
  const TaskConstraints* asks = placer != nullptr ? placer->constraints_of(id) : nullptr;
  if (asks != nullptr && !asks->empty())
    masks_.apply(
        world, *asks, [placer](WorkloadId other) { return placer->host_ports_of(other); }, view_, need);
  const bool one_an_instance = need.distinct_instance || !need.host_ports.empty();
  std::int64_t room = 0;
  for (std::size_t i = 0; i < instances.size() && room < enough; ++i) {
    if (i % kInstanceBlock == 0 && instances.block_free_cpu[i / kInstanceBlock] < need.cpu.raw()) {
      i += kInstanceBlock - 1;  // full, all of them
      continue;
    }
    if (instances.zone[i] != zone || first_failure(instances, need, i)) continue;
    std::int64_t here = std::min(instances.free_cpu[i] / need.cpu.raw(), instances.free_memory[i] / need.memory.raw());
    if (need.enis > 0) here = std::min(here, instances.free_enis[i] / need.enis);
    if (need.gpus > 0) here = std::min(here, instances.free_gpus[i] / need.gpus);
    room += one_an_instance ? 1 : here;
  }
  return std::min(room, enough);
}

}  // namespace plimsoll::ecs
