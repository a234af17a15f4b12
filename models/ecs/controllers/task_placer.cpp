#include "models/ecs/controllers/task_placer.h"

namespace plimsoll::ecs {

void TaskPlacer::serve(WorkloadId service, TaskNeed need, StrategyChain strategies) {
  if (services_.size() <= service.index()) services_.resize(service.index() + 1);
  services_[service.index()] = {true, need, std::move(strategies)};
}

void TaskPlacer::on_fact(World& world, const FactRecord& fact) {
  if (fact.fact != Fact::pod_created || wake_pending_) return;
  if (fact.workload.index() >= services_.size() || !services_[fact.workload.index()].served) return;
  wake_pending_ = true;
  const Stream stream = world.stream(world.entity(world.pod(fact.pod)), Purpose::api_latency);
  world.wake(handler, world.now() + parameters_.start_task.sample(stream, 0), Phase::scheduler, kNew);
}

void TaskPlacer::handle(World& world, const Event& event) {
  (event.payload == kRetry ? retry_pending_ : wake_pending_) = false;
  place_pending(world);
}

void TaskPlacer::tell(World& world, PodId task, const Service& service, NodeId chosen, std::size_t equal) const {
  if (!world.is_explained()) return;
  PlacementDetail detail;
  detail.task = task;
  detail.view = &view_;
  detail.need = &service.need;
  detail.strategies = &service.strategies;
  detail.chosen = chosen;
  detail.equal = equal;
  world.explain(detail);
}

void TaskPlacer::place_pending(World& world) {
  queue_.assign(world.pending_pods().begin(), world.pending_pods().end());
  bool waiting = false;
  WorkloadId full;  // the last service that found no room: its equals need not be tried again this time
  for (const PodId id : queue_) {
    const Pod& pod = world.pod(id);
    if (pod.workload.index() >= services_.size() || !services_[pod.workload.index()].served) continue;
    if (pod.workload == full) {
      waiting = true;
      tell(world, id, services_[pod.workload.index()], {}, 0);
      continue;
    }
    const Service& s = services_[pod.workload.index()];
    view_.refresh(world, pod.workload);
    const PlacementAnswer answer = place(view_.columns(), s.need, s.strategies, scratch_);
    if (answer.best.empty()) {
      waiting = true;
      full = pod.workload;
      tell(world, id, s, {}, 0);
      continue;
    }
    const std::uint64_t pick = world.stream(world.entity(pod), Purpose::tie_break).below(answer.best.size(), 0);
    const NodeId node = view_.node(answer.best[pick]);
    tell(world, id, s, node, answer.best.size());
    world.bind_pod(id, node);
  }
  if (waiting && !retry_pending_) {
    retry_pending_ = true;
    world.wake(handler, world.now() + parameters_.retry, Phase::scheduler, kRetry);
  }
}

}  // namespace plimsoll::ecs
