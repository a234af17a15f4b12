#include "models/ecs/controllers/service_scheduler.h"

#include <algorithm>
#include <optional>

#include "models/aws/cloudwatch/cloudwatch.h"
#include "models/ecs/controllers/deployment_alarms.h"
#include "models/ecs/deployment_percent.h"
#include "sim/core/assert.h"

namespace plimsoll::ecs {

namespace {

using Strategy = EcsRollout::Strategy;

/// In the payload of a wake: it was planned, and another that was asked for may still come.
constexpr std::uint64_t kPlanned = 1ull << 32;

}  // namespace

void ServiceScheduler::manage(WorkloadId service, bool fargate, StrategyChain strategies,
                              const DeploymentConfiguration& configuration) {
  if (services_.size() <= service.index()) services_.resize(service.index() + 1);
  Service& s = services_[service.index()];
  s.managed = true;
  s.fargate = fargate;
  s.strategies = std::move(strategies);
  s.configuration = configuration;
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

/// Looks again at an instant, whatever else happens until then.
void ServiceScheduler::wake_at(World& world, WorkloadId id, Time at) {
  Service& s = services_[id.index()];
  if (s.planned > world.now() && s.planned <= at) return;  // that look plans the next
  s.planned = at;
  world.wake(handler, at, Phase::controllers, id.value() | kPlanned);
}

void ServiceScheduler::on_fact(World& world, const FactRecord& fact) {
  if (fact.fact == Fact::node_draining) {
    for (const PodId pod : world.pods_on(fact.node)) {
      const WorkloadId id = world.pod(pod).workload;
      if (id.index() < services_.size() && services_[id.index()].managed) {
        services_[id.index()].watching = true;
        services_[id.index()].all_current = false;
        wake_soon(world, id);
      }
    }
    return;
  }
  if (fact.fact == Fact::zone_restored) {
    for (std::size_t i = 0; i < services_.size(); ++i) {
      if (services_[i].managed && services_[i].configuration.zone_rebalancing) wake_soon(world, WorkloadId{i});
    }
    return;
  }
  if (fact.workload.index() >= services_.size() || !services_[fact.workload.index()].managed) return;
  Service& s = services_[fact.workload.index()];
  if (fact.fact == Fact::launch_refused && !s.fargate && s.deploying && !s.rolling_back) {
    breaker_observe(s.configuration.breaker, world.workload(fact.workload).desired, BreakerEvent::task_failed_to_start,
                    s.breaker);
    if (s.breaker.tripped) wake_soon(world, fact.workload);
  }
  if (!fact.pod.is_none()) {
    note_failure(world, fact, s);
    count_placed(world, fact, s);
  }
  if (fact.fact == Fact::pod_unhealthy) {
    const Pod& task = world.pod(fact.pod);
    if (!s.configuration.has_checks) return;
    if (!is_unhealthy(world, task, s)) {
      s.in_grace.push_back(fact.pod);
      wake_at(world, fact.workload, task.started + s.configuration.health_check_grace);
      return;
    }
    s.all_current = false;
  }
  switch (fact.fact) {
    case Fact::desired_changed:
    case Fact::revision_changed:
    case Fact::pod_ended:
    case Fact::pod_stopping:
    case Fact::pod_unhealthy:
      wake_soon(world, fact.workload);
      break;
    case Fact::pod_serving:
      if (s.watching) wake_soon(world, fact.workload);
      break;
    default:
      break;
  }
}

void ServiceScheduler::handle(World& world, const Event& event) {
  if ((event.payload & kTargetCheck) != 0) return check_target(world, PodId{static_cast<std::uint32_t>(event.payload)});
  const WorkloadId id{static_cast<std::uint32_t>(event.payload)};
  if ((event.payload & kPlanned) == 0) services_[id.index()].wake_pending = false;
  reconcile(world, id);
}

bool ServiceScheduler::may_launch(World& world, WorkloadId id, Service& s, std::uint32_t revision) {
  const Time now = world.now();
  const Attempts& attempts = revision == s.revision ? s.attempts : s.attempts_of_old;
  if (now < attempts.next) {
    wake_at(world, id, attempts.next);
    return false;
  }
  const Time next = s.launches.next(now, parameters_.launches_per_minute, parameters_.launch_window);
  if (next <= now) return true;
  s.over_quota = true;
  wake_at(world, id, next);
  return false;
}

std::vector<BindingLimits::Limit> ServiceScheduler::binding_limits(const World& world) const {
  std::vector<Limit> out;
  for (std::size_t i = 0; i < services_.size(); ++i) {
    const double share = services_[i].managed ? services_[i].quota.share(world) : 0;
    if (share == 0) continue;
    out.push_back({"the quota of " + std::to_string(parameters_.launches_per_minute) + " launches a minute of " +
                       std::string(world.names.text(world.workload(WorkloadId{i}).name)),
                   share});
  }
  return out;
}

void ServiceScheduler::reconcile(World& world, WorkloadId id) {
  Service& s = services_[id.index()];
  s.over_quota = false;
  if (!s.in_grace.empty()) end_grace(world, id, s);
  follow_revision(world, id, s);
  if (s.breaker.tripped && !s.rolling_back && !s.given_up) {
    give_up(world, id, s, Reason::none);
    follow_revision(world, id, s);
  }
  watch_alarms(world, id, s);
  sort_tasks(world, id, s);
  if (s.stage != Stage::done) {
    blue_green(world, id, s);
  } else {
    replace(world, id, s);
  }
  stop_waiting(world, id, s);
  if (s.over_quota != s.quota.binds()) s.quota.set(world, s.over_quota);
}

void ServiceScheduler::follow_revision(World& world, WorkloadId id, Service& s) {
  const Workload& w = world.workload(id);
  if (w.revision == s.revision) return;
  s.overtakes = s.deploying && !s.rolling_back && !s.given_up;
  s.revision = w.revision;
  s.all_current = false;
  s.deploying = true;
  s.rolling_back = w.revision == s.completed;
  s.given_up = false;
  s.breaker = {};
  s.attempts = s.attempts_of_old = {};
  s.old_wanted = s.old_desired = w.desired;
  s.extra = 0;
  s.stage = Stage::done;
  const bool older = w.revision < w.newest_revision();
  world.set_rollout(id, Rollout::progressing, older ? Reason::rollback : Reason::none);
  s.bake_until = kTimeNever;
  s.watches_alarms = !s.rolling_back && !s.configuration.alarms.empty() && !any_in_alarm(world, s.configuration.alarms);
  if (s.configuration.strategy == Strategy::rolling) return;
  s.hooks.begin();
  s.step_done = false;
  if (s.rolling_back) call_hooks_of_rollback(world, id, s);
  world.direct_traffic(id, s.completed);
  s.shifted = Ppm{};
  world.weight_traffic(id, s.rolling_back ? 0 : s.revision, s.shifted);
  if (!s.rolling_back) s.stage = Stage::scale_up;
}

/// The circuit breaker tripped, an alarm went off, or a hook failed.
void ServiceScheduler::give_up(World& world, WorkloadId id, Service& s, Reason reason) {
  s.given_up = true;
  s.stage = Stage::done;
  world.set_rollout(id, Rollout::failed, reason);
  const bool back = reason == Reason::lifecycle_hook ||
                    (reason == Reason::alarm ? s.configuration.alarms_rollback : s.configuration.breaker.rollback);
  if (back) world.set_revision(id, s.completed, Reason::rollback);
}

/// The longest that one of its alarms looks back.
Duration ServiceScheduler::alarm_range(World& world, const Service& s) {
  Duration longest{};
  const auto* cloudwatch = world.find_component<aws::CloudWatch>();
  const auto& names = s.configuration.alarms;
  for (std::size_t i = 0; cloudwatch != nullptr && i < cloudwatch->alarm_count(); ++i) {
    const aws::AlarmId alarm{i};
    if (std::find(names.begin(), names.end(), cloudwatch->name(alarm)) == names.end()) continue;
    const aws::AlarmDefinition& d = cloudwatch->definition(alarm);
    longest = std::max(longest, aws::evaluation_interval(d.period, d.evaluation_periods));
  }
  return longest;
}

void ServiceScheduler::watch_alarms(World& world, WorkloadId id, Service& s) {
  if (!s.watches_alarms || !s.deploying || s.given_up) return;
  if (!any_in_alarm(world, s.configuration.alarms)) {
    wake_at(world, id, world.now() + kDeploymentAlarmPoll);
    return;
  }
  give_up(world, id, s, Reason::alarm);
  follow_revision(world, id, s);
}

/// Tasks that have waited too long for capacity.
void ServiceScheduler::stop_waiting(World& world, WorkloadId id, Service& s) {
  if (s.fargate || !s.provisions || parameters_.provisioning_timeout.count() == 0) return;
  while (true) {
    const Workload& w = world.workload(id);
    std::size_t waiting = w.pods.size() - w.bound - w.stopping;
    // In order of creation: those that wait are mostly the last ones.
    PodId oldest;
    for (auto pod = w.pods.rbegin(); waiting > 0 && pod != w.pods.rend(); ++pod) {
      if (world.pod(*pod).state != PodState::pending) continue;
      oldest = *pod;
      --waiting;
    }
    if (oldest.is_none()) return;
    const Time limit = world.pod(oldest).created + parameters_.provisioning_timeout;
    if (limit > world.now()) {
      wake_at(world, id, limit);
      return;
    }
    world.stop_pod(oldest, Reason::start_timeout);
  }
}

bool ServiceScheduler::healthy(const World& world, const Pod& task) {
  if (task.state == PodState::serving) return true;
  // Behind the scenes of a blue/green deployment: known to the balancer's other target group.
  return world.workload(task.workload).traffic_revision != 0 && task.state == PodState::ready && task.registered;
}

void ServiceScheduler::count_placed(const World& world, const FactRecord& f, Service& s) {
  std::int64_t change = 0;
  if (f.fact == Fact::pod_bound) change = 1;
  // One that ends without having been told to stop.
  if (f.fact == Fact::pod_stopping ||
      (f.fact == Fact::pod_ended && world.pod(f.pod).stopping == kTimeNever && world.pod(f.pod).bound != kTimeNever))
    change = -1;
  if (change == 0) return;
  if (s.placed_in.size() < world.zones().size()) s.placed_in.resize(world.zones().size(), 0);
  s.placed_in[world.node(world.pod(f.pod).node).zone.index()] += change;
}

void ServiceScheduler::list_tasks(const World& world, WorkloadId id, const Service& s) {
  tasks_.current.clear();
  tasks_.old_healthy.clear();
  tasks_.old_unhealthy.clear();
  tasks_.current_healthy = 0;
  const bool none_old = s.all_current && !parameters_.recount;
  for (const PodId pod : world.workload(id).pods) {
    const Pod& p = world.pod(pod);
    if (p.state == PodState::stopping) continue;
    const bool draining = !none_old && p.state != PodState::pending && world.node(p.node).state == NodeState::draining;
    if (none_old || (p.revision == s.revision && !draining && !is_unhealthy(world, p, s))) {
      tasks_.current.push_back(pod);
      tasks_.current_healthy += healthy(world, p) ? 1 : 0;
    } else {
      (healthy(world, p) ? tasks_.old_healthy : tasks_.old_unhealthy).push_back(pod);
    }
  }
  tasks_.current_count = static_cast<std::int64_t>(tasks_.current.size());
  tasks_.listed = true;
  const Duration after = s.configuration.healthy_after;
  if (after <= Duration{} || (!s.deploying && tasks_.old_healthy.empty() && tasks_.old_unhealthy.empty())) return;
  tasks_.current_healthy = 0;
  for (const PodId pod : tasks_.current) {
    const Pod& p = world.pod(pod);
    if (!healthy(world, p)) continue;
    if (p.running + after <= world.now()) {
      ++tasks_.current_healthy;
    } else {
      tasks_.next_healthy = std::min(tasks_.next_healthy, p.running + after);
    }
  }
}

void ServiceScheduler::sort_tasks(const World& world, WorkloadId id, Service& s) {
  const Workload& w = world.workload(id);
  tasks_.next_healthy = kTimeNever;
  const bool waits_for_health = s.deploying && s.configuration.healthy_after > Duration{};
  if (s.all_current && w.traffic_revision == 0 && !waits_for_health && !parameters_.recount) {
    tasks_.old_healthy.clear();
    tasks_.old_unhealthy.clear();
    tasks_.current_count = static_cast<std::int64_t>(w.pods.size()) - w.stopping;
    tasks_.current_healthy = w.serving;
    tasks_.listed = false;
    return;
  }
  list_tasks(world, id, s);
  s.all_current = tasks_.old_healthy.empty() && tasks_.old_unhealthy.empty();
}

void ServiceScheduler::start_tasks(World& world, WorkloadId id, Service& s, std::int64_t count,
                                   std::uint32_t revision) {
  for (; count > 0 && may_launch(world, id, s, revision); --count) {
    world.create_pod(id, revision);
    if (revision != s.revision) s.all_current = false;
    s.launches.take(world.now(), parameters_.launch_window);
  }
}

Reason ServiceScheduler::reason_of(const World& world, const Service& s, PodId task) const {
  const Pod& p = world.pod(task);
  const Workload& w = world.workload(p.workload);
  // Beside the new revision, tasks of the old one are replaced by their own.
  if (s.stage == Stage::done && p.revision != s.revision)
    return w.revision < w.newest_revision() ? Reason::rollback : Reason::rollout;
  if (is_unhealthy(world, p, s)) return Reason::unhealthy;
  // A pending task has no host, and nothing replaces it.
  return world.node(p.node).end_reason == Reason::retired ? Reason::retired : Reason::node_drain;
}

/// Takes protected tasks out of those that could be stopped, and looks again when the first protection ends. A task
/// that is unhealthy, on a draining instance or on a retired platform is not protected.
void ServiceScheduler::spare_protected(World& world, WorkloadId id, Service& s, std::vector<PodId>& from,
                                       Reason reason) {
  Time first = kTimeNever;
  std::erase_if(from, [&](PodId task) {
    const Reason why = reason == Reason::none ? reason_of(world, s, task) : reason;
    if (why == Reason::unhealthy || why == Reason::node_drain || why == Reason::retired) return false;
    const Pod& p = world.pod(task);
    if (!p.healthy_once || p.serving == kTimeNever) return false;
    const Time until = p.serving + s.protection.expires;
    if (until <= world.now()) return false;
    const Stream stream = world.stream(world.entity(p), Purpose::loop_offset);
    if (static_cast<std::int64_t>(stream.below(1'000'000, 0)) >= s.protection.share.raw()) return false;
    first = std::min(first, until);
    return true;
  });
  if (first != kTimeNever) wake_at(world, id, first);
}

/// Stops `count` of the tasks in `from`; none as a reason: why they are to be replaced.
void ServiceScheduler::stop(World& world, WorkloadId id, Service& s, std::vector<PodId>& from, std::int64_t count,
                            Reason reason) {
  if (count > 0 && s.protection.share.raw() > 0) {
    spare_protected(world, id, s, from, reason);
    count = std::min(count, static_cast<std::int64_t>(from.size()));
  }
  if (count <= 0) return;
  find_stoppable(world, id, s, from);
  for (; count > 0; --count) {
    const std::size_t at = choose_stop(world, id, s, from);
    const PodId victim = from[at];
    from.erase(from.begin() + static_cast<std::ptrdiff_t>(at));
    if (world.pod(victim).state == PodState::pending) --stoppable_.pending;
    if (!s.fargate) {
      const std::uint32_t instance = stoppable_.instance[at];
      stoppable_.instance.erase(stoppable_.instance.begin() + static_cast<std::ptrdiff_t>(at));
      if (instance != kNoValue) {
        --remaining_[instance];
        --remaining_in_zone_[view_.columns().zone[instance]];
        if (--stoppable_.tasks[instance] == 0)
          stoppable_.instances.erase(
              std::lower_bound(stoppable_.instances.begin(), stoppable_.instances.end(), instance));
      }
    }
    if (is_old(world, world.pod(victim), s)) --s.old_wanted;
    const Applied done = world.stop_pod(victim, reason == Reason::none ? reason_of(world, s, victim) : reason);
    PLIMSOLL_ASSERT(done == Applied::yes);
  }
}

void ServiceScheduler::replace(World& world, WorkloadId id, Service& s) {
  const Workload& w = world.workload(id);
  const bool replacing = s.deploying || !tasks_.old_healthy.empty() || !tasks_.old_unhealthy.empty();
  if (s.extra > 0 && (replacing || world.now() >= s.extra_since + kExtraLimit)) {
    s.extra = 0;
    pause_rebalancing(world, s);
  }
  RollingCounts c;
  c.desired = w.desired + s.extra;
  const DeploymentBounds bounds =
      deployment_bounds(w.desired, s.configuration.minimum_healthy_percent, s.configuration.maximum_percent);
  c.lower = bounds.lower;
  // Outside of deployments the upper bound does not hold up what is missing.
  c.upper = replacing ? bounds.upper : INT64_MAX;
  c.new_tasks = tasks_.current_count;
  c.new_healthy = tasks_.current_healthy;
  c.old_healthy = static_cast<std::int64_t>(tasks_.old_healthy.size());
  c.old_tasks = c.old_healthy + static_cast<std::int64_t>(tasks_.old_unhealthy.size());
  c.stopping = w.stopping;
  c.count_stopping = s.deploying;
  if (tasks_.next_healthy != kTimeNever) wake_at(world, id, tasks_.next_healthy);
  const RollingStep step = rolling_step(c);
  const std::int64_t excess = step.stop_new_unhealthy + step.stop_new_healthy;
  if (excess > 0 && !tasks_.listed) list_tasks(world, id, s);
  if (!s.given_up) start_tasks(world, id, s, step.start_new, s.revision);
  if (!s.given_up) c.new_tasks += step.start_new;
  start_tasks(world, id, s, missing_old(world, id, s, c), s.completed);
  if (s.given_up) {
    // A deployment that was given up starts none of its tasks, and stops nothing that works.
    s.watching = false;
    return;
  }
  stop(world, id, s, tasks_.old_unhealthy, step.stop_old_unhealthy, Reason::none);
  stop(world, id, s, tasks_.old_healthy, step.stop_old_healthy, Reason::none);
  if (excess > 0) {
    std::vector<PodId> healthy_ones, others;
    for (const PodId pod : tasks_.current) (healthy(world, world.pod(pod)) ? healthy_ones : others).push_back(pod);
    stop(world, id, s, others, step.stop_new_unhealthy, Reason::scale_in);
    stop(world, id, s, healthy_ones, step.stop_new_healthy, Reason::scale_in);
  }
  s.watching = replacing || s.extra > 0 || (s.configuration.zone_rebalancing && !step.steady);
  if (!step.steady) return;
  if (s.deploying) {
    if (s.watches_alarms && s.configuration.strategy == Strategy::rolling) {
      if (s.bake_until == kTimeNever) s.bake_until = world.now() + alarm_range(world, s);
      if (world.now() < s.bake_until) {
        wake_at(world, id, s.bake_until);
        return;
      }
    }
    s.deploying = s.rolling_back = s.watches_alarms = false;
    s.completed = s.revision;
    world.direct_traffic(id, 0);
    world.weight_traffic(id, 0, Ppm{});
    world.set_rollout(id, Rollout::none);
  }
  if (s.configuration.zone_rebalancing) rebalance(world, id, s);
}

/// Where the tasks are that `choose_stop` chooses from; stopping one of them changes nothing about the others.
void ServiceScheduler::find_stoppable(const World& world, WorkloadId id, const Service& s,
                                      const std::vector<PodId>& from) {
  Stoppable& all = stoppable_;
  all.pending = 0;
  if (s.fargate) {
    for (const PodId pod : from) all.pending += world.pod(pod).state == PodState::pending ? 1 : 0;
    return;
  }
  view_.refresh(world, id);
  all.instance.clear();
  all.instances.clear();
  all.tasks.assign(view_.columns().size(), 0);
  // What is stopping already is out of the balance, though it still has its place.
  remaining_.assign(view_.columns().size(), 0);
  remaining_in_zone_.assign(view_.columns().zone_count, 0);
  const std::span<const std::uint32_t> zones = view_.columns().zone;
  auto next = from.begin();  // in the order of the service's tasks, as `from` is
  for (const PodId pod : world.workload(id).pods) {
    const Pod& p = world.pod(pod);
    if (p.state == PodState::stopping) continue;
    const bool pending = p.state == PodState::pending;
    const std::uint32_t instance = pending ? kNoValue : view_.instance_in(world.node(p.node).row);
    if (!pending) {
      ++remaining_[instance];
      ++remaining_in_zone_[zones[instance]];
    }
    if (next == from.end() || *next != pod) continue;
    ++next;
    all.instance.push_back(instance);
    all.pending += pending ? 1 : 0;
    if (!pending && all.tasks[instance]++ == 0) all.instances.push_back(instance);
  }
  PLIMSOLL_ASSERT(next == from.end());
  std::sort(all.instances.begin(), all.instances.end());
}

/// Which one of `from` goes next, by its place in it.
std::size_t ServiceScheduler::choose_stop(World& world, WorkloadId id, Service& s, const std::vector<PodId>& from) {
  PLIMSOLL_ASSERT(!from.empty());
  const Workload& w = world.workload(id);
  // A task that has no place yet costs nothing to give up; the newest first.
  if (stoppable_.pending > 0) {
    std::size_t i = from.size() - 1;
    while (world.pod(from[i]).state != PodState::pending) --i;
    return i;
  }
  if (s.fargate) return choose_on_fargate(world, id, s, from);
  const Stream stream = world.stream(hash_text(world.names.text(w.name), hash_text("service")), Purpose::tie_break);
  TaskNeed need;
  need.cpu = w.requests.cpu();
  need.memory = w.requests.memory();
  if (!s.spread.empty())
    masks_.apply(
        world, s.spread, [](WorkloadId) { return nullptr; }, view_, need);
  InstanceColumns columns = view_.columns();
  columns.group_tasks = remaining_;
  columns.zone_tasks = remaining_in_zone_;
  scratch_.candidates = stoppable_.instances;
  const auto best = choose_scale_in(columns, need, s.strategies, scratch_);
  PLIMSOLL_ASSERT(!best.empty());
  const std::uint32_t instance = best[stream.below(best.size(), s.stops, 1)];
  std::vector<std::size_t>& equal = stoppable_.equal;
  equal.clear();
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (stoppable_.instance[i] == instance) equal.push_back(i);
  }
  PLIMSOLL_ASSERT(!equal.empty());
  return equal[stream.below(equal.size(), s.stops++, 0)];
}

std::size_t ServiceScheduler::choose_on_fargate(const World& world, WorkloadId id, Service& s,
                                                const std::vector<PodId>& from) {
  const Workload& w = world.workload(id);
  const auto zone_of = [&](PodId pod) { return world.node(world.pod(pod).node).zone.index(); };
  std::vector<std::int64_t> per_zone(world.zones().size(), 0);
  for (const PodId pod : w.pods) {
    const PodState state = world.pod(pod).state;
    if (state != PodState::stopping && state != PodState::pending) ++per_zone[zone_of(pod)];
  }
  std::int64_t most = -1;
  for (const PodId pod : from) most = std::max(most, per_zone[zone_of(pod)]);
  // The first zone in name order among equally full ones.
  std::optional<std::size_t> zone;
  for (std::size_t z = 0; z < per_zone.size() && !zone; ++z) {
    for (const PodId pod : from) {
      if (per_zone[z] == most && zone_of(pod) == z) zone = z;
    }
  }
  std::vector<std::size_t>& equal = stoppable_.equal;
  equal.clear();
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (zone_of(from[i]) == *zone) equal.push_back(i);
  }
  PLIMSOLL_ASSERT(!equal.empty());
  const Stream stream = world.stream(hash_text(world.names.text(w.name), hash_text("service")), Purpose::tie_break);
  return equal[stream.below(equal.size(), s.stops++, 0)];
}

}  // namespace plimsoll::ecs
