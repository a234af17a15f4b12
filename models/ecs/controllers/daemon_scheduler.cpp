#include "models/ecs/controllers/daemon_scheduler.h"

#include <algorithm>
#include <utility>

#include "models/ecs/controllers/deployment_alarms.h"
#include "models/ecs/controllers/task_constraints.h"
#include "models/ecs/deployment_percent.h"

namespace plimsoll::ecs {

namespace {

/// In the payload of a wake: an instance has registered, one is to be drained, a revision is deployed; else it is a
/// service's turn, planned or asked for.
constexpr std::uint64_t kInstance = 1ull << 32, kDrainInstance = 2ull << 32, kDeploy = 3ull << 32,
                        kPlannedTurn = 4ull << 32;

bool has_failed(Reason reason) {
  return reason == Reason::container_exit || reason == Reason::out_of_memory || reason == Reason::image_pull ||
         reason == Reason::start_timeout || reason == Reason::unhealthy;
}

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

void DaemonScheduler::manage(WorkloadId service, std::int64_t minimum_healthy_percent,
                             std::vector<ClusterQuery> member_of) {
  Service s;
  s.member_of = std::move(member_of);
  s.workload = service;
  s.minimum_healthy_percent = minimum_healthy_percent;
  services_.push_back(s);
}

void DaemonScheduler::manage_instances(WorkloadId service, const ManagedDaemon& managed) {
  Service& s = *find(service);
  s.managed = managed;
  s.guard.breaker.enable = s.guard.breaker.rollback = true;
  s.guard.alarms = managed.alarms;
  s.guard.alarms_rollback = true;
}

void DaemonScheduler::guard_deployments(WorkloadId service, DaemonDeploymentGuard guard) {
  find(service)->guard = std::move(guard);
}

void DaemonScheduler::start(World& world) {
  for (std::size_t i = 0; i < deployments_.size(); ++i) {
    if (deployments_[i].second <= world.end)
      world.wake(handler, deployments_[i].second, Phase::facts, kDeploy | static_cast<std::uint64_t>(i));
  }
}

DaemonScheduler::Service* DaemonScheduler::find(WorkloadId workload) {
  const auto at =
      std::find_if(services_.begin(), services_.end(), [workload](const Service& s) { return s.workload == workload; });
  return at == services_.end() ? nullptr : &*at;
}

bool DaemonScheduler::belongs_on(const World& world, NodeId instance, const Service& s) {
  const NodeGroupId group = world.node(instance).group;
  const bool there = s.groups.empty() || (!group.is_none() && std::find(s.groups.begin(), s.groups.end(),
                                                                        world.group(group).name) != s.groups.end());
  return there && meets_all(world, instance, s.member_of);
}

void DaemonScheduler::wake_soon(World& world, Service& s) {
  if (s.wake_pending) return;
  s.wake_pending = true;
  const Stream stream = world.stream(
      hash_text(world.names.text(world.workload(s.workload).name), hash_text("daemon-service")), Purpose::api_latency);
  world.wake(handler, world.now() + parameters_.reaction.sample(stream, s.wakes++), Phase::controllers,
             static_cast<std::uint64_t>(&s - services_.data()));
}

/// Looks again at an instant, whatever else happens until then.
void DaemonScheduler::wake_at(World& world, Service& s, Time at) {
  if (s.planned > world.now() && s.planned <= at) return;  // that look plans the next
  s.planned = at;
  world.wake(handler, at, Phase::controllers, kPlannedTurn | static_cast<std::uint64_t>(&s - services_.data()));
}

/// Counts the event for the circuit breaker of the deployment that the task belongs to.
void DaemonScheduler::count_failure(const World& world, const Pod& task, BreakerEvent event, Service& s) const {
  if (!s.deploying || s.given_up || task.revision != s.revision || s.revision == s.completed) return;
  const auto active = std::count_if(world.live_nodes().begin(), world.live_nodes().end(), [&](NodeId node) {
    return is_active(world.node(node)) && belongs_on(world, node, s);
  });
  breaker_observe(s.guard.breaker, active, event, s.breaker);
}

void DaemonScheduler::note_failure(const World& world, const FactRecord& f, Service& s) const {
  const Pod& task = world.pod(f.pod);
  switch (f.fact) {
    case Fact::pod_started:
      s.start_failures = 0;
      s.next_launch = Time{};
      count_failure(world, task, BreakerEvent::task_running, s);
      break;
    case Fact::pod_serving:
      count_failure(world, task, BreakerEvent::task_healthy, s);
      break;
    case Fact::pod_unhealthy:
      count_failure(world, task, BreakerEvent::health_check_failed, s);
      break;
    case Fact::pod_ended:
      if (f.reason == Reason::image_pull || f.reason == Reason::start_timeout) {
        // That of a critical managed daemon goes with its instance.
        if (!s.managed || !s.managed->critical)
          s.next_launch = world.now() + throttle_delay(parameters_.throttle, ++s.start_failures);
        count_failure(world, task, BreakerEvent::task_failed_to_start, s);
      } else if (f.reason == Reason::container_exit || f.reason == Reason::out_of_memory) {
        count_failure(world, task, BreakerEvent::health_check_failed, s);
      }
      break;
    default:
      break;
  }
}

void DaemonScheduler::on_fact(World& world, const FactRecord& fact) {
  if (!fact.pod.is_none()) {
    if (Service* s = find(fact.workload)) note_failure(world, fact, *s);
  }
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
        if (fact.fact == Fact::pod_unhealthy && s->managed && s->managed->critical)
          world.wake(handler, world.now(), Phase::controllers, kDrainInstance | fact.node.value());
      }
      break;
    case Fact::pod_ended:
      if (const Service* s = find(fact.workload);
          s != nullptr && s->managed && s->managed->critical && !fact.node.is_none() && has_failed(fact.reason))
        world.wake(handler, world.now(), Phase::controllers, kDrainInstance | fact.node.value());
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
  const std::uint64_t what = event.payload >> 32 << 32;
  if (what == kDeploy) {
    const WorkloadId id = deployments_[event.payload & 0xffffffffu].first;
    world.deploy(id, PodTemplate(world.workload(id)));
    return;
  }
  if (what == kDrainInstance) {
    world.drain_node(NodeId{static_cast<std::uint32_t>(event.payload)}, Reason::unhealthy);
    return;
  }
  if (what != kInstance) {
    Service& s = services_[event.payload & 0xffffffffu];
    if (what != kPlannedTurn) s.wake_pending = false;
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
    if (!has && belongs_on(world, instance, s) && !start_on(world, s, instance)) s.waiting = true;
  }
}

void DaemonScheduler::hold_ports(WorkloadId workload, std::vector<PortKey> ports) {
  if (host_ports_.size() <= workload.index()) host_ports_.resize(workload.index() + 1);
  host_ports_[workload.index()] = std::move(ports);
}

bool DaemonScheduler::ports_free(const World& world, WorkloadId service, NodeId instance) const {
  if (host_ports_.size() <= service.index() || host_ports_[service.index()].empty()) return true;
  const std::vector<PortKey>& wanted = host_ports_[service.index()];
  if (std::any_of(wanted.begin(), wanted.end(), is_reserved_port)) return false;
  const std::vector<PodId> there = world.pods_on(instance);
  return std::none_of(there.begin(), there.end(), [&](PodId pod) {
    const std::size_t other = world.pod(pod).workload.index();
    return other < host_ports_.size() && std::any_of(wanted.begin(), wanted.end(), [&](PortKey port) {
             return std::find(host_ports_[other].begin(), host_ports_[other].end(), port) != host_ports_[other].end();
           });
  });
}

bool DaemonScheduler::start_on(World& world, Service& s, NodeId instance) {
  if (s.given_up) return false;  // a failed deployment starts nothing
  if (world.now() < s.next_launch) {
    wake_at(world, s, s.next_launch);
    return false;
  }
  if (!has_room(world, world.node(instance), world.shapes[world.workload(s.workload).shape])) return false;
  if (!ports_free(world, s.workload, instance)) return false;
  world.bind_pod(world.create_pod(s.workload), instance);
  return true;
}

/// A new deployment: of another revision, or back to the last completed one.
void DaemonScheduler::follow_revision(World& world, Service& s) {
  if (world.workload(s.workload).revision == s.revision) return;
  s.revision = world.workload(s.workload).revision;
  s.deploying = true;
  s.bake_until = kTimeNever;
  s.given_up = false;
  s.breaker = {};
  s.start_failures = 0;
  s.next_launch = Time{};
  const bool back = s.revision == s.completed;
  s.watches_alarms = !back && !s.guard.alarms.empty() && !any_in_alarm(world, s.guard.alarms);
  world.set_rollout(s.workload, Rollout::progressing, back ? Reason::rollback : Reason::none);
}

void DaemonScheduler::give_up(World& world, Service& s, Reason reason) {
  world.set_rollout(s.workload, Rollout::failed, reason);
  s.given_up = true;
  s.watches_alarms = false;
  if (!(reason == Reason::alarm ? s.guard.alarms_rollback : s.guard.breaker.rollback)) return;
  world.set_revision(s.workload, s.completed, Reason::rollback);
  follow_revision(world, s);
}

void DaemonScheduler::reconcile(World& world, Service& s) {
  const WorkloadId id = s.workload;
  follow_revision(world, s);
  if (s.breaker.tripped && !s.given_up) give_up(world, s, Reason::none);
  if (s.watches_alarms) {
    if (any_in_alarm(world, s.guard.alarms)) {
      give_up(world, s, Reason::alarm);
    } else {
      wake_at(world, s, world.now() + kDeploymentAlarmPoll);
    }
  }
  has_task_.assign(world.nodes().size(), 0);
  std::vector<PodId> old_healthy, old_unhealthy, misplaced;
  std::int64_t healthy = 0, settled = 0;
  for (const PodId pod : world.workload(id).pods) {
    const Pod& p = world.pod(pod);
    if (p.node.is_none()) continue;
    has_task_[p.node.index()] = 1;
    if (p.state == PodState::stopping || !is_active(world.node(p.node))) continue;
    if (!belongs_on(world, p.node, s)) {
      misplaced.push_back(pod);
      continue;
    }
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
    if (!is_active(world.node(node)) || !belongs_on(world, node, s)) continue;
    ++active;
    if (has_task_[node.index()] == 0 && !start_on(world, s, node)) s.waiting = true;
  }
  const auto stop = [&](PodId pod) {
    world.stop_pod(pod, world.pod(pod).revision == s.revision ? Reason::unhealthy : Reason::rollout);
  };
  if (s.managed) {
    old_healthy.insert(old_healthy.end(), old_unhealthy.begin(), old_unhealthy.end());
    replace_instances(world, s, active, old_healthy);
    return;
  }
  for (const PodId pod : misplaced) world.stop_pod(pod, Reason::scale_in);
  for (const PodId pod : old_unhealthy) stop(pod);  // nobody misses them
  if (s.given_up) return;                           // nor does it stop what works
  std::int64_t spare = healthy - deployment_bounds(active, s.minimum_healthy_percent, 100).lower;
  for (const PodId pod : old_healthy) {
    if (spare-- <= 0) break;
    stop(pod);
  }
  if (s.deploying && settled == active) complete(world, s);
}

void DaemonScheduler::complete(World& world, Service& s) {
  s.deploying = false;
  s.watches_alarms = false;
  s.completed = s.revision;
  s.bake_until = kTimeNever;
  world.set_rollout(s.workload, Rollout::none);
}

void DaemonScheduler::replace_instances(World& world, Service& s, std::int64_t active, const std::vector<PodId>& old) {
  if (!s.deploying) return;
  // Instances that are on their way out; what is drained for other reasons counts too.
  std::int64_t leaving = 0;
  for (const PodId pod : world.workload(s.workload).pods) {
    const Pod& p = world.pod(pod);
    leaving += !p.node.is_none() && world.node(p.node).state == NodeState::draining ? 1 : 0;
  }
  const std::int64_t together =
      std::max<std::int64_t>(1, (active + leaving) * s.managed->drain.raw() / percent(100).raw());
  for (const PodId pod : old) {
    if (world.pod(pod).revision == s.revision) continue;
    if (leaving++ >= together) return;
    world.drain_node(world.pod(pod).node, Reason::rollout);
  }
  if (leaving > 0) return;
  if (s.bake_until == kTimeNever) {
    s.bake_until = world.now() + s.managed->bake;
    if (s.managed->bake > Duration{})
      world.wake(handler, s.bake_until, Phase::controllers, static_cast<std::uint64_t>(&s - services_.data()));
  }
  if (world.now() >= s.bake_until) complete(world, s);
}

}  // namespace plimsoll::ecs
