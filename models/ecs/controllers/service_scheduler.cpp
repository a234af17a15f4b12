#include "models/ecs/controllers/service_scheduler.h"

#include <algorithm>
#include <optional>

#include "sim/core/assert.h"

namespace plimsoll::ecs {

void ServiceScheduler::manage(WorkloadId service, bool fargate, StrategyChain strategies,
                              std::int64_t minimum_healthy_percent, std::int64_t maximum_percent) {
  if (services_.size() <= service.index()) services_.resize(service.index() + 1);
  Service& s = services_[service.index()];
  s.managed = true;
  s.fargate = fargate;
  s.strategies = std::move(strategies);
  s.minimum_healthy_percent = minimum_healthy_percent;
  s.maximum_percent = maximum_percent;
}

void ServiceScheduler::start(World& world) {
  for (std::size_t i = 0; i < services_.size(); ++i) {
    if (services_[i].managed) wake_soon(world, WorkloadId{i});
  }
}

void ServiceScheduler::wake_soon(World& world, WorkloadId id) {
  Service& s = services_[id.index()];
  if (s.wake_pending) return;
  s.wake_pending = true;
  const Stream stream =
      world.stream(hash_text(world.names.text(world.workload(id).name), hash_text("service")), Purpose::api_latency);
  world.wake(handler, world.now() + parameters_.reaction.sample(stream, s.wakes++), Phase::controllers, id.value());
}

void ServiceScheduler::on_fact(World& world, const FactRecord& fact) {
  if (fact.fact == Fact::node_draining) {
    for (const PodId pod : world.pods_on(fact.node)) {
      const WorkloadId id = world.pod(pod).workload;
      if (id.index() < services_.size() && services_[id.index()].managed) {
        services_[id.index()].draining = true;
        wake_soon(world, id);
      }
    }
    return;
  }
  if (fact.workload.index() >= services_.size() || !services_[fact.workload.index()].managed) return;
  const bool healthy_matters = fact.fact == Fact::pod_serving && services_[fact.workload.index()].draining;
  if (fact.fact == Fact::desired_changed || fact.fact == Fact::pod_ended || fact.fact == Fact::pod_stopping ||
      healthy_matters) {
    wake_soon(world, fact.workload);
  }
}

void ServiceScheduler::handle(World& world, const Event& event) {
  const WorkloadId id{static_cast<std::uint32_t>(event.payload)};
  services_[id.index()].wake_pending = false;
  reconcile(world, id);
}

bool ServiceScheduler::may_launch(World& world, Service& s) {
  if (world.now() >= s.minute + minutes(1)) {
    s.minute = world.now();
    s.launched = 0;
  }
  return s.launched < parameters_.launches_per_minute;
}

void ServiceScheduler::reconcile(World& world, WorkloadId id) {
  Service& s = services_[id.index()];
  const Workload& w = world.workload(id);
  std::int64_t alive = static_cast<std::int64_t>(w.pods.size()) - w.stopping;
  while (alive < w.desired && may_launch(world, s)) {
    world.create_pod(id);
    ++s.launched;
    ++alive;
  }
  if (alive < w.desired && !s.wake_pending) {
    s.wake_pending = true;
    world.wake(handler, s.minute + minutes(1), Phase::controllers, id.value());
  }
  if (s.draining) {
    replace_draining(world, id, s);
    if (s.draining) return;
    // The last of them is gone; what is too much by now must not wait for another fact.
    alive = static_cast<std::int64_t>(world.workload(id).pods.size()) - world.workload(id).stopping;
  }
  while (alive > world.workload(id).desired) {
    const Applied done = world.stop_pod(choose_stop(world, id, s), Reason::scale_in);
    PLIMSOLL_ASSERT(done == Applied::yes);
    --alive;
  }
}

void ServiceScheduler::replace_draining(World& world, WorkloadId id, Service& s) {
  const std::int64_t desired = world.workload(id).desired;
  const std::int64_t upper = desired * s.maximum_percent / 100;
  const std::int64_t lower = div_ceil(desired * s.minimum_healthy_percent, 100);
  std::vector<PodId> leaving;
  std::int64_t staying = 0;
  for (const PodId pod : world.workload(id).pods) {
    const Pod& p = world.pod(pod);
    if (p.state == PodState::stopping) continue;
    const bool on_draining = p.state != PodState::pending && world.node(p.node).state == NodeState::draining;
    if (on_draining) {
      leaving.push_back(pod);
    } else {
      ++staying;
    }
  }
  s.draining = !leaving.empty();
  auto total = staying + static_cast<std::int64_t>(leaving.size());
  while (staying < desired && total < upper && may_launch(world, s)) {
    world.create_pod(id);
    ++s.launched;
    ++staying;
    ++total;
  }
  for (const PodId pod : leaving) {
    const bool serves = world.pod(pod).state == PodState::serving;
    if (serves && static_cast<std::int64_t>(world.workload(id).serving) - 1 < lower) continue;
    world.stop_pod(pod, Reason::node_drain);
  }
}

PodId ServiceScheduler::choose_stop(World& world, WorkloadId id, Service& s) {
  const Workload& w = world.workload(id);
  // A task that has no place yet costs nothing to give up; the newest first.
  for (auto it = w.pods.rbegin(); it != w.pods.rend(); ++it) {
    if (world.pod(*it).state == PodState::pending) return *it;
  }
  const Stream stream = world.stream(hash_text(world.names.text(w.name), hash_text("service")), Purpose::tie_break);
  std::vector<PodId> candidates;
  if (s.fargate) {
    std::vector<std::int64_t> per_zone(world.zones().size(), 0);
    for (const PodId pod : w.pods) {
      const Pod& p = world.pod(pod);
      if (p.state != PodState::stopping) ++per_zone[world.node(p.node).zone.index()];
    }
    const auto zone = static_cast<std::size_t>(std::max_element(per_zone.begin(), per_zone.end()) - per_zone.begin());
    for (const PodId pod : w.pods) {
      const Pod& p = world.pod(pod);
      if (p.state != PodState::stopping && world.node(p.node).zone.index() == zone) candidates.push_back(pod);
    }
  } else {
    view_.refresh(world, id);
    std::vector<std::uint32_t> stoppable(view_.columns().size(), 0);
    for (const PodId pod : w.pods) {  // none is pending any more
      const Pod& p = world.pod(pod);
      if (p.state != PodState::stopping) ++stoppable[view_.instance_in(world.node(p.node).row)];
    }
    TaskNeed need;
    need.cpu = w.requests.cpu();
    need.memory = w.requests.memory();
    const auto best = choose_scale_in(view_.columns(), need, s.strategies, stoppable, scratch_);
    PLIMSOLL_ASSERT(!best.empty());
    const std::uint32_t instance = best[stream.below(best.size(), s.stops, 1)];
    for (const PodId pod : w.pods) {
      const Pod& p = world.pod(pod);
      if (p.state != PodState::stopping && p.node == view_.node(instance)) candidates.push_back(pod);
    }
  }
  PLIMSOLL_ASSERT(!candidates.empty());
  return candidates[stream.below(candidates.size(), s.stops++, 0)];
}

}  // namespace plimsoll::ecs
