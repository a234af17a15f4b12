#include "sim/load/traffic.h"

#include <algorithm>
#include <utility>

#include "sim/core/assert.h"
#include "sim/load/arrivals.h"
#include "sim/load/prefetch.h"
#include "sim/load/rate_series.h"
#include "sim/load/share.h"

namespace plimsoll::load {

namespace {

constexpr std::uint32_t kNoIndex = 0xffffffffu;
constexpr Divisor kMillion{1'000'000};
/// State::step_foreseen, when it is still to be reckoned for State::at.
constexpr std::int64_t kNotReckoned = -1;

// payload: pod id (32) | number of the start (24) | kind (8)
std::uint64_t pack_start(PodId pod, std::uint32_t number) {
  return (static_cast<std::uint64_t>(pod.value()) << 32) | (static_cast<std::uint64_t>(number & 0xffffffu) << 8) | 1u;
}

std::int64_t idle_ticks(const Workload& w) {
  return static_cast<std::int64_t>(w.idle_cores * static_cast<double>(kCpuTicksPerVcpu));
}

/// Whether requests go to its pods from the start of their containers to their end. A balancer's checks keep them away.
bool is_published(const Workload& workload) { return workload.publish_not_ready && !workload.behind_balancer; }

/// Whether a pod is sent requests that nothing in it answers: it is published before its application is up, after that
/// has failed, or while its checks fail.
bool refuses(const World& world, const Pod& pod) {
  return is_published(world.workload(pod.workload)) && pod.serving == kTimeNever;
}

}  // namespace

Traffic::Traffic(std::shared_ptr<const TrafficPlan> plan) : plan_(std::move(plan)) {}

void Traffic::start(World& world) {
  const std::size_t n = plan_->workloads.size();
  states_.resize(2 * n);
  laws_.resize(n);
  sets_ = apps();
  want_.resize(2 * n);
  want_all_.resize(2 * n);
  capacity_.resize(2 * n);
  weighted_.assign(n, 0);
  for (const TrafficWorkload& w : plan_->workloads) {
    most_.push_back(w.pod_most.raw() > 0 ? w.pod_most.raw() : INT64_MAX);
    limited_ = limited_ || w.pod_most.raw() > 0;
    const std::string_view name = world.names.text(world.workload(w.workload).name);
    streams_.push_back(world.stream(hash_text(name, hash_text("workload")), Purpose::arrivals));
    visits_.push_back(w.visits);
    external_.push_back(w.visits);
  }
  paired_ = !limited_ && n <= HostPairs::kMostSets;
  if (paired_) pairs_.start(n);
  // What a workload gets from outside is what its callers do not explain.
  for (const Call& c : plan_->graph.calls()) {
    external_[c.to] -= c.per_request * c.attempts() * plan_->workloads[c.from].visits;
  }
  expected_.assign(n, 0);
  totals_.assign(n, 0);
  passed_.assign(n, 1.0);
  errors_.assign(n, 0.0);
  failed_.assign(n, 0.0);
  claims_.reserve(n + 1);
  grants_.resize(n + 1);
  own_.resize(n);
  total_.resize(n);
  index_of_.assign(world.workloads().size(), kNoIndex);
  for (std::uint32_t i = 0; i < n; ++i) index_of_[plan_->workloads[i].workload.index()] = i;
  step_end_ = kTimeZero;
  world.wake(handler, kTimeZero, Phase::load, kStep);
}

Traffic::Host& Traffic::host(const World& world, NodeId id) {
  if (hosts_.size() <= id.index()) hosts_.resize(id.index() + 1);
  Host& h = hosts_[id.index()];
  if (!h.active) {
    h.active = true;
    h.room = world.node(id).capacity.cpu().raw();
    h.order = activations_++;
    active_.push_back(id);
  }
  return h;
}

void Traffic::take_room(NodeId node, std::int64_t Host::*part, std::int64_t ticks) {
  Host& h = hosts_[node.index()];
  h.*part += ticks;
  if (paired_ && !h.crowded) note_room(node, h, pairs_.change_room(h.groups, -ticks, h.room_for_traffic()));
}

void Traffic::begin_step(World& world) {
  step_start_ = world.now();
  step_end_ = std::min(step_start_ + plan_->step, world.end);
  if (step_end_ == step_start_) return;
  const double rate = plan_->arrivals->mean_rate(step_start_, step_end_);
  const double dt = to_seconds(step_end_ - step_start_);
  const bool all_pass = std::all_of(passed_.begin(), passed_.end(), [](double p) { return p == 1.0; });
  if (!all_pass) plan_->graph.spread(external_, passed_, visits_);
  for (std::uint32_t i = 0; i < apps(); ++i) {
    const double visits = all_pass ? plan_->workloads[i].visits : visits_[i];
    expected_[i] = static_cast<std::int64_t>(rate * dt * visits * static_cast<double>(kMicroRequests));
  }
  draw_step_arrivals(streams_, step_, expected_, plan_->extra_scv, totals_);
  for (std::uint32_t i = 0; i < apps(); ++i) {
    const std::int64_t expected = expected_[i], total = totals_[i];
    fetch_for_writing(states_.data() + std::min<std::size_t>(i + 3, states_.size() - 1));
    if (sets_ == apps()) {
      begin_set(states_[i], total, expected);
      continue;
    }
    const Workload& workload = world.workload(plan_->workloads[i].workload);
    const std::int64_t weight = weighted_[i] == 0 ? 0 : workload.weight.raw();
    begin_set(states_[i], total - share(total, weight, 1'000'000), expected - share(expected, weight, 1'000'000));
    begin_set(states_[i + apps()], share(total, weight, 1'000'000), share(expected, weight, 1'000'000));
  }
  ++step_;
  rebalance(world);
  world.wake(handler, step_end_, Phase::load, kStep);
}

void Traffic::close_step(World& world) {
  settle(world);
  for (std::uint32_t i = 0; i < apps(); ++i) {
    const State& a = states_[i];
    if (sets_ == apps() && a.lost == 0 && a.slow.served == 0) {
      passed_[i] = 1.0;
      own_[i] = a.plain.moments();
      continue;
    }
    const State& b = states_[i + apps()];
    const std::int64_t lost = a.lost + b.lost, served = a.served + b.served;
    passed_[i] = lost == 0 ? 1.0 : static_cast<double>(served) / static_cast<double>(served + lost);
    if (a.slow.served == 0 && b.served == 0) {
      own_[i] = a.plain.moments();
    } else {
      StepLatency all = a.plain;
      for (const StepLatency* part : {&a.slow, &b.plain, &b.slow}) all.merge(*part);
      own_[i] = all.mixture();
    }
  }
  fail_requests(world);
  const bool counts = step_start_ >= world.window_start;
  if (!counts && !keeps_times_) return;
  plan_->graph.end_to_end(own_, total_);
  const auto add = [&](const LatencyMoments& moments, std::int64_t weight) {
    if (counts) add_latency(window_latency_, moments, weight);
    if (keeps_times_) add_latency(kept_times_, moments, weight);
  };
  for (std::uint32_t i = 0; i < apps(); ++i) {
    if (!plan_->workloads[i].entry) continue;
    const State &a = states_[i], &b = states_[i + apps()];
    if (counts) {
      window_.served += a.served + b.served;
      window_.lost += a.lost + b.lost;
    }
    if (a.slow.served == 0 && b.served == 0) {
      if (a.served > 0) add(total_[i], a.served);
      continue;
    }
    // A crowded node's requests stand apart, and those of a revision under weights: they may be the slow ones that a
    // percentile should show.
    const LatencyMoments calls{total_[i].mean_us - own_[i].mean_us,
                               std::max(0.0, total_[i].variance_us2 - own_[i].variance_us2)};
    for (const State* s : {&a, &b}) {
      if (s->plain.served > 0) add(s->plain.moments() + calls, s->plain.served);
      if (s->slow.served > 0) add(s->slow.mixture() + calls, s->slow.served);
    }
  }
  if (!counts) return;
  const bool window_over =
      (step_end_ - world.window_start).count() % kLatencyWindow.count() == 0 || step_end_ >= world.end;
  if (!window_over) return;
  window_.end = step_end_;
  window_.p50_us = window_latency_.quantile(0.5);
  window_.p95_us = window_latency_.quantile(0.95);
  window_.p99_us = window_latency_.quantile(0.99);
  windows_.push_back(window_);
  latency_.merge(window_latency_);
  const LogLinearHistogram empty;
  window_latency_ = empty;  // a copy, so that its memory stays
  window_ = {};
}

void Traffic::handle(World& world, const Event& event) {
  if ((event.payload & 0xffu) == kStep) {
    if (world.now() > step_start_ || step_ > 0) close_step(world);
    if (world.now() < world.end) begin_step(world);
    return;
  }
  if ((event.payload & 0xffu) == kLeft) {
    const auto index = static_cast<std::uint32_t>(event.payload >> 32);
    settle_app(world, index);
    --states_[index].dead;
    return;
  }
  const PodId pod{static_cast<std::uint32_t>(event.payload >> 32)};
  const Starting* start = start_of(pod);
  // A container that failed and runs again may be in its next start by now.
  if (start != nullptr && (start->number & 0xffffffu) == ((event.payload >> 8) & 0xffffffu)) end_start(world, pod);
}

Traffic::Starting* Traffic::start_of(PodId pod) {
  Starting* const at =
      std::lower_bound(starting_.begin(), starting_.end(), pod, [](const Starting& s, PodId id) { return s.pod < id; });
  return at != starting_.end() && at->pod == pod ? at : nullptr;
}

/// The CPU part of an application's start is over, or the pod has gone before that: its grant is free again.
void Traffic::end_start(World& world, PodId pod) {
  Starting* const at = start_of(pod);
  if (at == nullptr) return;
  settle_work(world, *at);
  take_room(at->node, &Host::starting_ticks, -at->ticks);
  if (at->index != kNoIndex) {
    settle_one(world, at->index);
    states_[at->index].starting_ticks -= at->ticks;
  }
  starting_.erase(at);
}

/// What no workload of the plan accounts for.
void Traffic::settle_work(World& world, Starting& work) {
  if (work.index != kNoIndex) return;
  Usage& usage = world.usage[world.pod(work.pod).workload.index()];
  usage.cpu_starting += static_cast<__int128>(work.ticks) * (world.now() - work.at).count();
  work.at = world.now();
}

double Traffic::start_cores(World& world, PodId id) {
  const PodTemplate& made_of = world.template_of(world.pod(id));
  return run_cores(world, id, made_of.start_cores, made_of.start_cpu_seconds);
}

double Traffic::run_cores(World& world, PodId id, double most_cores, double core_seconds) {
  const Pod& pod = world.pod(id);
  const Workload& workload = world.workload(pod.workload);
  const Node& node = world.node(pod.node);
  Host& h = host(world, pod.node);
  std::int64_t room = h.room_for_traffic();
  for (const Group& g : h.groups) {
    const std::int64_t pods = states_[g.index].plain_serving();
    room -= (pods > 0 ? want_all_[g.index] / pods : want_[g.index]) * g.serving;
  }
  // What is left, but never less than its own request (shares guarantee that), nor more than its parallelism or limit.
  std::int64_t most = static_cast<std::int64_t>(most_cores * static_cast<double>(kCpuTicksPerVcpu));
  if (workload.cpu_limit.raw() > 0) most = std::min(most, workload.cpu_limit.raw());
  most = std::min(most, node.capacity.cpu().raw());
  const std::int64_t granted = std::max<std::int64_t>(
      std::min(most, std::max(room, std::min(workload.requests.cpu().raw(), most))), 10 * kCpuTicksPerMilli);
  const std::int64_t ticks = granted / 1024 * 1024;
  take_room(pod.node, &Host::starting_ticks, ticks);
  const std::uint32_t index = index_of_[pod.workload.index()];
  if (index != kNoIndex) {
    settle_one(world, index);
    states_[index].starting_ticks += ticks;
  }
  const double cores = static_cast<double>(granted) / static_cast<double>(kCpuTicksPerVcpu);
  const auto at =
      std::lower_bound(starting_.begin(), starting_.end(), id, [](const Starting& s, PodId p) { return s.pod < p; });
  starting_.insert(at, {id, pod.node, index, ++starts_, ticks, world.now()});
  world.wake(handler, world.now() + from_seconds(core_seconds / cores), Phase::load, pack_start(id, starts_));
  return cores;
}

/// Puts a pod into traffic (1) or takes it out (-1).
void Traffic::move(World& world, const Pod& pod, std::int32_t delta) {
  const NodeId node = pod.node;
  const std::uint32_t index = set_of(pod);
  settle_one(world, index);
  settle_one(world, app_of(index));
  Host& h = host(world, node);
  if (paired_ && !h.crowded) note_room(node, h, pairs_.move(h.groups, index, delta, h.room_for_traffic()));
  const auto group = std::find_if(h.groups.begin(), h.groups.end(), [&](const Group& g) { return g.index == index; });
  if (group == h.groups.end()) {
    PLIMSOLL_ASSERT(delta > 0);
    h.groups.push_back({index, delta});
  } else {
    group->serving += delta;
    if (group->serving == 0) h.groups.erase(group);
  }
  State& s = states_[index];
  const std::int64_t before = s.serving, plain_before = s.plain_serving();
  s.serving += delta;
  const PodTemplate& made_of = world.template_of(pod);
  s.work_scale += delta * made_of.work_scale.raw();
  s.errors += delta * made_of.errors.raw();
  const auto cohort =
      std::find_if(s.crowded.begin(), s.crowded.end(), [node](const Crowded& c) { return c.node == node; });
  if (cohort != s.crowded.end()) {
    cohort->serving += delta;
    s.crowded_serving += delta;
    if (cohort->serving == 0) {
      s.fluid.add_backlog(cohort->fluid.take_backlog());
      s.crowded.erase(cohort);
    }
  }
  const std::int64_t plain = s.plain_serving();
  // Until the next grid step the capacity follows the number of pods; the step's rebalance is exact again.
  if (before == 0 || s.serving == 0 || (plain_before == 0) != (plain == 0) || (plain == 0 && s.fluid.backlog() > 0)) {
    rebalance(world);
  } else if (plain != plain_before) {
    s.capacity = Cpu{share(s.capacity.raw(), plain, plain_before)};
  }
}

/// Counts a pod that has begun to stop as one that loses what it is sent, for as long as its callers do not know and
/// its preStop hook does not hold the signal back.
void Traffic::refuse_late(World& world, const Pod& pod, std::uint32_t index) {
  const HostProfile& profile = world.host_profiles[static_cast<std::size_t>(world.node(pod.node).host)];
  if (profile.stop_leaves_after.count() <= 0) return;
  Duration known = profile.stop_leaves_after;
  if (world.workload(pod.workload).behind_balancer)
    known -= profile.stop_balanced - profile.stop_plain;
  else
    known = profile.endpoint_propagation.sample(world.stream(world.entity(pod), Purpose::registration), 1'000'000);
  // One that is published is an endpoint until it is gone.
  if (is_published(world.workload(pod.workload))) known += pod.stop_after;
  known -= world.template_of(pod).pre_stop;
  if (known.count() <= 0) return;
  ++states_[index].dead;
  world.wake(handler, world.now() + known, Phase::load, (static_cast<std::uint64_t>(index) << 32) | kLeft);
}

void Traffic::on_fact(World& world, const FactRecord& f) {
  switch (f.fact) {
    case Fact::pod_started: {
      const std::uint32_t index = index_of_[f.workload.index()];
      if (index == kNoIndex) {
        host(world, f.node);
        take_room(f.node, &Host::system_ticks, idle_ticks(world.workload(f.workload)));
      } else {
        settle_one(world, index);
        ++states_[index].started;
        if (refuses(world, world.pod(f.pod))) {
          settle_app(world, index);
          ++states_[index].dead;
        }
      }
      break;
    }
    case Fact::pod_serving: {
      const std::uint32_t index = index_of_[f.workload.index()];
      if (index == kNoIndex) break;
      if (!world.node(f.node).is_lost()) {
        if (is_published(world.workload(f.workload))) {
          settle_app(world, index);
          --states_[index].dead;  // until now it refused
        }
        move(world, world.pod(f.pod), 1);
      } else {
        settle_app(world, index);
        ++states_[index].dead;
      }
      break;
    }
    case Fact::pod_stopping:
    case Fact::pod_ended: {
      const std::uint32_t index = index_of_[f.workload.index()];
      const Pod& pod = world.pod(f.pod);
      end_start(world, f.pod);
      if (index == kNoIndex) {
        if (f.fact == Fact::pod_ended && pod.started != kTimeNever) {
          host(world, f.node);
          take_room(f.node, &Host::system_ticks, -idle_ticks(world.workload(f.workload)));
        }
        break;
      }
      const bool leaves_now = f.fact == Fact::pod_stopping || pod.stopping == kTimeNever;
      if (!leaves_now || pod.started == kTimeNever) break;
      settle_app(world, index);
      State& s = states_[index];
      const bool lost = world.node(pod.node).is_lost();  // it has left with its host
      if (!lost) --s.started;
      if (pod.serving == kTimeNever) {
        if (!lost && is_published(world.workload(f.workload))) --s.dead;
        break;
      }
      if (!lost) move(world, pod, -1);
      // Until its callers notice, one that went with its host is still sent requests.
      const bool silent = f.fact == Fact::pod_ended && is_host_loss(f.reason);
      if (silent && !lost) ++s.dead;
      if (!silent && lost) --s.dead;
      if (f.fact == Fact::pod_stopping && !lost) refuse_late(world, pod, index);
      break;
    }
    case Fact::pod_failed:
      end_start(world, f.pod);
      break;
    case Fact::pod_unready: {
      const std::uint32_t index = index_of_[f.workload.index()];
      if (index == kNoIndex || f.value != 1) break;
      if (!world.node(f.node).is_lost()) {
        settle_app(world, index);
        move(world, world.pod(f.pod), -1);
        if (refuses(world, world.pod(f.pod))) ++states_[index].dead;
      } else {
        settle_app(world, index);
        --states_[index].dead;
      }
      break;
    }
    case Fact::target_removed: {
      const std::uint32_t index = index_of_[f.workload.index()];
      if (index == kNoIndex) break;
      settle_app(world, index);
      --states_[index].dead;
      break;
    }
    case Fact::traffic_weighted: {
      const std::uint32_t index = index_of_[f.workload.index()];
      if (index != kNoIndex) weigh(world, index);
      break;
    }
    case Fact::node_lost:
      for (const PodId id : world.pods_on(f.node)) {
        const Pod& pod = world.pod(id);
        const std::uint32_t index = index_of_[pod.workload.index()];
        end_start(world, id);
        if (index == kNoIndex || pod.started == kTimeNever || pod.state == PodState::stopping) continue;
        settle_app(world, index);
        --states_[index].started;
        if (pod.serving == kTimeNever) {
          if (is_published(world.workload(pod.workload))) --states_[index].dead;
          continue;
        }
        move(world, pod, -1);
        ++states_[index].dead;
      }
      break;
    case Fact::node_terminating: {
      if (f.node.index() < hosts_.size() && hosts_[f.node.index()].active) {
        hosts_[f.node.index()].active = hosts_[f.node.index()].crowded = false;
        std::erase(crowded_, f.node);
        paired_ = paired_ && hosts_[f.node.index()].groups.empty();  // its pods have left it
        active_.erase(std::find(active_.begin(), active_.end(), f.node));
      }
      break;
    }
    default:
      break;
  }
}

void Traffic::settle_app(World& world, std::uint32_t app) {
  settle_one(world, app);
  settle_one(world, app + apps());
}

/// As settle_one, for a set that keeps up with its arrivals, of pods that are all alike: the usual case. Its time in a
/// replica is that of the whole step's rate, of which that of this segment is the same but for rounding. `step`: its
/// length. False, with nothing changed, for any other set. @pre no revision has had a weight.
[[gnu::always_inline]] inline bool Traffic::settle_plain(World& world, std::uint32_t index, const Divisor& step) {
  State& s = states_[index];
  const bool plain = s.serving > 0 && s.capacity.raw() > 0 && s.fluid.backlog() == 0 && s.reported == 0 &&
                     s.dead == 0 && s.errors == 0 && s.crowded.empty();
  if (!plain) return false;
  const Time now = world.now();
  const std::int64_t span = (now - s.at).count(), elapsed = (now - step_start_).count();
  const std::int64_t arrived = now != step_end_ ? step.down(s.step_total, elapsed) : s.step_total;
  const std::int64_t arrivals = arrived - s.step_arrived;
  const TrafficWorkload& w = plan_->workloads[index];
  const Law& law = laws_[index];
  const bool known = law.expected == s.step_expected && law.capacity == s.capacity.raw() && law.pods == s.serving &&
                     s.work_scale == s.serving * 1'000'000 && law.cpu == w.shape.cpu_per_request;
  if (!known) law_of(index);
  const __int128 work = static_cast<__int128>(arrivals) * law.cpu;
  if (work > static_cast<__int128>(s.capacity.raw() * kMicroRequests) * span) return false;
  s.at = now;
  s.step_arrived = arrived;
  s.step_foreseen = kNotReckoned;
  s.served += arrivals;
  s.plain.add(law.latency, arrivals);
  const Workload& workload = world.workload(w.workload);
  Usage& usage = world.usage[w.workload.index()];
  usage.arrived += arrivals;
  usage.served += arrivals;
  usage.in_flight += static_cast<__int128>(law.whole_us) * arrivals;
  usage.cpu_serving +=
      static_cast<__int128>(idle_ticks(workload) * s.serving) * span + kMillion.down(arrivals, law.cpu);
  usage.cpu_starting += static_cast<__int128>(s.starting_ticks) * span;
  usage.cpu_reserved += static_cast<__int128>(workload.requests.cpu().raw() * s.started) * span;
  usage.serving_time += static_cast<__int128>(s.serving) * span;
  usage.started_time += static_cast<__int128>(s.started) * span;
  return true;
}

/// Brings one set of pods up to the present.
void Traffic::settle_one(World& world, std::uint32_t index) {
  State& s = states_[index];
  const Time now = world.now();
  if (s.step_foreseen == kNotReckoned)
    s.step_foreseen = arrived_by(s.step_expected, s.at - step_start_, step_end_ - step_start_);
  if (now <= s.at) return;
  const Duration span = now - s.at;
  s.at = now;
  if (s.idle()) return;
  const std::uint32_t app = app_of(index);
  const TrafficWorkload& w = plan_->workloads[app];
  const RequestShape shape = shape_of(index);
  Usage& usage = world.usage[w.workload.index()];
  RevisionUsage* revision = weighted_[app] == 0 ? nullptr : &usage_of(world, index);
  const Workload& workload = world.workload(w.workload);
  const Duration step = step_end_ - step_start_;
  FluidSegment segment;
  segment.duration = span;
  segment.timeout = w.timeout;
  std::int64_t arrivals = 0, expected = 0;
  if (step.count() > 0) {
    const std::int64_t arrived = arrived_by(s.step_total, now - step_start_, step);
    const std::int64_t foreseen = arrived_by(s.step_expected, now - step_start_, step);
    arrivals = arrived - std::exchange(s.step_arrived, arrived);
    expected = foreseen - std::exchange(s.step_foreseen, foreseen);
  }
  usage.arrived += arrivals;
  if (revision != nullptr) revision->arrived += arrivals;
  std::int64_t backlog = 0;
  const auto lose = [&](std::int64_t lost) {
    usage.lost += lost;
    s.lost += lost;
    if (revision != nullptr) revision->lost += lost;
  };
  if (const std::int64_t dead = states_[app].dead; dead > 0) {
    const std::int64_t targets = dead + states_[app].serving + states_[app + apps()].serving;
    const std::int64_t unanswered = share(arrivals, dead, targets);  // sent to hosts that are gone
    arrivals -= unanswered;
    expected -= share(expected, dead, targets);
    lose(unanswered);
  }
  const auto settle_part = [&](FluidWorkload& fluid, std::int64_t pods, Cpu capacity, std::int64_t part_arrivals,
                               std::int64_t part_expected, StepLatency& latency) {
    segment.arrivals = part_arrivals;
    segment.expected = part_expected;
    segment.capacity = capacity;
    segment.replicas = pods;
    const FluidOutcome out = fluid.advance(shape, segment);
    const __int128 in_flight = static_cast<__int128>(static_cast<std::int64_t>(out.latency.mean_us)) * out.served;
    usage.served += out.served;
    backlog += out.backlog;
    usage.cpu_serving += out.cpu_used;
    usage.in_flight += in_flight;
    s.served += out.served;
    const std::int64_t wrong = s.errors > 0 ? share(out.served, s.errors, s.serving * 1'000'000) : 0;
    s.wrong += wrong;
    lose(out.lost);
    latency.add(out.latency, out.served);
    if (revision == nullptr) return;
    revision->served += out.served;
    revision->failed += wrong;
    revision->in_flight += in_flight;
  };
  std::int64_t arrivals_left = arrivals, expected_left = expected;
  for (Crowded& c : s.crowded) {
    const std::int64_t a = share(arrivals, c.serving, s.serving), e = share(expected, c.serving, s.serving);
    settle_part(c.fluid, c.serving, c.capacity, a, e, s.slow);
    arrivals_left -= a;
    expected_left -= e;
  }
  // Where no pod is left elsewhere, the rounding of the shares goes to a crowded node, below a request.
  if (s.plain_serving() == 0 && !s.crowded.empty()) {
    s.crowded.front().fluid.add_backlog(arrivals_left);
    backlog += arrivals_left + s.fluid.backlog();
  } else {
    settle_part(s.fluid, s.plain_serving(), s.capacity, arrivals_left, expected_left, s.plain);
  }
  usage.backlog += backlog - std::exchange(s.reported, backlog);
  usage.cpu_serving += static_cast<__int128>(idle_ticks(workload)) * s.serving * span.count();
  usage.cpu_starting += static_cast<__int128>(s.starting_ticks) * span.count();
  usage.cpu_reserved += static_cast<__int128>(workload.requests.cpu().raw()) * s.started * span.count();
  usage.serving_time += static_cast<__int128>(s.serving) * span.count();
  usage.started_time += static_cast<__int128>(s.started) * span.count();
}

void Traffic::settle(World& world) {
  const Divisor step(std::max<std::int64_t>(1, (step_end_ - step_start_).count()));
  const bool whole = sets_ == apps() && step_end_ > step_start_;  // no revision told apart
  for (std::uint32_t i = 0; i < sets_; ++i) {
    if (states_[i].at < world.now() && !(whole && settle_plain(world, i, step))) settle_one(world, i);
  }
  for (Starting& work : starting_) settle_work(world, work);
}

void Traffic::finish(World& world) { settle(world); }

}  // namespace plimsoll::load
