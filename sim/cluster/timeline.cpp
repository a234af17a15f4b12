#include "sim/cluster/timeline.h"

#include <algorithm>

#include "sim/cluster/revision_history.h"

namespace plimsoll {

namespace {

/// None when the world has neither such an application nor such a daemon.
WorkloadId application(const World& world, const std::string& name) {
  const NameId id = world.names.find(name);
  for (const Workload& w : world.workloads()) {
    if (w.name == id && (!w.system || w.daemon)) return w.id;
  }
  return {};
}

ZoneId zone_of(const World& world, const std::string& name) {
  const NameId id = world.names.find(name);
  for (std::size_t z = 0; z < world.zones().size(); ++z) {
    if (world.zones()[z] == id) return ZoneId{z};
  }
  return {};
}

}  // namespace

void Timeline::start(World& world) {
  for (std::size_t i = 0; i < events_.size(); ++i) {
    world.wake(handler, world.window_start + events_[i].at, Phase::facts, (i << 8) | kBegin);
  }
}

void Timeline::handle(World& world, const Event& event) {
  const std::size_t index = event.payload >> 8;
  if ((event.payload & 0xffu) == kEnd) {
    world.restore_zone(zone_of(world, std::get<ZoneFailure>(events_[index].what).zone));
    return;
  }
  std::visit([&](const auto& what) { happen(world, what, index); }, events_[index].what);
}

void Timeline::happen(World& world, const ScaleEvent& event, std::size_t /*index*/) const {
  const WorkloadId id = application(world, event.workload);
  if (id.is_none()) return;
  const Workload& w = world.workload(id);
  const std::int64_t minimum = event.minimum.value_or(w.minimum);
  const std::int64_t maximum = event.maximum.value_or(w.maximum);
  // One of the two given may cross the other, which then gives way.
  if (event.maximum && !event.minimum) {
    world.set_bounds(id, std::min(minimum, maximum), maximum);
  } else {
    world.set_bounds(id, minimum, std::max(minimum, maximum));
  }
}

void Timeline::happen(World& world, const NodeFailure& event, std::size_t index) const {
  const Stream stream = world.stream(hash_text("event") + index, Purpose::fault);
  for (std::int64_t k = 0; k < event.count; ++k) {
    std::vector<NodeId> candidates;
    for (const NodeId id : world.live_nodes()) {
      const Node& n = world.node(id);
      const bool runs = n.state == NodeState::ready || n.state == NodeState::draining;
      if (!runs || n.is_lost()) continue;
      if (event.node.empty() ? n.app_pod_count > 0 : world.names.text(n.name) == event.node) candidates.push_back(id);
    }
    if (candidates.empty()) return;
    world.lose_node(candidates[stream.below(candidates.size(), static_cast<std::uint64_t>(k))]);
  }
}

void Timeline::happen(World& world, const ZoneFailure& event, std::size_t index) const {
  const ZoneId zone = zone_of(world, event.zone);
  if (zone.is_none()) return;
  world.lose_zone(zone);
  if (event.lasts) world.wake(handler, world.now() + *event.lasts, Phase::facts, (index << 8) | kEnd);
}

void Timeline::happen(World& world, const DeployEvent& event, std::size_t /*index*/) const {
  const WorkloadId id = application(world, event.workload);
  if (id.is_none()) return;
  const Workload& w = world.workload(id);
  PodTemplate next = w.template_of(w.revision);
  if (!next.images.empty()) {
    // Another tag: no host has it yet.
    std::string name(world.names.text(w.images.front().first));
    name += "@" + std::to_string(w.newest_revision() + 1);
    next.images.front().first = world.names.intern(name);
    if (event.image) next.images.front().second = *event.image;
  }
  if (event.start_cpu) next.start_cpu_seconds = to_seconds(*event.start_cpu);
  if (event.start_wait) next.start_wait = *event.start_wait;
  if (event.start_cores) next.start_cores = *event.start_cores;
  if (event.work_scale) next.work_scale = *event.work_scale;
  next.errors = event.errors;
  next.fails = event.fails;
  world.deploy(id, std::move(next));
}

void Timeline::happen(World& world, const ControlPlaneUpdate& event, std::size_t /*index*/) const {
  world.each_component<ManagedControlPlane>([&](ManagedControlPlane& c) { c.update_version(world, event.version); });
}

void Timeline::happen(World& world, const SchedulingGatesRemoval& event, std::size_t /*index*/) const {
  const auto all = world.workloads();
  for (const Workload& w : all) {
    if (w.system || world.names.text(w.name) != event.workload) continue;
    for (const PodId id : w.pods) {
      if (world.pod(id).state != PodState::pending) continue;
      PodShape shape = world.shapes[world.pod(id).shape];
      if (shape.scheduling_gates == 0) continue;
      shape.scheduling_gates = 0;
      world.edit_pod(id).shape = world.shapes.intern(shape);
      world.each_component<WatchesPodUpdates>([&](WatchesPodUpdates& c) { c.pod_updated(world, id); });
    }
  }
}

void Timeline::happen(World& world, const RollbackEvent& event, std::size_t /*index*/) const {
  const WorkloadId id = application(world, event.workload);
  if (id.is_none()) return;
  const Workload& w = world.workload(id);
  const auto to = static_cast<std::uint32_t>(event.to.value_or(w.template_of(w.newest_revision()).replaces));
  if (to == 0 || to == w.revision || to > w.newest_revision()) return;
  bool there = true;
  world.each_component<RevisionHistory>([&](RevisionHistory& h) { there = h.can_roll_back(world, id, to) && there; });
  if (!there) return;
  world.set_revision(id, to, Reason::rollback);
}

}  // namespace plimsoll
