#include "models/ecs/controllers/task_placer.h"

#include <algorithm>
#include <utility>

#include "models/ecs/placement_message.h"

namespace plimsoll::ecs {

namespace {

/// No draw is below it.
Duration least_of(const Delay& delay) {
  const bool is_value = delay.kind == Delay::Kind::constant || delay.kind == Delay::Kind::uniform;
  return is_value ? delay.value : delay.floor;
}

}  // namespace

void TaskPlacer::serve(WorkloadId service, TaskNeed need, StrategyChain strategies) {
  if (services_.size() <= service.index()) services_.resize(service.index() + 1);
  services_[service.index()] = {true, need, std::move(strategies), false, {}};
}

void TaskPlacer::on_fact(World& world, const FactRecord& fact) {
  if (fact.fact != Fact::pod_created || wake_pending_) return;
  if (fact.workload.index() >= services_.size() || !services_[fact.workload.index()].served) return;
  wake_pending_ = true;
  const Stream stream = world.stream(world.entity(world.pod(fact.pod)), Purpose::api_latency);
  world.wake(handler, world.now() + parameters_.start_task.sample(stream, 0), Phase::scheduler, kNew);
}

void TaskPlacer::handle(World& world, const Event& event) {
  if (event.payload == kNew) {
    wake_pending_ = false;
  } else if (world.now() >= retry_) {
    retry_ = kTimeNever;
  }
  place_pending(world);
}

TaskNeed TaskPlacer::look(World& world, const Pod& task, const Service& service, InstanceView& view) {
  view.refresh(world, task.workload, groups_of(task));
  TaskNeed need = service.need;
  if (service.constraints.empty()) return need;
  const auto ports_of = [this](WorkloadId id) -> const std::vector<PortKey>* {
    return id.index() < services_.size() ? &services_[id.index()].constraints.host_ports : nullptr;
  };
  masks_.apply(world, service.constraints, ports_of, view, need);
  return need;
}

void TaskPlacer::tell(World& world, PodId task, const Service& service, const TaskNeed& need, NodeId chosen,
                      std::size_t equal) const {
  if (!world.is_explained()) return;
  PlacementDetail detail;
  detail.task = task;
  detail.view = &view_;
  detail.need = &need;
  detail.strategies = &service.strategies;
  detail.chosen = chosen;
  detail.equal = equal;
  world.explain(detail);
}

void TaskPlacer::refuse(World& world, PodId task) {
  world.record({.at = world.now(),
                .fact = Fact::tasks_refused,
                .reason = Reason::unschedulable,
                .workload = world.pod(task).workload,
                .value = 1});
  world.stop_pod(task, Reason::unschedulable);
}

std::string TaskPlacer::why_pending(World& world, PodId task) {
  const Pod& pod = world.pod(task);
  if (pod.workload.index() >= services_.size() || !services_[pod.workload.index()].served) return {};
  const Service& s = services_[pod.workload.index()];
  InstanceView view;
  const TaskNeed need = look(world, pod, s, view);
  if (!find_best(view.columns(), need, s.strategies, scratch_).empty())
    return "it fits a container instance and waits for its turn";
  return unable_to_place(
      world.names.text(world.workload(pod.workload).name), view.columns(), need,
      [&](std::uint32_t instance) { return std::string(world.names.text(world.node(view.node(instance)).name)); });
}

std::vector<BindingLimits::Limit> TaskPlacer::binding_limits(const World& world) const {
  const double share = provisioning_.share(world);
  if (share == 0) return {};
  return {{"the quota of " + std::to_string(parameters_.provisioning_limit) + " tasks in PROVISIONING", share}};
}

/// The best instances in view_.
std::span<const std::uint32_t> TaskPlacer::find_best_for(const World& world, const Pod& task, const Service& service,
                                                         const TaskNeed& need) {
  const InstanceColumns& instances = view_.columns();
  Room& room = room_;
  const bool known = room.version != 0 && room.version == world.placement.version() && room.service == task.workload &&
                     room.lane == task.lane && service.constraints.empty();
  if (!known) {
    find_feasible(instances, need, scratch_);
    room.instances = scratch_.candidates;
    room.service = task.workload;
    room.lane = task.lane;
  } else if (first_failure(instances, need, room.last)) {
    const auto at = std::lower_bound(room.instances.begin(), room.instances.end(), room.last);
    if (at != room.instances.end() && *at == room.last) room.instances.erase(at);
    scratch_.candidates = room.instances;
  } else {
    scratch_.candidates = room.instances;
  }
  room.version = 0;
  return choose_best(instances, need, service.strategies, scratch_);
}

TaskPlacer::Full& TaskPlacer::full(const Pod& task) {
  if (full_.size() < services_.size()) full_.resize(services_.size());
  std::vector<Full>& lanes = full_[task.workload.index()];
  if (lanes.size() <= task.lane) lanes.resize(task.lane + std::size_t{1});
  return lanes[task.lane];
}

/// Whether the first instances of the group are on their way, and none has registered yet.
bool TaskPlacer::begins(const World& world, Unscaled& lane) const {
  if (lane.begun) return false;
  bool coming = false;
  for (const Node& n : world.nodes()) {
    if (std::find(lane.groups.begin(), lane.groups.end(), n.group) == lane.groups.end()) continue;
    coming = true;
    lane.begun = lane.begun || n.ready != kTimeNever;
  }
  return coming && !lane.begun;
}

/// A task of the service has no room where it does not wait in PROVISIONING: the first of a round makes the attempt one
/// that failed.
void TaskPlacer::fail_to_place(const World& world, Full& service) {
  ++service.unplaced;
  if (service.attempted == round_) return;
  service.attempted = round_;
  const bool often = ++service.failed < parameters_.placement_attempts;
  service.next = world.now() + (often ? parameters_.retry : parameters_.placement_retry);
}

/// Of each service that had tasks without room in this round.
void TaskPlacer::tell_failures(World& world) {
  for (std::size_t i = 0; i < full_.size(); ++i) {
    for (Full& lane : full_[i]) {
      if (lane.unplaced == 0) continue;
      world.record({.at = world.now(),
                    .fact = Fact::launch_refused,
                    .reason = Reason::unschedulable,
                    .workload = WorkloadId{i},
                    .value = std::exchange(lane.unplaced, 0)});
    }
  }
}

/// The next round that was planned is at this instant or before.
void TaskPlacer::retry_at(World& world, Time at) {
  if (retry_ <= at) return;
  retry_ = at;
  world.wake(handler, at, Phase::scheduler, kRetry);
}

void TaskPlacer::place_pending(World& world) {
  queue_.assign(world.pending_pods().begin(), world.pending_pods().end());
  std::int64_t waiting = 0;
  bool beyond = false;  // of the quota
  Time next = kTimeNever;
  const std::uint64_t version = world.placement.version();
  const Duration least_timeout = least_of(parameters_.provisioning_timeout);
  ++round_;
  for (const PodId id : queue_) {
    const Pod& pod = world.pod(id);
    if (pod.workload.index() >= services_.size() || !services_[pod.workload.index()].served) continue;
    const bool provisions_it = provisions(pod);
    if (provisions_it && waiting >= parameters_.provisioning_limit) {
      beyond = true;
      if (unscaled_.empty()) break;
      continue;
    }
    const Service& s = services_[pod.workload.index()];
    Full& known_full = full(pod);
    if (!provisions_it && pod.revision > known_full.revision) {
      known_full.revision = pod.revision;
      known_full.failed = 0;
      known_full.next = {};
    }
    if (!provisions_it && world.now() < known_full.next && known_full.attempted != round_) {
      next = std::min(next, known_full.next);
      continue;
    }
    if (known_full.round > 0 && known_full.version == version) known_full.round = round_;
    bool fits = known_full.round != round_;
    std::span<const std::uint32_t> best;
    TaskNeed need;
    if (fits) {
      need = look(world, pod, s, view_);
      best = find_best_for(world, pod, s, need);
      fits = !best.empty();
      if (!fits) {
        known_full.round = round_;
        known_full.version = world.placement.version();
      }
    }
    if (!fits) {
      if (world.is_explained()) need = look(world, pod, s, view_);
      tell(world, id, s, need, {}, 0);
      if (s.refused) {
        refuse(world, id);
        continue;
      }
      if (!provisions_it && begins(world, unscaled_[pod.lane])) {
        next = std::min(next, world.now() + parameters_.retry);
        continue;
      }
      if (!provisions_it) {
        fail_to_place(world, known_full);
        next = std::min(next, known_full.next);
        continue;
      }
      const Duration waited = world.now() - pod.created;
      if (waited >= least_timeout &&
          waited >= parameters_.provisioning_timeout.sample(world.stream(world.entity(pod), Purpose::api_latency), 1)) {
        world.stop_pod(id, Reason::start_timeout);
      } else {
        ++waiting;
      }
      continue;
    }
    const std::uint64_t pick =
        !parameters_.draws_ties ? 0 : world.stream(world.entity(pod), Purpose::tie_break).below(best.size(), 0);
    const std::uint32_t instance = best[pick];
    const NodeId node = view_.node(instance);
    tell(world, id, s, need, node, best.size());
    if (world.bind_pod(id, node) != Applied::yes) continue;
    room_.version = world.placement.version();
    room_.last = instance;
    known_full.failed = 0;
  }
  provisioning_.set(world, beyond);
  if (waiting > 0) next = std::min(next, world.now() + parameters_.retry);
  if (next != kTimeNever) retry_at(world, next);
  if (!unscaled_.empty()) tell_failures(world);
}

}  // namespace plimsoll::ecs
