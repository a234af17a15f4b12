#include "models/kubernetes/kubelet/memory_pressure.h"

namespace plimsoll::kubernetes {

bool MemoryPressure::can_exceed(const Workload& workload) {
  return workload.memory_used > workload.requests.memory() || workload.memory_per_request.raw() > 0;
}

void MemoryPressure::start(World& world) { world.wake(handler, kTimeZero + parameters_.period, Phase::controllers); }

void MemoryPressure::handle(World& world, const Event& /*event*/) {
  use_.look(world);
  pressed_.resize(world.nodes().size(), kTimeNever);
  for (const NodeId id : world.live_nodes()) {
    const Node& n = world.node(id);
    if (n.host == HostKind::ec2 && n.row != kNoRow && !n.is_lost()) look_at(world, id);
  }
  if (world.now() + parameters_.period < world.end)
    world.wake(handler, world.now() + parameters_.period, Phase::controllers);
}

void MemoryPressure::look_at(World& world, NodeId id) {
  const Node& node = world.node(id);
  candidates_.clear();
  std::int64_t used = 0;
  for (const PodOnNode& on : world.placement.pods(node.row)) {
    const Pod& pod = world.pod(on.id);
    if (pod.state < PodState::starting || pod.state == PodState::backoff || pod.state == PodState::ended) continue;
    const std::int64_t each = use_.of(pod.workload);
    used += each;
    if (pod.state == PodState::stopping) continue;
    candidates_.push_back({pod.id, on.priority, world.workload(pod.workload).requests.memory().raw(), each});
  }
  Time& pressed = pressed_[id.index()];
  if (used <= node.allocatable.memory().raw()) {
    if (pressed == kTimeNever || world.now() - pressed < parameters_.transition) return;
    pressed = kTimeNever;
    world.untaint_node(id, world.names.intern(parameters_.taint));
    node_updated(world, id);
    return;
  }
  if (pressed == kTimeNever) {
    Taint taint;
    taint.key = world.names.intern(parameters_.taint);
    taint.effect = TaintEffect::no_schedule;
    world.taint_node(id, taint);
  }
  pressed = world.now();
  const PodId victim = first_evicted(candidates_);
  if (!victim.is_none()) world.pod_ended(victim, plimsoll::Reason::evicted);
}

}  // namespace plimsoll::kubernetes
