#include <algorithm>

#include "models/ecs/controllers/service_scheduler.h"
#include "models/ecs/deployment_percent.h"

namespace plimsoll::ecs {

namespace {

/// While a blue/green deployment waits for its tasks to be healthy behind the scenes.
constexpr Duration kLookAgain = seconds(5);

}  // namespace

/// Whether the hooks of a stage have let the deployment through; plans the next look, or gives the deployment up.
bool ServiceScheduler::hooks_pass(World& world, WorkloadId id, Service& s, DeploymentStage stage) {
  if (s.configuration.hooks.empty()) return true;
  const HookLook look = s.hooks.look(s.configuration.hooks, stage, world.now());
  if (look.began)
    world.record(
        {.at = world.now(), .fact = Fact::hook_called, .workload = id, .value = static_cast<std::int64_t>(stage)});
  for (const std::size_t hook : look.calls) {
    const DeploymentHook& h = s.configuration.hooks[hook];
    if (!lambda_.bill.is_none()) lambda_.call(world, h.duration, h.memory);
  }
  if (look.verdict == HookLook::Verdict::passed) return true;
  if (look.verdict == HookLook::Verdict::waiting) {
    wake_at(world, id, look.next);
  } else {
    give_up(world, id, s, Reason::lifecycle_hook);
    follow_revision(world, id, s);
    wake_soon(world, id);
  }
  return false;
}

void ServiceScheduler::call_hooks_of_rollback(World& world, WorkloadId id, const Service& s) {
  for (const DeploymentStage stage : {DeploymentStage::test_traffic_shift, DeploymentStage::production_traffic_shift}) {
    bool called = false;
    for (const DeploymentHook& h : s.configuration.hooks) {
      if (h.pause || std::find(h.stages.begin(), h.stages.end(), stage) == h.stages.end()) continue;
      if (!lambda_.bill.is_none()) lambda_.call(world, h.duration, h.memory);
      called = true;
    }
    if (called)
      world.record({.at = world.now(),
                    .fact = Fact::hook_called,
                    .reason = Reason::rollback,
                    .workload = id,
                    .value = static_cast<std::int64_t>(stage)});
  }
}

/// The next step of the traffic, between its hooks. False while one of them is at work, and when one has failed.
bool ServiceScheduler::shift_traffic(World& world, WorkloadId id, Service& s) {
  using Strategy = EcsRollout::Strategy;
  if (!s.step_done) {
    if (!hooks_pass(world, id, s, DeploymentStage::pre_production_traffic_shift)) return false;
    const Ppm step = s.configuration.step, all = percent(100);
    const bool first = s.shifted.raw() == 0;
    Ppm next = all;
    if (first && step.raw() > 0) next = step;
    if (!first && s.configuration.strategy == Strategy::linear) next = s.shifted + step;
    s.shifted = std::min(next, all);
    s.step_done = true;
    if (s.shifted == all) {
      // All of the traffic to the new revision; the old tasks stay for the bake time.
      world.direct_traffic(id, s.revision);
      world.weight_traffic(id, s.revision, s.shifted);
    } else {
      world.weight_traffic(id, s.revision, s.shifted);
      if (first) world.direct_traffic(id, 0);
    }
  }
  if (!hooks_pass(world, id, s, DeploymentStage::production_traffic_shift)) return false;
  const bool last = s.shifted == percent(100);
  if (last && !hooks_pass(world, id, s, DeploymentStage::post_production_traffic_shift)) return false;
  s.stage = last ? Stage::bake : Stage::canary;
  s.stage_until = world.now() + (last ? s.configuration.bake : s.configuration.step_bake);
  return true;
}

/// One of the two revisions of a deployment that is not ROLLING, until the old one is cleaned up: as many tasks as
/// desired, those that are unhealthy or on a DRAINING instance replaced.
void ServiceScheduler::keep_revision(World& world, WorkloadId id, Service& s, std::uint32_t revision) {
  const Workload& w = world.workload(id);
  const Duration after = s.configuration.healthy_after;
  std::vector<PodId> healthy_ones, others, old_healthy, old_unhealthy;
  for (const PodId pod : w.pods) {
    const Pod& p = world.pod(pod);
    if (p.state == PodState::stopping || p.revision != revision) continue;
    const bool draining = p.state != PodState::pending && world.node(p.node).state == NodeState::draining;
    const bool old = draining || is_unhealthy(world, p, s);
    bool is_healthy = healthy(world, p);
    if (is_healthy && !old && p.running + after > world.now()) {
      is_healthy = false;
      wake_at(world, id, p.running + after);
    }
    (old ? (is_healthy ? old_healthy : old_unhealthy) : is_healthy ? healthy_ones : others).push_back(pod);
  }
  const DeploymentBounds bounds =
      deployment_bounds(w.desired, s.configuration.minimum_healthy_percent, s.configuration.maximum_percent);
  RollingCounts c;
  c.desired = w.desired;
  c.lower = bounds.lower;
  c.new_healthy = static_cast<std::int64_t>(healthy_ones.size());
  c.new_tasks = c.new_healthy + static_cast<std::int64_t>(others.size());
  c.old_healthy = static_cast<std::int64_t>(old_healthy.size());
  c.old_tasks = c.old_healthy + static_cast<std::int64_t>(old_unhealthy.size());
  c.upper = c.old_tasks > 0 ? bounds.upper : INT64_MAX;
  const RollingStep step = rolling_step(c);
  start_tasks(world, id, s, step.start_new, revision);
  stop(world, id, s, old_unhealthy, step.stop_old_unhealthy, Reason::none);
  stop(world, id, s, old_healthy, step.stop_old_healthy, Reason::none);
  stop(world, id, s, others, step.stop_new_unhealthy, Reason::scale_in);
  stop(world, id, s, healthy_ones, step.stop_new_healthy, Reason::scale_in);
  if (c.old_tasks > 0) wake_at(world, id, world.now() + kLookAgain);  // whether what replaces them is healthy by then
}

void ServiceScheduler::blue_green(World& world, WorkloadId id, Service& s) {
  const std::int64_t desired = world.workload(id).desired;
  const Time now = world.now();
  keep_revision(world, id, s, s.completed);
  if (s.stage == Stage::scale_up) {
    if (s.overtakes && !hooks_pass(world, id, s, DeploymentStage::reconcile_service)) return;
    if (!hooks_pass(world, id, s, DeploymentStage::pre_scale_up)) return;
  }
  keep_revision(world, id, s, s.revision);
  switch (s.stage) {
    case Stage::scale_up:
      if (tasks_.current_healthy < desired) {
        wake_at(world, id, now + kLookAgain);
        return;
      }
      for (const DeploymentStage stage : {DeploymentStage::post_scale_up, DeploymentStage::test_traffic_shift,
                                          DeploymentStage::post_test_traffic_shift}) {
        if (!hooks_pass(world, id, s, stage)) return;
      }
      s.stage = Stage::shift;
      if (!shift_traffic(world, id, s)) return;
      break;
    case Stage::shift:
      if (!shift_traffic(world, id, s)) return;
      break;
    case Stage::canary:
      if (now < s.stage_until) break;
      s.hooks.repeat(DeploymentStage::pre_production_traffic_shift);
      s.hooks.repeat(DeploymentStage::production_traffic_shift);
      s.step_done = false;
      s.stage = Stage::shift;
      if (!shift_traffic(world, id, s)) return;
      break;
    case Stage::bake:
      if (now < s.stage_until) break;
      s.stage = Stage::done;
      break;
    case Stage::done:
      break;
  }
  if (s.stage == Stage::done) {
    replace(world, id, s);
  } else {
    wake_at(world, id, s.stage_until);
  }
}

}  // namespace plimsoll::ecs
