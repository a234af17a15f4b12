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
  world.wake(handler, world.now() + parameters_.optimise_period, Phase::controllers, kOptimise);
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

void ManagedInstancesProvider::plan(World& world) {
  std::vector<ResourceVector> waiting;
  for (const PodId id : world.pending_pods()) {
    const Pod& pod = world.pod(id);
    if (pod.lane == parameters_.lane) waiting.push_back(world.shapes[pod.shape].requests);
  }
  if (waiting.empty()) {
    if (aws::CapacityPools* pools = aws::pools_of(world, parameters_.pools))
      pools->note_quota(world, parameters_.group, purchase(), false);
    return;
  }
  // What is on its way, and what is free now, is filled first.
  std::vector<ResourceVector> free;
  for (const NodeId id : members(world)) {
    const Node& n = world.node(id);
    if (n.is_lost()) continue;
    if (n.state == NodeState::requested || n.state == NodeState::running) {
      ResourceVector room = n.allocatable;
      for (const Resource r : {Resource::cpu, Resource::memory, Resource::enis}) room[r] -= parameters_.daemons[r];
      free.push_back(room);
    } else if (n.state == NodeState::ready && n.row != kNoRow) {
      ResourceVector room = n.allocatable;
      for (const Resource r : {Resource::cpu, Resource::memory, Resource::enis})
        room[r] -= world.placement.requested(r)[n.row];
      free.push_back(room);
    }
  }
  std::erase_if(waiting, [&](const ResourceVector& t) { return pack_into(free, {t}); });
  bool refused = false;
  while (!waiting.empty() && !refused) {
    const auto launch_plan = plan_managed_launch(rooms_, waiting);
    if (!launch_plan) return;
    const ManagedType& type = (*types_)[launch_plan->type];
    std::vector<ResourceVector> fresh;
    for (std::int64_t i = 0; i < launch_plan->count && !refused; ++i) {
      refused = !launch(world, type);
      if (!refused) fresh.push_back(rooms_[launch_plan->type].registered);
    }
    std::erase_if(waiting, [&](const ResourceVector& t) { return pack_into(fresh, {t}); });
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

bool ManagedInstancesProvider::launch(World& world, const ManagedType& preferred) {
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
    spec.tag = launches_[static_cast<std::size_t>(type - types_->data()) * world.zones().size() + *zone]++;
    const NodeId node = world.request_node(spec);
    const Stream stream = world.stream(entity(world, world.node(node)), Purpose::boot_delay);
    world.wake(handler,
               world.now() + parameters_.delays.api.sample(stream, 3) + parameters_.delays.pending.sample(stream, 0),
               Phase::facts, packed_step(node, kRunning));
    return true;
  }
  return false;
}

void ManagedInstancesProvider::optimise(World& world) {
  world.wake(handler, world.now() + parameters_.optimise_period, Phase::controllers, kOptimise);
  const std::vector<NodeId> all = members(world);
  std::vector<std::pair<std::int64_t, NodeId>> candidates;  // by share of memory in use
  for (const NodeId id : all) {
    const Node& n = world.node(id);
    if (n.state != NodeState::ready || n.is_lost()) return;  // one thing at a time: something comes or goes already
    if (n.app_pod_count == 0 || world.now() - n.ready < parameters_.optimise_period) continue;
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
    std::vector<ResourceVector> free, tasks;
    for (const NodeId id : all) {
      if (id == candidate) continue;
      const Node& n = world.node(id);
      ResourceVector room = n.allocatable;
      for (const Resource r : {Resource::cpu, Resource::memory, Resource::enis})
        room[r] -= world.placement.requested(r)[n.row];
      free.push_back(room);
    }
    for (const PodId pod : world.pods_on(candidate)) {
      if (!world.pod(pod).daemon) tasks.push_back(world.shapes[world.pod(pod).shape].requests);
    }
    if (!pack_into(free, std::move(tasks))) continue;
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
      if (since != idle_since_.end() && world.now() - since->second >= *parameters_.scale_in_after)
        world.terminate_node(node, Reason::scale_down);
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
