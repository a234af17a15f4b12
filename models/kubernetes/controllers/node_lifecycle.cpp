#include "models/kubernetes/controllers/node_lifecycle.h"

#include <algorithm>
#include <optional>

#include "models/kubernetes/scheduler/match.h"
#include "sim/core/payload.h"

namespace plimsoll::kubernetes {

namespace {

bool is_live(const Node& n) { return n.state != NodeState::terminating && n.state != NodeState::terminated; }
/// How often a stopped limiter looks whether it may go on: the monitor's next rounds change the states of zones.
constexpr Duration kStoppedRetry = seconds(5);

/// How long the pod stays on an unreachable node; none: for ever. Pods that say nothing of the taint have got
/// `by_default` from the API server (DefaultTolerationSeconds).
std::optional<Duration> tolerates_for(const World& world, const Pod& pod, const Taint& taint, Duration by_default) {
  if (pod.daemon) return std::nullopt;
  for (const Toleration& t : world.shapes[pod.shape].tolerations) {
    if (!tolerates(t, taint)) continue;
    if (!t.seconds) return std::nullopt;
    return std::max(*t.seconds, Duration{});
  }
  return by_default;
}

}  // namespace

void NodeLifecycleController::on_fact(World& world, const FactRecord& fact) {
  if (fact.fact == Fact::node_terminating) {
    std::erase(unreachable_, fact.node);
    for (Zone& z : zones_) std::erase(z.queue, fact.node);
    return;
  }
  if (fact.fact != Fact::node_lost) return;
  const Node& node = world.node(fact.node);
  if (node.state != NodeState::ready && node.state != NodeState::draining) return;
  const Stream stream = world.stream(hash_text(world.names.text(node.name)), Purpose::host_failure);
  const auto since_renewal =
      static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(parameters_.lease_renewal.count()), 0, 3));
  // Seen at the first round of the monitor after the grace period; its rounds have a phase of their own.
  const auto phase =
      static_cast<std::int64_t>(world.stream(hash_text("node-lifecycle"), Purpose::loop_offset)
                                    .below(static_cast<std::uint64_t>(parameters_.monitor_period.count()), 0));
  const std::int64_t due = to_microseconds(world.now()) - since_renewal + parameters_.monitor_grace.count() - phase;
  const std::int64_t rounds = div_ceil(due, parameters_.monitor_period.count());
  const Time seen = kTimeZero + Duration{rounds * parameters_.monitor_period.count() + phase};
  world.wake(handler, std::max(seen, world.now()), Phase::controllers, packed_step(fact.node.value(), kUnreachable));
}

NodeLifecycleController::ZoneState NodeLifecycleController::state_of(const World& world, ZoneId zone) const {
  std::int64_t ready = 0, lost = 0;
  for (const NodeId id : world.live_nodes()) {
    const Node& n = world.node(id);
    if (n.zone != zone || (n.state != NodeState::ready && n.state != NodeState::draining)) continue;
    ++(std::find(unreachable_.begin(), unreachable_.end(), id) == unreachable_.end() ? ready : lost);
  }
  if (lost > 0 && ready == 0) return ZoneState::full;
  if (lost > 2 && lost * 1'000'000 >= parameters_.unhealthy_zone.raw() * (lost + ready)) return ZoneState::partial;
  return ZoneState::normal;
}

Duration NodeLifecycleController::interval(const World& world, ZoneId zone) const {
  bool all_full = true;
  std::int64_t zone_size = 0;
  for (std::size_t z = 0; z < world.zones().size(); ++z) {
    bool any = false;
    for (const NodeId id : world.live_nodes()) {
      const Node& n = world.node(id);
      if (n.state != NodeState::ready && n.state != NodeState::draining) continue;
      any = any || n.zone == ZoneId{z};
      if (n.zone == zone && ZoneId{z} == zone) ++zone_size;
    }
    if (any && state_of(world, ZoneId{z}) != ZoneState::full) all_full = false;
  }
  if (all_full) return Duration{};
  if (state_of(world, zone) != ZoneState::partial) return parameters_.eviction_interval;
  return zone_size > parameters_.large_cluster ? parameters_.secondary_interval : Duration{};
}

void NodeLifecycleController::taint_next(World& world, ZoneId id) {
  Zone& zone = zones_[id.index()];
  if (zone.wake_pending || zone.queue.empty()) return;
  const Duration wait = interval(world, id);
  Time at = std::max(zone.next, world.now());
  if (wait == Duration{}) at = world.now() + kStoppedRetry;
  zone.wake_pending = true;
  world.wake(handler, at, Phase::controllers, packed_step(id.value(), kTaint));
}

void NodeLifecycleController::taint(World& world, NodeId node) {
  const Taint unreachable{world.names.intern("node.kubernetes.io/unreachable"), {}, TaintEffect::no_execute};
  for (const PodId id : world.pods_on(node)) {
    if (const auto time = tolerates_for(world, world.pod(id), unreachable, parameters_.toleration))
      world.wake(handler, world.now() + *time, Phase::controllers, packed_step(id.value(), kEvict));
  }
}

void NodeLifecycleController::handle(World& world, const Event& event) {
  if (put_off(world, handler, event)) return;
  const auto id = static_cast<std::uint32_t>(event.payload >> 8);
  switch (event.payload & 0xffu) {
    case kUnreachable: {
      const Node& node = world.node(NodeId{id});
      if (!is_live(node)) return;
      unreachable_.push_back(node.id);
      world.mark_unreachable(node.id);
      zones_.resize(std::max(zones_.size(), world.zones().size()));
      zones_[node.zone.index()].queue.push_back(node.id);
      taint_next(world, node.zone);
      break;
    }
    case kTaint: {
      Zone& zone = zones_[id];
      zone.wake_pending = false;
      const Duration wait = interval(world, ZoneId{id});
      if (!zone.queue.empty() && wait > Duration{}) {
        const NodeId node = zone.queue.front();
        zone.queue.erase(zone.queue.begin());
        zone.next = world.now() + wait;
        taint(world, node);
      }
      taint_next(world, ZoneId{id});
      break;
    }
    default:
      if (is_live(world.node(world.pod(PodId{id}).node))) world.stop_pod(PodId{id}, plimsoll::Reason::node_lost);
      break;
  }
}

}  // namespace plimsoll::kubernetes
