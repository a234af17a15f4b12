#include "sim/cluster/host_agent.h"

#include <algorithm>
#include <utility>

#include "sim/cluster/probe_ticks.h"
#include "sim/cluster/termination.h"
#include "sim/core/assert.h"

namespace plimsoll {

namespace {

/// Exit codes of a container: an error of its own, killed (SIGKILL, also by the kernel for memory), told to end.
constexpr std::int64_t kExitError = 1, kExitKilled = 137, kExitTerminated = 143;

// payload: pod id | epoch (24 bits) | step (8 bits)
std::uint64_t pack(std::uint32_t id, std::uint32_t epoch, std::uint8_t step) {
  return (static_cast<std::uint64_t>(id) << 32) | (static_cast<std::uint64_t>(epoch & 0xffffffu) << 8) | step;
}

const HostProfile& profile_of(const World& world, const Pod& pod) {
  return world.host_profiles[static_cast<std::size_t>(world.node(pod.node).host)];
}

/// Whether this start of the pod's containers fails in the way its template says.
bool start_fails(const World& world, const Pod& pod, FailureKind kind) {
  const Failure& f = world.template_of(pod).fails;
  if (f.kind != kind) return false;
  const std::uint64_t item = kind == FailureKind::pull ? pod.crashes : pod.restarts;
  return static_cast<std::int64_t>(
             world.stream(world.entity(pod), Purpose::container).below(1'000'000, item, pod.revision)) < f.share.raw();
}

/// The exit code with which this run of a pod that ends by itself fails; none when it does not. Each way to fail draws
/// for itself.
std::optional<std::int64_t> run_fails(const World& world, const Pod& pod, const RunToCompletion& run) {
  constexpr std::uint64_t kMillion = 1'000'000;
  const Stream stream = world.stream(world.entity(pod), Purpose::work);
  for (std::size_t i = 0; i < run.failures.size(); ++i) {
    const RunFailure& f = run.failures[i];
    const bool concerned =
        f.indexes.empty() || std::find(f.indexes.begin(), f.indexes.end(), pod.index) != f.indexes.end();
    if (!concerned) continue;
    const std::uint64_t draw = stream.below(kMillion, pod.restarts, 4 + static_cast<std::uint32_t>(i));
    if (static_cast<std::int64_t>(draw) < f.share.raw()) return f.exit_code;
  }
  if (static_cast<std::int64_t>(stream.below(kMillion, pod.restarts, 2)) < run.fails.raw()) return kExitError;
  return std::nullopt;
}

bool is_final(const RestartRule& rule, std::int64_t exit_code) {
  const std::vector<std::int64_t>& codes = rule.final_exit_codes;
  return std::find(codes.begin(), codes.end(), exit_code) != codes.end();
}

/// Whether work that has succeeded is begun again: a restart rule by period asks for the exit code only.
bool runs_again(const World& world, const Pod& pod) {
  const RestartRule rule = world.template_of(pod).restart.value_or(profile_of(world, pod).restart);
  return rule.kind == RestartRule::Kind::once_a_period && world.now() - pod.running >= rule.period &&
         !is_final(rule, 0);
}

/// From when on its checks fail; never when they do not.
Time checks_fail_from(const World& world, const Pod& pod) {
  return start_fails(world, pod, FailureKind::health) ? pod.running + world.template_of(pod).fails.after : kTimeNever;
}

constexpr std::uint32_t kReadiness = 0, kStartup = 1, kLiveness = 2;

ContainerProbe readiness_of(const World& world, const Pod& pod) {
  const PodTemplate& made_of = world.template_of(pod);
  if (made_of.readiness) return *made_of.readiness;
  ContainerProbe probe;
  probe.period = profile_of(world, pod).probe_period;
  return probe;
}

/// When a probe gives the container up, and the time that it grants it then.
struct GivenUp {
  Time at = kTimeNever;
  std::optional<Duration> grace{};
};

/// When startup or liveness probe give the container up; `able`: it answers from then on, `broken`: no more from then
/// on.
GivenUp given_up(const World& world, const Pod& pod, Time able, Time broken) {
  const PodTemplate& made_of = world.template_of(pod);
  Time begin = pod.running;
  if (made_of.startup) {
    const ProbeTicks ticks = ticks_of(world, pod, *made_of.startup, kStartup);
    const Time last = ticks.nth(made_of.startup->failures - 1), passes = ticks.at_or_after(able);
    if (passes > last || passes >= broken) return {last, made_of.startup->stop_grace};
    begin = passes;
  }
  if (!made_of.liveness) {
    if (broken == kTimeNever || profile_of(world, pod).liveness_restarts) return {};
    // Where the owner replaces what is unhealthy, the checks of its balancer or discovery give the pod up.
    const ContainerProbe checks = readiness_of(world, pod);
    return {ticks_of(world, pod, checks, kReadiness).at_or_after(broken) + checks.period * (checks.failures - 1), {}};
  }
  ProbeTicks ticks = ticks_of(world, pod, *made_of.liveness, kLiveness);
  ticks.first = ticks.at_or_after(begin);
  const std::int64_t failures = made_of.liveness->failures;
  const std::optional<Duration>& grace = made_of.liveness->stop_grace;
  if (ticks.before(able) >= failures) return {ticks.nth(failures - 1), grace};
  if (broken == kTimeNever) return {};
  return {ticks.at_or_after(broken) + made_of.liveness->period * (failures - 1), grace};
}

/// From the verdict of a probe until the container is dead: its preStop hook, then SIGTERM, within the grace period,
/// which is the probe's own where it has one. SOURCE: pkg/kubelet/kuberuntime/kuberuntime_container.go
/// setTerminationGracePeriod (reasons livenessProbe and startupProbe).
Duration killing_time(const World& world, const Pod& pod, const std::optional<Duration>& grace) {
  const HostProfile& profile = profile_of(world, pod);
  if (!profile.liveness_restarts) return {};
  const PodTemplate& made_of = world.template_of(pod);
  return termination_time(made_of.pre_stop, std::min(profile.stop_plain, seconds(2)),
                          grace ? grace : made_of.stop_grace);
}

}  // namespace

Duration restart_delay(const RestartRule& rule, std::uint32_t failures_before) {
  if (failures_before == 0) return Duration{};
  Duration delay = rule.first;
  for (std::uint32_t i = 1; i < failures_before && delay < rule.longest; ++i) delay *= 2;
  return std::min(delay, rule.longest);
}

void HostAgent::run_to_completion(WorkloadId workload, const RunToCompletion& run) {
  if (runs_.size() <= workload.index()) runs_.resize(workload.index() + 1);
  runs_[workload.index()] = run;
}

void HostAgent::prepare(WorkloadId workload, PodPreparation preparation) {
  if (preparations_.size() <= workload.index()) preparations_.resize(workload.index() + 1);
  preparations_[workload.index()] = std::move(preparation);
}

void HostAgent::limit_pulls(HostKind host, std::int64_t most) { most_pulls_[static_cast<std::size_t>(host)] = most; }

void HostAgent::add_layer(NameId image) {
  if (std::find(layers_.begin(), layers_.end(), image) == layers_.end()) layers_.push_back(image);
}

void HostAgent::kill_for_memory(World& world, PodId pod) { fail(world, pod, Reason::out_of_memory, kExitKilled); }

void HostAgent::mounted(World& world, PodId id) {
  const Pod& pod = world.pod(id);
  if (pod.state == PodState::preparing && pod.pulling == kTimeNever) begin_pull(world, id);
}

/// From the images to the start of the application's containers: each draws its own times.
Duration HostAgent::preparation_time(const World& world, const Pod& pod) const {
  Duration sum{};
  const PodPreparation* preparation = preparation_for(pod);
  if (preparation == nullptr) return sum;
  const Stream stream = world.stream(world.entity(pod), Purpose::container);
  std::uint64_t item = 2'000'000;
  for (const Delay& run : preparation->before) {
    sum += profile_of(world, pod).container_start.sample(stream, item) + run.sample(stream, item, 1);
    ++item;
  }
  return sum;
}

void HostAgent::schedule(World& world, const Pod& pod, Step step, Time at) {
  world.wake(handler, std::max(at, world.now()), Phase::facts,
             pack(pod.id.value(), pod.epoch, static_cast<std::uint8_t>(step)));
}

void HostAgent::on_fact(World& world, const FactRecord& fact) {
  if (fact.fact == Fact::traffic_shifted) {
    world.wake(handler, world.now(), Phase::facts,
               pack(fact.workload.value(), 0, static_cast<std::uint8_t>(Step::shift)));
    return;
  }
  if (fact.fact == Fact::node_lost) {
    for (const PodId id : world.pods_on(fact.node)) {
      const Pod& pod = world.pod(id);
      if (pod.state == PodState::ready || (pod.serving != kTimeNever && pod.state != PodState::stopping))
        schedule_target_removal(world, pod, world.now());
    }
    return;
  }
  if (fact.fact == Fact::pod_ended) {
    const Pod& pod = world.pod(fact.pod);
    if (pod.serving == kTimeNever || pod.stopping != kTimeNever || !is_host_loss(pod.end_reason)) return;
    schedule_target_removal(world, pod, std::min(world.now(), world.node(pod.node).lost));
    return;
  }
  // On a lost node nobody does anything, whatever the control plane asks for.
  if (!fact.node.is_none() && world.node(fact.node).is_lost()) return;
  if (fact.fact == Fact::pod_bound) {
    const Pod& pod = world.pod(fact.pod);
    const Stream stream = world.stream(world.entity(pod), Purpose::registration);
    schedule(world, pod, Step::pull, world.now() + profile_of(world, pod).prepare.sample(stream, 0));
    const PodPreparation* preparation = preparation_for(pod);
    if (preparation != nullptr && preparation->active_deadline)
      schedule(world, pod, Step::deadline, world.now() + *preparation->active_deadline);
  } else if (fact.fact == Fact::pod_stopping) {
    const Pod& pod = world.pod(fact.pod);
    schedule(world, pod, Step::end, world.now() + pod.stop_after);
  }
}

void HostAgent::schedule_target_removal(World& world, const Pod& pod, Time lost) {
  const HostProfile& profile = profile_of(world, pod);
  const Delay& delay =
      world.workload(pod.workload).behind_balancer ? profile.lost_target_balanced : profile.lost_target_plain;
  const Stream stream = world.stream(world.entity(pod), Purpose::probe_phase);
  schedule(world, pod, Step::target_removed, lost + delay.sample(stream, 1));
}

void HostAgent::handle(World& world, const Event& event) {
  const auto number = static_cast<std::uint32_t>(event.payload >> 32);
  const Step step = static_cast<Step>(event.payload & 0xffu);
  if (step == Step::shift) {
    shift_traffic(world, WorkloadId{number});
    return;
  }
  if (step == Step::transfer) {
    if ((pulls_[number].turn & 0xffffffu) == ((event.payload >> 8) & 0xffffffu)) advance_pulls(world, NodeId{number});
    return;
  }
  const PodId id{number};
  const Pod& pod = world.pod(id);
  if (step == Step::deadline) {
    exceed_deadline(world, id);
    return;
  }
  if ((pod.epoch & 0xffffffu) != ((event.payload >> 8) & 0xffffffu)) return;
  switch (step) {
    case Step::pull:
      if (pod.pulling == kTimeNever && !gate_.is_none() &&
          !dynamic_cast<MountGate&>(world.component(gate_)).mounts(world, id))
        break;
      begin_pull(world, id);
      break;
    case Step::start:
      world.pod_started(id);
      begin_run(world, id);
      break;
    case Step::restart:
      world.pod_restarted(id);
      begin_run(world, id);
      break;
    case Step::init_done:
      after_init(world, id);
      break;
    case Step::probe: {
      const bool gated = waits_for_target(world, pod);
      if (!gated) world.pod_ready(id);
      const HostProfile& profile = profile_of(world, pod);
      const Workload& workload = world.workload(pod.workload);
      const Stream stream = world.stream(world.entity(pod), Purpose::registration);
      Duration delay = profile.endpoint_propagation.sample(stream, 2 * pod.restarts + 1);
      if (workload.behind_balancer) {
        delay = profile.balancer_registration.sample(stream, 2 * pod.restarts + 2);
        if (!gated) delay += profile.slow_start / 2;
      }
      schedule(world, pod, Step::serve, world.now() + delay);
      break;
    }
    case Step::serve: {
      if (lacks_endpoints(pod)) break;
      if (pod.state == PodState::starting && waits_for_target(world, pod)) {
        if (checks_fail_from(world, pod) <= world.now()) break;
        world.pod_ready(id);
        if (const Duration ramp = profile_of(world, pod).slow_start / 2; ramp.count() > 0) {
          schedule(world, world.pod(id), Step::serve, world.now() + ramp);
          break;
        }
      }
      const std::uint32_t only = world.workload(pod.workload).traffic_revision;
      const bool may = only == 0 || only == pod.revision;
      if (pod.state == PodState::starting && world.workload(pod.workload).publish_not_ready) {
        if (may && checks_fail_from(world, pod) > world.now()) world.pod_published(id);
        break;
      }
      if (pod.state != PodState::ready) break;
      world.edit_pod(id).registered = true;
      if (may) world.pod_serving(id);
      break;
    }
    case Step::fail: {
      const bool memory = world.template_of(pod).fails.kind != FailureKind::exit;
      fail(world, id, memory ? Reason::out_of_memory : Reason::container_exit, memory ? kExitKilled : kExitError);
      break;
    }
    case Step::exit_error:
      fail(world, id, Reason::container_exit, run_fails(world, pod, *runs_[pod.workload.index()]).value_or(kExitError));
      break;
    case Step::done:
      if (runs_again(world, pod)) {
        fail(world, id, Reason::completed, 0);
      } else {
        world.pod_ended(id, Reason::completed);
      }
      break;
    case Step::unready:
      if (pod.state == PodState::ready || pod.state == PodState::serving) world.pod_unready(id, Reason::unhealthy);
      break;
    case Step::kill:
      if (profile_of(world, pod).liveness_restarts) {
        fail(world, id, Reason::unhealthy, kExitTerminated);
      } else {
        world.pod_unhealthy(id);
      }
      break;
    case Step::end:
      world.pod_ended(id, Reason::none);
      break;
    case Step::target_removed:
      // One that still exists is found not to answer; one that went with its host is taken out of the lists.
      if (pod.state == PodState::ended) {
        world.target_removed(id);
      } else if (pod.state == PodState::ready || (pod.serving != kTimeNever && pod.state != PodState::stopping)) {
        world.pod_unready(id, Reason::node_lost);
      }
      break;
    case Step::shift:
    case Step::transfer:
    case Step::deadline:
      break;
  }
}

void HostAgent::begin_pull(World& world, PodId id) {
  if (lacks_image(world, id)) return;
  if (world.pod(id).pulling == kTimeNever) world.pod_pulling(id);
  const Pod& pod = world.pod(id);
  const HostProfile& profile = profile_of(world, pod);
  if (start_fails(world, pod, FailureKind::pull)) {
    world.record({.at = world.now(),
                  .fact = Fact::pod_failed,
                  .reason = Reason::image_pull,
                  .node = pod.node,
                  .pod = id,
                  .workload = pod.workload});
    Pod& p = world.edit_pod(id);
    if (profile.failed_pull_ends_pod) {
      p.end_reason = Reason::image_pull;
      schedule(world, p, Step::end, world.now() + profile.pull_overhead);
      return;
    }
    RestartRule retry;
    retry.first = profile.pull_retry_first;
    retry.longest = profile.pull_retry_longest;
    schedule(world, p, Step::pull, world.now() + profile.pull_overhead + restart_delay(retry, ++p.crashes));
    return;
  }
  world.edit_pod(id).crashes = 0;
  if (shares_pulls(world, world.node(pod.node))) {
    pull_side_by_side(world, id);
    return;
  }
  Node& node = world.edit_node(pod.node);
  Time done = world.now();
  for (const auto& [image, size] : world.template_of(pod).images) {
    const Duration overhead = overhead_of(world, pod, image);
    const auto cached = std::find_if(node.image_cache.begin(), node.image_cache.end(),
                                     [name = image](const auto& entry) { return entry.first == name; });
    if (profile.image_cache && cached != node.image_cache.end()) {
      done = std::max(done, cached->second);  // perhaps still on its way for another pod
      if (asks_registry(world, pod, image)) done += overhead;
      continue;
    }
    const Duration transfer{
        static_cast<std::int64_t>(static_cast<__int128>(size.raw()) * 1'000'000 / profile.pull_bytes_per_s)};
    done = (profile.serial_pulls ? std::max(done, node.pull_free) : done) + overhead + transfer;
    if (profile.serial_pulls) node.pull_free = done;
    if (profile.image_cache) node.image_cache.emplace_back(image, done);
  }
  start_after(world, pod, done);
}

void HostAgent::start_after(World& world, const Pod& pod, Time images_there) {
  const Stream stream = world.stream(world.entity(pod), Purpose::image_pull);
  schedule(world, pod, Step::start,
           images_there + preparation_time(world, pod) + profile_of(world, pod).container_start.sample(stream, 0));
}

Duration HostAgent::overhead_of(const World& world, const Pod& pod, NameId image) const {
  const bool layer = std::find(layers_.begin(), layers_.end(), image) != layers_.end();
  return layer ? Duration{} : profile_of(world, pod).pull_overhead;
}

bool HostAgent::waits_for_target(const World& world, const Pod& pod) const {
  const PodPreparation* preparation = preparation_for(pod);
  return preparation != nullptr && preparation->ready_with_target && world.workload(pod.workload).behind_balancer;
}

bool HostAgent::shares_pulls(const World& world, const Node& node) const {
  const HostProfile& profile = world.host_profiles[static_cast<std::size_t>(node.host)];
  return !profile.serial_pulls && profile.image_cache && most_pulls_[static_cast<std::size_t>(node.host)] >= 0;
}

HostAgent::NodePulls& HostAgent::pulls_of(const World& world, const Node& node) {
  if (pulls_.size() <= node.id.index()) pulls_.resize(node.id.index() + 1);
  NodePulls& out = pulls_[node.id.index()];
  if (out.pulls) return out;
  const std::int64_t most = most_pulls_[static_cast<std::size_t>(node.host)];
  const std::int64_t cores = std::max<std::int64_t>(1, node.capacity.cpu().raw() / kCpuTicksPerVcpu);
  ImagePulls::Limits limits;
  limits.slots = most == 0 ? cores : std::min(most, cores);
  limits.each = world.host_profiles[static_cast<std::size_t>(node.host)].pull_bytes_per_s;
  if (networks_ != nullptr && !node.instance_type.is_none())
    limits.network = networks_->of(world.names.text(node.instance_type));
  out.pulls.emplace(limits, world.now());
  return out;
}

void HostAgent::pull_side_by_side(World& world, PodId id) {
  const Pod& pod = world.pod(id);
  Node& node = world.edit_node(pod.node);
  NodePulls& here = pulls_of(world, node);
  advance_pulls(world, node.id);
  WaitingPod waiting{id, pod.epoch, {}};
  const bool together = profile_of(world, pod).images_side_by_side;
  bool pulls = false;
  NameId before;  // the pod's image ahead of this one, if that has still to come
  for (const auto& [image, size] : world.template_of(pod).images) {
    const Duration overhead = overhead_of(world, pod, image);
    const bool there = std::any_of(node.image_cache.begin(), node.image_cache.end(),
                                   [name = image](const auto& entry) { return entry.first == name; });
    if (there) {
      if (asks_registry(world, pod, image))
        waiting.owed = together ? std::max(waiting.owed, overhead) : waiting.owed + overhead;
      if (here.pulls->has(image)) before = image;
      continue;
    }
    const bool layer = std::find(layers_.begin(), layers_.end(), image) != layers_.end();
    const Duration owed = together ? Duration{} : std::exchange(waiting.owed, Duration{});
    here.pulls->add(image, size, owed + overhead, together && !layer ? NameId{} : before);
    node.image_cache.emplace_back(image, kTimeNever);
    before = image;
    pulls = true;
  }
  if (together && pulls) waiting.owed = {};  // beside the pulls
  here.waiting.push_back(waiting);
  advance_pulls(world, node.id);
}

void HostAgent::advance_pulls(World& world, NodeId id) {
  NodePulls& here = pulls_[id.index()];
  const Node& node = world.node(id);
  if (node.is_lost() || node.state == NodeState::terminated) {
    here.pulls->clear();
    here.waiting.clear();
    return;
  }
  for (const NameId image : here.pulls->advance(world.now())) {
    for (auto& [name, since] : world.edit_node(id).image_cache) {
      if (name == image) since = world.now();
    }
  }
  std::erase_if(here.waiting, [&](const WaitingPod& w) {
    const Pod& pod = world.pod(w.pod);
    if (pod.epoch != w.epoch) return true;
    for (const auto& [image, size] : world.template_of(pod).images) {
      if (here.pulls->has(image)) return false;
    }
    start_after(world, pod, world.now() + w.owed);
    return true;
  });
  ++here.turn;
  const Time next = here.pulls->next();
  if (next == kTimeNever) return;
  world.wake(handler, next, Phase::facts, pack(id.value(), here.turn, static_cast<std::uint8_t>(Step::transfer)));
}

/// The containers have just started: what this run of them will be is settled here, but for what comes from outside.
void HostAgent::begin_run(World& world, PodId id) {
  const Pod& pod = world.pod(id);
  if (pod.workload.index() < runs_.size() && runs_[pod.workload.index()]) {
    begin_work(world, id, *runs_[pod.workload.index()]);
    return;
  }
  const PodTemplate& made_of = world.template_of(pod);
  Duration cpu_part{};
  if (made_of.start_cpu_seconds > 0) {
    ServiceModel* service = world.service();
    const double cores = service != nullptr ? service->start_cores(world, id) : made_of.start_cores;
    PLIMSOLL_ASSERT(cores > 0);
    cpu_part = from_seconds(made_of.start_cpu_seconds / cores);
  }
  const Time able = world.now() + cpu_part + made_of.start_wait;
  Time fails_at = kTimeNever;
  if (start_fails(world, pod, FailureKind::exit) || start_fails(world, pod, FailureKind::memory))
    fails_at = pod.running + made_of.fails.after;
  // An application that needs more than its limit is killed when it has grown to its size.
  const Workload& workload = world.workload(pod.workload);
  if (workload.memory_limit.raw() > 0 && workload.memory_used > workload.memory_limit)
    fails_at = std::min(fails_at, able);
  const auto [killed_at, grace] = given_up(world, pod, able, checks_fail_from(world, pod));
  if (able < std::min(fails_at, killed_at)) schedule(world, pod, Step::init_done, able);
  if (fails_at != kTimeNever && fails_at <= killed_at) {
    schedule(world, pod, Step::fail, fails_at);
  } else if (killed_at != kTimeNever) {
    schedule(world, pod, Step::kill, killed_at + killing_time(world, pod, grace));
  }
}

void HostAgent::begin_work(World& world, PodId id, const RunToCompletion& run) {
  const Pod& pod = world.pod(id);
  const Stream stream = world.stream(world.entity(pod), Purpose::work);
  const double core_seconds = to_seconds(run.work.sample(stream, pod.restarts, 0));
  Duration cpu_part{};
  if (core_seconds > 0) {
    auto* grants = dynamic_cast<WorkGrants*>(world.service());
    const double cores = grants != nullptr ? grants->run_cores(world, id, run.cores, core_seconds) : run.cores;
    PLIMSOLL_ASSERT(cores > 0);
    cpu_part = from_seconds(core_seconds / cores);
  }
  const Duration whole = cpu_part + run.wait.sample(stream, pod.restarts, 1);
  const Workload& workload = world.workload(pod.workload);
  if (workload.memory_limit.raw() > 0 && workload.memory_used > workload.memory_limit) {
    schedule(world, pod, Step::fail, world.now() + cpu_part);
    return;
  }
  constexpr std::uint64_t kMillion = 1'000'000;
  if (run_fails(world, pod, run)) {
    const auto share = static_cast<std::int64_t>(stream.below(kMillion, pod.restarts, 3));
    const auto after = static_cast<__int128>(whole.count()) * share / static_cast<std::int64_t>(kMillion);
    schedule(world, pod, Step::exit_error, world.now() + Duration{static_cast<std::int64_t>(after)});
    return;
  }
  schedule(world, pod, Step::done, world.now() + whole);
}

/// The application answers: its readiness probe sees it at a tick, as often in a row as it wants, unless its checks
/// fail by then.
void HostAgent::after_init(World& world, PodId id) {
  const Pod& pod = world.pod(id);
  const ContainerProbe probe = readiness_of(world, pod);
  const Time broken = checks_fail_from(world, pod);
  publish(world, pod, broken);
  Time begin = world.now();
  if (const auto& startup = world.template_of(pod).startup) {
    begin = ticks_of(world, pod, *startup, kStartup).at_or_after(begin);
  }
  const ProbeTicks ticks = ticks_of(world, pod, probe, kReadiness);
  const Time seen = ticks.at_or_after(begin) + probe.period * (probe.successes - 1);
  if (seen >= broken) return;
  schedule(world, pod, Step::probe, seen);
  if (broken == kTimeNever) return;
  schedule(world, pod, Step::unready, ticks.at_or_after(broken) + probe.period * (probe.failures - 1));
}

void HostAgent::fail(World& world, PodId id, Reason reason, std::int64_t exit_code) {
  world.pod_failed(id, reason, exit_code);
  Pod& pod = world.edit_pod(id);
  const HostProfile& profile = profile_of(world, pod);
  const RestartRule rule = world.template_of(pod).restart.value_or(profile.restart);
  const Duration ran = world.now() - pod.running;
  const Stream stream = world.stream(world.entity(pod), Purpose::container);
  Time again = world.now() + profile.container_start.sample(stream, pod.restarts + 1'000'000);
  if (rule.kind == RestartRule::Kind::backoff) {
    if (ran > rule.reset_after) pod.crashes = 0;
    const Duration delay = restart_delay(rule, pod.crashes++);
    again += delay;
    if (delay.count() > 0 && rule.sync.count() > 0) {
      const std::uint64_t late = stream.below(static_cast<std::uint64_t>(rule.sync.count()), pod.restarts, 1);
      again += Duration{static_cast<std::int64_t>(late)};
    }
  } else if (rule.kind == RestartRule::Kind::never || ran < rule.period || is_final(rule, exit_code)) {
    // The other containers are told to end, and the pod is over.
    schedule(world, pod, Step::end, world.now() + std::min(profile.stop_plain, seconds(2)));
    return;
  }
  schedule(world, pod, Step::restart, again);
}

}  // namespace plimsoll
