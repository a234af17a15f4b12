#include "models/ecs/controllers/managed_instances_provider.h"

#include <algorithm>

#include "sim/core/payload.h"

namespace plimsoll::ecs {

ManagedInstancesProvider::ManagedInstancesProvider(ManagedInstancesParameters parameters,
                                                   std::shared_ptr<const std::vector<ManagedType>> types)
    : parameters_(std::move(parameters)), types_(std::move(types)), rooms_(*types_) {
  for (ManagedType& t : rooms_) {
    for (const Resource r : {Resource::cpu, Resource::memory, Resource::enis})
      t.registered[r] -= parameters_.daemons[r];
  }
}

void ManagedInstancesProvider::start(World& world) {
  launches_.assign(types_->size() * world.zones().size(), 0);
  if (parameters_.scale_in_after) world.wake(handler, world.now() + optimise_after(), Phase::controllers, kOptimise);
}

/// How old an instance is before it is drained as underused, and how often one is looked for.
Duration ManagedInstancesProvider::optimise_after() const {
  return std::max(parameters_.optimise_period, *parameters_.scale_in_after);
}

std::uint64_t ManagedInstancesProvider::entity(const World& world, const Node& node) const {
  std::string path = "pool/";
  path += world.names.text(node.instance_type);
  path += '/';
  path += world.names.text(world.zones()[node.zone.index()]);
  return mix64(hash_text(path) + node.tag);
}

std::vector<NodeId> ManagedInstancesProvider::members(const World& world) const {
  std::vector<NodeId> out;
  for (const NodeId id : world.live_nodes()) {
    const Node& n = world.node(id);
    if (n.group == parameters_.group && n.state != NodeState::terminating) out.push_back(id);
  }
  return out;
}

void ManagedInstancesProvider::wake_plan(World& world, Duration after) {
  if (plan_pending_) return;
  plan_pending_ = true;
  world.wake(handler, world.now() + after, Phase::controllers, kPlan);
}

void ManagedInstancesProvider::watch_idle(World& world, NodeId node) {
  if (!parameters_.scale_in_after || world.node(node).app_pod_count > 0) return;
  std::erase_if(idle_since_, [&](const auto& e) { return e.first == node; });
  idle_since_.emplace_back(node, world.now());
  world.wake(handler, world.now() + *parameters_.scale_in_after, Phase::controllers, packed_step(node, kIdle));
}

void ManagedInstancesProvider::on_fact(World& world, const FactRecord& f) {
  if (f.fact == Fact::pod_created) {
    if (world.pod(f.pod).lane == parameters_.lane) wake_plan(world, parameters_.batch);
    return;
  }
  if (f.node.is_none() || world.node(f.node).group != parameters_.group) return;
  switch (f.fact) {
    case Fact::pod_bound:
      std::erase_if(idle_since_, [&](const auto& e) { return e.first == f.node; });
      break;
    case Fact::pod_ended:
      if (world.node(f.node).app_pod_count > 0) break;
      if (world.node(f.node).state == NodeState::draining) {
        world.wake(handler, world.now(), Phase::controllers, packed_step(f.node, kIdle));
      } else {
        watch_idle(world, f.node);
      }
      break;
    case Fact::node_draining:
      if (world.node(f.node).app_pod_count == 0)
        world.wake(handler, world.now(), Phase::controllers, packed_step(f.node, kIdle));
      break;
    case Fact::node_terminating: {
      std::erase_if(idle_since_, [&](const auto& e) { return e.first == f.node; });
      const Stream stream = world.stream(entity(world, world.node(f.node)), Purpose::boot_delay);
      world.wake(handler, world.now() + parameters_.delays.shutdown.sample(stream, 2), Phase::facts,
                 packed_step(f.node, kTerminated));
      break;
    }
    case Fact::node_lost: {
      const Stream stream = world.stream(entity(world, world.node(f.node)), Purpose::host_failure);
      world.wake(handler, world.now() + parameters_.health_check.sample(stream, 1), Phase::controllers,
                 packed_step(f.node, kUnhealthy));
      break;
    }
    case Fact::spot_notice:
      world.wake(handler, world.now(), Phase::controllers, packed_step(f.node, kNotice));
      break;
    default:
      break;
  }
}

void ManagedInstancesProvider::constrain(WorkloadId workload, const TaskConstraints& asks) {
  if (!asks.distinct_instance && asks.host_ports.empty() && asks.member_of.empty()) return;
  constrained_.push_back({workload, asks.member_of, asks.distinct_instance, asks.host_ports});
}

const ManagedInstancesProvider::Constrained* ManagedInstancesProvider::constraints_of(WorkloadId workload) const {
  const auto at = std::find_if(constrained_.begin(), constrained_.end(),
                               [&](const Constrained& c) { return c.workload == workload; });
  return at != constrained_.end() ? &*at : nullptr;
}

/// Whether a task cannot be where one of the other workload is: its own group with distinctInstance, or the same port.
bool ManagedInstancesProvider::excludes(const Constrained& task, WorkloadId other) const {
  if (task.distinct_instance && task.workload == other) return true;
  const Constrained* c = task.host_ports.empty() ? nullptr : constraints_of(other);
  return c != nullptr && std::any_of(task.host_ports.begin(), task.host_ports.end(), [&](const PortKey& port) {
           return std::binary_search(c->host_ports.begin(), c->host_ports.end(), port);
         });
}

ManagedInstancesProvider::Task ManagedInstancesProvider::task_of(const World& world, const Pod& pod) const {
  return {world.shapes[pod.shape].requests, pod.workload, constraints_of(pod.workload)};
}

ManagedInstancesProvider::Room ManagedInstancesProvider::room_of(const World& world, const Node& n) const {
  Room room;
  room.node = n.id;
  room.zone = n.zone;
  room.free = n.allocatable;
  const bool ready = n.row != kNoRow;
  for (const Resource r : {Resource::cpu, Resource::memory, Resource::enis})
    room.free[r] -= ready ? world.placement.requested(r)[n.row] : parameters_.daemons[r];
  for (const ManagedType& t : *types_) {
    if (world.names.text(n.instance_type) == t.type->name) room.type = &t;
  }
  return room;
}

bool ManagedInstancesProvider::is_allowed(const World& world, const ManagedType& type, ZoneId zone,
                                          const Constrained* c) const {
  return c == nullptr ||
         managed_type_meets(type, world.names.text(world.zones()[zone.index()]), c->member_of, world.now());
}

bool ManagedInstancesProvider::admits(const World& world, const Room& room, const Task& task) const {
  if (task.constrained == nullptr) return true;
  const Constrained& c = *task.constrained;
  if (c.one_an_instance()) {
    const auto excluded = [&](WorkloadId other) { return excludes(c, other); };
    if (std::any_of(room.taken.begin(), room.taken.end(), excluded)) return false;
    if (!room.node.is_none()) {
      const auto& there = world.pods_on(room.node);
      if (std::any_of(there.begin(), there.end(), [&](PodId p) { return excluded(world.pod(p).workload); }))
        return false;
    }
  }
  if (!room.node.is_none() && world.node(room.node).row != kNoRow) return meets_all(world, room.node, c.member_of);
  return room.type != nullptr && is_allowed(world, *room.type, room.zone, &c);
}

/// Takes room in the first instance that has it.
bool ManagedInstancesProvider::place(const World& world, std::vector<Room>& rooms, const Task& task) const {
  for (Room& room : rooms) {
    if (!admits(world, room, task)) continue;
    std::vector<ResourceVector> free{room.free};
    if (!pack_into(free, {task.need})) continue;
    room.free = free.front();
    if (task.constrained != nullptr) room.taken.push_back(task.workload);
    return true;
  }
  return false;
}

/// Whether a task waits that has room on the instance: it will be placed there, or elsewhere, soon.
bool ManagedInstancesProvider::is_awaited(const World& world, const Node& node) const {
  if (node.state != NodeState::ready || node.row == kNoRow || node.is_lost()) return false;
  std::vector<Room> room{room_of(world, node)};
  return std::any_of(world.pending_pods().begin(), world.pending_pods().end(), [&](PodId id) {
    return world.pod(id).lane == parameters_.lane && place(world, room, task_of(world, world.pod(id)));
  });
}

/// What to launch for tasks of the same constraints, as plan_managed_launch; none when no type can hold one of them.
std::optional<ManagedLaunch> ManagedInstancesProvider::choose(const World& world,
                                                              const std::vector<Task>& tasks) const {
  const Constrained* c = tasks.front().constrained;
  std::vector<ResourceVector> needs;
  for (const Task& t : tasks) needs.push_back(t.need);
  if (c == nullptr) return plan_managed_launch(rooms_, needs);
  std::vector<ManagedType> types;
  std::vector<std::size_t> index;
  for (std::size_t i = 0; i < rooms_.size(); ++i) {
    bool any = false;
    for (std::size_t z = 0; z < world.zones().size(); ++z) any = any || is_allowed(world, rooms_[i], ZoneId{z}, c);
    if (!any) continue;
    types.push_back(rooms_[i]);
    index.push_back(i);
  }
  const auto count = static_cast<std::int64_t>(needs.size());
  if (c->one_an_instance()) needs.resize(1);
  auto out = plan_managed_launch(types, needs);
  if (!out) return out;
  out->type = index[out->type];
  if (c->one_an_instance()) out->count = count;
  return out;
}

void ManagedInstancesProvider::plan(World& world) {
  std::vector<Task> waiting;
  for (const PodId id : world.pending_pods()) {
    if (world.pod(id).lane == parameters_.lane) waiting.push_back(task_of(world, world.pod(id)));
  }
  if (waiting.empty()) {
    if (aws::CapacityPools* pools = aws::pools_of(world, parameters_.pools))
      pools->note_quota(world, parameters_.group, purchase(), false);
    return;
  }
  // What is on its way, and what is free now, is filled first.
  std::vector<Room> rooms;
  for (const NodeId id : members(world)) {
    const Node& n = world.node(id);
    if (n.is_lost()) continue;
    const bool under_way = n.state == NodeState::requested || n.state == NodeState::running;
    if (under_way || (n.state == NodeState::ready && n.row != kNoRow)) rooms.push_back(room_of(world, n));
  }
  std::erase_if(waiting, [&](const Task& t) { return place(world, rooms, t); });
  bool refused = false;
  while (!waiting.empty() && !refused) {
    // Tasks with constraints first: others may share their instances.
    const auto picky =
        std::find_if(waiting.begin(), waiting.end(), [](const Task& t) { return t.constrained != nullptr; });
    const Constrained* c = picky != waiting.end() ? picky->constrained : nullptr;
    std::vector<Task> tasks;
    for (const Task& t : waiting) {
      if (t.constrained == c) tasks.push_back(t);
    }
    const auto launch_plan = choose(world, tasks);
    if (!launch_plan) {
      std::erase_if(waiting, [c](const Task& t) { return t.constrained == c; });  // no type holds them: they wait on
      continue;
    }
    std::vector<Room> fresh;
    for (std::int64_t i = 0; i < launch_plan->count && !refused; ++i) {
      const auto zone = launch(world, (*types_)[launch_plan->type], c);
      refused = !zone;
      if (refused) break;
      Room room;
      room.free = rooms_[launch_plan->type].registered;
      room.type = &(*types_)[launch_plan->type];
      room.zone = *zone;
      fresh.push_back(std::move(room));
    }
    std::erase_if(waiting, [&](const Task& t) { return place(world, fresh, t); });
  }
  const bool quota = refused && held_by_quota(world);
  if (aws::CapacityPools* pools = aws::pools_of(world, parameters_.pools))
    pools->note_quota(world, parameters_.group, purchase(), quota);
  if (!refused) return;
  world.record({.at = world.now(),
                .fact = Fact::launch_refused,
                .reason = quota ? Reason::vcpu_limit : Reason::launch_failed,
                .group = parameters_.group,
                .value = static_cast<std::int64_t>(waiting.size())});
  wake_plan(world, parameters_.launch_retry);
}

bool ManagedInstancesProvider::held_by_quota(World& world) const {
  const aws::CapacityPools* pools = aws::pools_of(world, parameters_.pools);
  if (pools == nullptr) return false;
  for (const ManagedType& t : *types_) {
    for (std::size_t z = 0; z < world.zones().size(); ++z) {
      const PoolId pool = pools->find(world.names.intern(t.type->name), ZoneId{z});
      if (!pool.is_none() && pools->held_by_quota(world, pool, purchase())) return true;
    }
  }
  return false;
}

/// The zone of the new instance; none when no pool gives one.
std::optional<ZoneId> ManagedInstancesProvider::launch(World& world, const ManagedType& preferred,
                                                       const Constrained* constrained) {
  const aws::CapacityPools* pools = aws::pools_of(world, parameters_.pools);
  std::vector<std::int64_t> per_zone(world.zones().size(), 0);
  for (const NodeId id : members(world)) ++per_zone[world.node(id).zone.index()];
  // The type that was chosen; where its pools are dry, the next larger ones by price.
  std::vector<const ManagedType*> order = {&preferred};
  for (const ManagedType& t : *types_) {
    if (t.registered.cpu() >= preferred.registered.cpu() && t.registered.memory() >= preferred.registered.memory() &&
        t.type != preferred.type)
      order.push_back(&t);
  }
  std::stable_sort(order.begin() + 1, order.end(),
                   [](const ManagedType* a, const ManagedType* b) { return a->price < b->price; });
  for (const ManagedType* type : order) {
    const NameId name = world.names.intern(type->type->name);
    std::optional<std::size_t> zone;
    PoolId pool;
    for (std::size_t z = 0; z < per_zone.size(); ++z) {
      if (!is_allowed(world, *type, ZoneId{z}, constrained)) continue;
      PoolId here;
      if (pools != nullptr) here = pools->find(name, ZoneId{z});
      if (!here.is_none() && pools->request(world, here, purchase(), 1).granted == 0) continue;
      if (zone && per_zone[z] >= per_zone[*zone]) continue;
      zone = z;
      pool = here;
    }
    if (!zone) continue;
    NodeSpec spec;
    spec.instance_type = name;
    spec.zone = ZoneId{*zone};
    spec.group = parameters_.group;
    spec.purchase = purchase();
    spec.pool = pool;
    spec.capacity.set_cpu(cpu_cores(type->type->vcpu));
    spec.capacity.set_memory(type->type->memory);
    spec.allocatable = type->registered;
    spec.labels.set(world.names.intern(kArchitectureAttribute), world.names.intern(aws::to_string(type->type->arch)));
    spec.tag = launches_[static_cast<std::size_t>(type - types_->data()) * world.zones().size() + *zone]++;
    const NodeId node = world.request_node(spec);
    const Stream stream = world.stream(entity(world, world.node(node)), Purpose::boot_delay);
    world.wake(handler,
               world.now() + parameters_.delays.api.sample(stream, 3) + parameters_.delays.pending.sample(stream, 0),
               Phase::facts, packed_step(node, kRunning));
    return spec.zone;
  }
  return std::nullopt;
}

void ManagedInstancesProvider::optimise(World& world) {
  world.wake(handler, world.now() + optimise_after(), Phase::controllers, kOptimise);
  const std::vector<NodeId> all = members(world);
  std::vector<std::pair<std::int64_t, NodeId>> candidates;  // by share of memory in use
  for (const NodeId id : all) {
    const Node& n = world.node(id);
    if (n.state != NodeState::ready || n.is_lost()) return;  // one thing at a time: something comes or goes already
    if (n.app_pod_count == 0 || world.now() - n.ready < optimise_after()) continue;
    const auto share =
        static_cast<std::int64_t>(static_cast<__int128>(world.placement.requested(Resource::memory)[n.row]) *
                                  1'000'000 / std::max<std::int64_t>(n.allocatable[Resource::memory], 1));
    candidates.emplace_back(share, id);
  }
  for (const PodId id : world.pending_pods()) {
    if (world.pod(id).lane == parameters_.lane) return;
  }
  std::sort(candidates.begin(), candidates.end());
  for (const auto& [share, candidate] : candidates) {
    std::vector<Room> rooms;
    for (const NodeId id : all) {
      if (id != candidate) rooms.push_back(room_of(world, world.node(id)));
    }
    std::vector<Task> tasks;
    for (const PodId pod : world.pods_on(candidate)) {
      if (!world.pod(pod).daemon) tasks.push_back(task_of(world, world.pod(pod)));
    }
    std::stable_sort(tasks.begin(), tasks.end(), [](const Task& a, const Task& b) {
      if (a.need.memory() != b.need.memory()) return a.need.memory() > b.need.memory();
      return a.need.cpu() > b.need.cpu();
    });
    if (!std::all_of(tasks.begin(), tasks.end(), [&](const Task& t) { return place(world, rooms, t); })) continue;
    world.drain_node(candidate, Reason::consolidation);
    return;
  }
}

void ManagedInstancesProvider::handle(World& world, const Event& event) {
  const std::uint64_t step = event.payload & 0xffu;
  if (step == kPlan) {
    plan_pending_ = false;
    plan(world);
    return;
  }
  if (step == kOptimise) {
    optimise(world);
    return;
  }
  const NodeId node{static_cast<std::uint32_t>(event.payload >> 8)};
  const Node& n = world.node(node);
  if (step == kTerminated) {
    world.node_terminated(node);
    return;
  }
  if (n.state == NodeState::terminating || n.state == NodeState::terminated) return;
  switch (step) {
    case kRunning: {
      if (!world.zone_available(n.zone)) {
        world.terminate_node(node, Reason::launch_failed);
        wake_plan(world, parameters_.batch);
        break;
      }
      world.node_running(node);
      const Stream stream = world.stream(entity(world, n), Purpose::boot_delay);
      world.wake(handler, world.now() + parameters_.delays.join.sample(stream, 1), Phase::facts,
                 packed_step(node, kReady));
      if (world.now() + parameters_.drain_after <= world.end)
        world.wake(handler, world.now() + parameters_.drain_after, Phase::controllers, packed_step(node, kOld));
      break;
    }
    case kReady:
      if (n.is_lost()) break;
      world.node_ready(node);
      watch_idle(world, node);
      wake_plan(world, parameters_.batch);
      break;
    case kIdle: {
      if (n.app_pod_count > 0) break;
      if (n.state == NodeState::draining) {
        world.terminate_node(node, n.end_reason);
        break;
      }
      const auto since =
          std::find_if(idle_since_.begin(), idle_since_.end(), [&](const auto& e) { return e.first == node; });
      if (since == idle_since_.end() || world.now() - since->second < *parameters_.scale_in_after) break;
      if (is_awaited(world, n)) {
        world.wake(handler, world.now() + parameters_.placement, Phase::controllers, packed_step(node, kIdle));
      } else {
        world.terminate_node(node, Reason::scale_down);
      }
      break;
    }
    case kOld:
      world.drain_node(node, Reason::expired);
      if (world.now() + parameters_.drain_limit <= world.end)
        world.wake(handler, world.now() + parameters_.drain_limit, Phase::controllers, packed_step(node, kTooOld));
      break;
    case kTooOld:
      world.terminate_node(node, Reason::expired);
      break;
    case kUnhealthy:
      world.terminate_node(node, Reason::node_lost);
      wake_plan(world, parameters_.batch);
      break;
    default:
      world.drain_node(node, Reason::spot_interruption);
      break;
  }
}

}  // namespace plimsoll::ecs
