#include "models/ecs/controllers/daemon_scheduler.h"

#include <algorithm>

#include "models/ecs/deployment_percent.h"

namespace plimsoll::ecs {

namespace {

/// In the payload of a wake: an instance has registered; else it is a service's turn.
constexpr std::uint64_t kInstance = 1ull << 32;

bool is_active(const Node& node) {
  return node.host == HostKind::ec2 && node.state == NodeState::ready && !node.is_lost();
}

bool has_room(const World& world, const Node& node, const PodShape& shape) {
  if (node.row == kNoRow || world.placement.node(node.row).unschedulable) return false;
  for (std::size_t r = 0; r < kResourceCount; ++r) {
    const auto resource = static_cast<Resource>(r);
    const std::int64_t free =
        world.placement.allocatable(resource)[node.row] - world.placement.requested(resource)[node.row];
    if (shape.requests[resource] > 0 && shape.requests[resource] > free) return false;
  }
  return true;
}

}  // namespace

void DaemonScheduler::manage(WorkloadId service, std::int64_t minimum_healthy_percent) {
  Service s;
  s.workload = service;
  s.minimum_healthy_percent = minimum_healthy_percent;
  services_.push_back(s);
}

DaemonScheduler::Service* DaemonScheduler::find(WorkloadId workload) {
  const auto at =
      std::find_if(services_.begin(), services_.end(), [workload](const Service& s) { return s.workload == workload; });
  return at == services_.end() ? nullptr : &*at;
}

void DaemonScheduler::wake_soon(World& world, Service& s) {
  if (s.wake_pending) return;
  s.wake_pending = true;
  const Stream stream = world.stream(
      hash_text(world.names.text(world.workload(s.workload).name), hash_text("daemon-service")), Purpose::api_latency);
  world.wake(handler, world.now() + parameters_.reaction.sample(stream, s.wakes++), Phase::controllers,
             static_cast<std::uint64_t>(&s - services_.data()));
}

void DaemonScheduler::on_fact(World& world, const FactRecord& fact) {
  switch (fact.fact) {
    case Fact::node_ready:
      if (!services_.empty() && world.node(fact.node).host == HostKind::ec2)
        world.wake(handler, world.now(), Phase::controllers, kInstance | fact.node.value());
      break;
    case Fact::revision_changed:
    case Fact::pod_unhealthy:
    case Fact::pod_serving:
      if (Service* s = find(fact.workload)) {
        if (fact.fact != Fact::pod_serving || s->deploying) wake_soon(world, *s);
      }
      break;
    case Fact::pod_ended:
      for (Service& s : services_) {
        // Its own task is replaced; another's has left room behind.
        if (s.workload == fact.workload || (s.waiting && !fact.node.is_none())) wake_soon(world, s);
      }
      break;
    default:
      break;
  }
}

void DaemonScheduler::handle(World& world, const Event& event) {
  if ((event.payload & kInstance) == 0) {
    Service& s = services_[event.payload];
    s.wake_pending = false;
    reconcile(world, s);
    return;
  }
  const NodeId instance{static_cast<std::uint32_t>(event.payload)};
  if (!is_active(world.node(instance))) return;
  const std::vector<PodId> there = world.pods_on(instance);
  for (Service& s : services_) {
    // One that was only undrained has kept its task.
    const bool has =
        std::any_of(there.begin(), there.end(), [&](PodId p) { return world.pod(p).workload == s.workload; });
    if (!has && !start_on(world, s, instance)) s.waiting = true;
  }
}

bool DaemonScheduler::start_on(World& world, const Service& s, NodeId instance) {
  if (!has_room(world, world.node(instance), world.shapes[world.workload(s.workload).shape])) return false;
  world.bind_pod(world.create_pod(s.workload), instance);
  return true;
}

void DaemonScheduler::reconcile(World& world, Service& s) {
  const WorkloadId id = s.workload;
  if (world.workload(id).revision != s.revision) {
    s.revision = world.workload(id).revision;
    s.deploying = true;
    world.set_rollout(id, Rollout::progressing);
  }
  has_task_.assign(world.nodes().size(), 0);
  std::vector<PodId> old_healthy, old_unhealthy;
  std::int64_t healthy = 0, settled = 0;
  for (const PodId pod : world.workload(id).pods) {
    const Pod& p = world.pod(pod);
    if (p.node.is_none()) continue;
    has_task_[p.node.index()] = 1;
    if (p.state == PodState::stopping || !is_active(world.node(p.node))) continue;
    const bool serves = p.state == PodState::serving;
    healthy += serves ? 1 : 0;
    if (p.revision == s.revision && !p.unhealthy) {
      settled += serves ? 1 : 0;
    } else {
      (serves ? old_healthy : old_unhealthy).push_back(pod);
    }
  }
  std::int64_t active = 0;
  s.waiting = false;
  for (const NodeId node : world.live_nodes()) {
    if (!is_active(world.node(node))) continue;
    ++active;
    if (has_task_[node.index()] == 0 && !start_on(world, s, node)) s.waiting = true;
  }
  const auto stop = [&](PodId pod) {
    world.stop_pod(pod, world.pod(pod).revision == s.revision ? Reason::unhealthy : Reason::rollout);
  };
  for (const PodId pod : old_unhealthy) stop(pod);  // nobody misses them
  std::int64_t spare = healthy - deployment_bounds(active, s.minimum_healthy_percent, 100).lower;
  for (const PodId pod : old_healthy) {
    if (spare-- <= 0) break;
    stop(pod);
  }
  if (s.deploying && settled == active) {
    s.deploying = false;
    world.set_rollout(id, Rollout::none);
  }
}

}  // namespace plimsoll::ecs
