#include "sim/load/traffic.h"

#include <algorithm>

#include "sim/core/assert.h"
#include "sim/load/arrivals.h"
#include "sim/load/rate_series.h"

namespace plimsoll::load {

namespace {

constexpr std::uint32_t kNoIndex = 0xffffffffu;

// payload: pod id (32) | granted ticks / 16 (24) | kind (8)
std::uint64_t pack_start(PodId pod, std::int64_t ticks) {
  return (static_cast<std::uint64_t>(pod.value()) << 32) | (static_cast<std::uint64_t>(ticks / 1024) << 8) | 1u;
}

}  // namespace

Traffic::Traffic(std::shared_ptr<const TrafficPlan> plan) : plan_(std::move(plan)) {}

void Traffic::start(World& world) {
  const std::size_t n = plan_->workloads.size();
  states_.resize(n);
  want_.resize(n);
  claims_.reserve(n + 1);
  grants_.resize(n + 1);
  own_.resize(n);
  total_.resize(n);
  index_of_.assign(world.workloads().size(), kNoIndex);
  for (std::uint32_t i = 0; i < n; ++i) index_of_[plan_->workloads[i].workload.index()] = i;
  step_end_ = kTimeZero;
  world.wake(handler, kTimeZero, Phase::load, kStep);
}

Traffic::Host& Traffic::host(NodeId id) {
  if (hosts_.size() <= id.index()) hosts_.resize(id.index() + 1);
  Host& h = hosts_[id.index()];
  if (!h.active) {
    h.active = true;
    active_.push_back(id);
  }
  return h;
}

void Traffic::begin_step(World& world) {
  step_start_ = world.now();
  step_end_ = std::min(step_start_ + plan_->step, world.end);
  if (step_end_ == step_start_) return;
  const double rate = plan_->arrivals->mean_rate(step_start_, step_end_);
  const double dt = to_seconds(step_end_ - step_start_);
  for (std::uint32_t i = 0; i < states_.size(); ++i) {
    const TrafficWorkload& w = plan_->workloads[i];
    const auto expected = static_cast<std::int64_t>(rate * dt * w.visits * static_cast<double>(kMicroRequests));
    const Workload& workload = world.workload(w.workload);
    const Stream stream =
        world.stream(hash_text(world.names.text(workload.name), hash_text("workload")), Purpose::arrivals);
    states_[i].step_total = draw_step_arrivals(stream, step_, expected, plan_->extra_scv);
    states_[i].step_expected = expected;
    states_[i].served = states_[i].lost = 0;
    states_[i].latency_mean = states_[i].latency_variance = 0;
  }
  ++step_;
  rebalance(world);
  world.wake(handler, step_end_, Phase::load, kStep);
}

void Traffic::close_step(World& world) {
  settle(world);
  for (std::uint32_t i = 0; i < states_.size(); ++i) {
    const State& s = states_[i];
    const auto served = static_cast<double>(s.served);
    own_[i] = s.served > 0 ? LatencyMoments{s.latency_mean / served, s.latency_variance / served} : LatencyMoments{};
  }
  if (step_start_ < world.window_start) return;
  plan_->graph.end_to_end(own_, total_);
  for (std::uint32_t i = 0; i < states_.size(); ++i) {
    if (!plan_->workloads[i].entry) continue;
    window_.served += states_[i].served;
    window_.lost += states_[i].lost;
    if (states_[i].served > 0) add_latency(window_latency_, total_[i], states_[i].served);
  }
  const bool window_over =
      (step_end_ - world.window_start).count() % kLatencyWindow.count() == 0 || step_end_ >= world.end;
  if (!window_over) return;
  window_.end = step_end_;
  window_.p50_us = window_latency_.quantile(0.5);
  window_.p95_us = window_latency_.quantile(0.95);
  window_.p99_us = window_latency_.quantile(0.99);
  windows_.push_back(window_);
  latency_.merge(window_latency_);
  window_latency_ = {};
  window_ = {};
}

void Traffic::handle(World& world, const Event& event) {
  if ((event.payload & 0xffu) == kStep) {
    if (world.now() > step_start_ || step_ > 0) close_step(world);
    if (world.now() < world.end) begin_step(world);
    return;
  }
  // The CPU part of an application's start is over.
  const PodId id{static_cast<std::uint32_t>(event.payload >> 32)};
  const auto ticks = static_cast<std::int64_t>((event.payload >> 8) & 0xffffffu) * 1024;
  const Pod& pod = world.pod(id);
  const std::uint32_t index = index_of_[pod.workload.index()];
  host(pod.node).starting_ticks -= ticks;
  if (index != kNoIndex) {
    settle_one(world, index);
    states_[index].starting_ticks -= ticks;
  }
}

double Traffic::start_cores(World& world, PodId id) {
  const Pod& pod = world.pod(id);
  const Workload& workload = world.workload(pod.workload);
  const PodTemplate& made_of = world.template_of(pod);
  const Node& node = world.node(pod.node);
  Host& h = host(pod.node);
  std::int64_t room = node.capacity.cpu().raw() - h.system_ticks - h.starting_ticks;
  for (const Group& g : h.groups) room -= want_ticks(g.index) * g.serving;
  // What is left, but never less than its own request (shares guarantee that), nor more than its parallelism or limit.
  std::int64_t most = static_cast<std::int64_t>(made_of.start_cores * static_cast<double>(kCpuTicksPerVcpu));
  if (workload.cpu_limit.raw() > 0) most = std::min(most, workload.cpu_limit.raw());
  most = std::min(most, node.capacity.cpu().raw());
  const std::int64_t granted = std::max<std::int64_t>(
      std::min(most, std::max(room, std::min(workload.requests.cpu().raw(), most))), 10 * kCpuTicksPerMilli);
  const std::int64_t ticks = granted / 1024 * 1024;
  h.starting_ticks += ticks;
  const std::uint32_t index = index_of_[pod.workload.index()];
  if (index != kNoIndex) {
    settle_one(world, index);
    states_[index].starting_ticks += ticks;
  }
  const double cores = static_cast<double>(granted) / static_cast<double>(kCpuTicksPerVcpu);
  world.wake(handler, world.now() + from_seconds(made_of.start_cpu_seconds / cores), Phase::load,
             pack_start(id, ticks));
  return cores;
}

void Traffic::move(World& world, NodeId node, std::uint32_t index, std::int32_t delta) {
  settle_one(world, index);
  Host& h = host(node);
  const auto group = std::find_if(h.groups.begin(), h.groups.end(), [&](const Group& g) { return g.index == index; });
  if (group == h.groups.end()) {
    PLIMSOLL_ASSERT(delta > 0);
    h.groups.push_back({index, delta});
  } else {
    group->serving += delta;
    if (group->serving == 0) h.groups.erase(group);
  }
  State& s = states_[index];
  const std::int64_t before = s.serving;
  s.serving += delta;
  // Until the next grid step the capacity follows the number of pods; the step's rebalance is exact again.
  if (before == 0 || s.serving == 0) {
    rebalance(world);
  } else {
    s.capacity = Cpu{static_cast<std::int64_t>(static_cast<__int128>(s.capacity.raw()) * s.serving / before)};
  }
}

void Traffic::on_fact(World& world, const FactRecord& f) {
  switch (f.fact) {
    case Fact::pod_started: {
      const std::uint32_t index = index_of_[f.workload.index()];
      if (index == kNoIndex) {
        const double idle = world.workload(f.workload).idle_cores;
        host(f.node).system_ticks += static_cast<std::int64_t>(idle * static_cast<double>(kCpuTicksPerVcpu));
      } else {
        settle_one(world, index);
        ++states_[index].started;
      }
      break;
    }
    case Fact::pod_serving: {
      const std::uint32_t index = index_of_[f.workload.index()];
      if (index == kNoIndex) break;
      if (!world.node(f.node).is_lost()) {
        move(world, f.node, index, 1);
      } else {
        settle_one(world, index);
        ++states_[index].dead;
      }
      break;
    }
    case Fact::pod_stopping:
    case Fact::pod_ended: {
      const std::uint32_t index = index_of_[f.workload.index()];
      const Pod& pod = world.pod(f.pod);
      if (index == kNoIndex) {
        if (f.fact == Fact::pod_ended && pod.started != kTimeNever) {
          const double idle = world.workload(f.workload).idle_cores;
          host(f.node).system_ticks -= static_cast<std::int64_t>(idle * static_cast<double>(kCpuTicksPerVcpu));
        }
        break;
      }
      const bool leaves_now = f.fact == Fact::pod_stopping || pod.stopping == kTimeNever;
      if (!leaves_now || pod.started == kTimeNever) break;
      settle_one(world, index);
      State& s = states_[index];
      const bool lost = world.node(pod.node).is_lost();  // it has left with its host
      if (!lost) --s.started;
      if (pod.serving == kTimeNever) break;
      if (!lost) move(world, f.node, index, -1);
      // Until its callers notice, one that went with its host is still sent requests.
      const bool silent = f.fact == Fact::pod_ended && is_host_loss(f.reason);
      if (silent && !lost) ++s.dead;
      if (!silent && lost) --s.dead;
      break;
    }
    case Fact::pod_unready: {
      const std::uint32_t index = index_of_[f.workload.index()];
      if (index == kNoIndex || f.value != 1) break;
      if (!world.node(f.node).is_lost()) {
        move(world, f.node, index, -1);
      } else {
        settle_one(world, index);
        --states_[index].dead;
      }
      break;
    }
    case Fact::target_removed: {
      const std::uint32_t index = index_of_[f.workload.index()];
      if (index == kNoIndex) break;
      settle_one(world, index);
      --states_[index].dead;
      break;
    }
    case Fact::node_lost:
      for (const PodId id : world.pods_on(f.node)) {
        const Pod& pod = world.pod(id);
        const std::uint32_t index = index_of_[pod.workload.index()];
        if (index == kNoIndex || pod.started == kTimeNever || pod.state == PodState::stopping) continue;
        settle_one(world, index);
        --states_[index].started;
        if (pod.serving == kTimeNever) continue;
        move(world, f.node, index, -1);
        ++states_[index].dead;
      }
      break;
    case Fact::node_terminating: {
      if (f.node.index() < hosts_.size() && hosts_[f.node.index()].active) {
        hosts_[f.node.index()].active = false;
        active_.erase(std::find(active_.begin(), active_.end(), f.node));
      }
      break;
    }
    default:
      break;
  }
}

std::int64_t Traffic::want_ticks(std::uint32_t index) const {
  const State& s = states_[index];
  if (s.serving == 0) return 0;
  return want_[index] / s.serving;
}

void Traffic::rebalance(World& world) {
  if (step_end_ <= step_start_) return;
  settle(world);
  for (std::uint32_t i = 0; i < states_.size(); ++i) {
    State& s = states_[i];
    want_[i] = cpu_demand(plan_->workloads[i].shape, s.step_total + s.fluid.backlog(), step_end_ - step_start_).raw();
    s.capacity = Cpu{};
  }
  for (const NodeId id : active_) {
    const Host& h = hosts_[id.index()];
    if (h.groups.empty()) continue;
    const Node& node = world.node(id);
    const std::int64_t room = node.capacity.cpu().raw();
    std::int64_t total = h.system_ticks + h.starting_ticks;
    for (const Group& g : h.groups) total += want_ticks(g.index) * g.serving;
    if (total <= room) {
      const std::int64_t slack = room - total;
      for (const Group& g : h.groups) {
        const TrafficWorkload& w = plan_->workloads[g.index];
        std::int64_t cap = want_ticks(g.index) + slack;
        if (w.pod_most.raw() > 0) cap = std::min(cap, w.pod_most.raw());
        states_[g.index].capacity += Cpu{cap * g.serving};
      }
      continue;
    }
    claims_.clear();
    claims_.push_back(
        {Cpu{h.system_ticks + h.starting_ticks}, std::max<std::int64_t>(1, h.system_ticks + h.starting_ticks)});
    for (const Group& g : h.groups) {
      const TrafficWorkload& w = plan_->workloads[g.index];
      std::int64_t want = want_ticks(g.index);
      if (w.pod_most.raw() > 0) want = std::min(want, w.pod_most.raw());
      const std::int64_t weight =
          std::max<std::int64_t>(1, world.workload(w.workload).requests.cpu().raw() * g.serving);
      claims_.push_back({Cpu{want * g.serving}, weight});
    }
    if (grants_.size() < claims_.size()) grants_.resize(claims_.size());
    share_cpu(Cpu{room}, claims_, std::span(grants_).first(claims_.size()));
    for (std::size_t k = 0; k < h.groups.size(); ++k) states_[h.groups[k].index].capacity += grants_[k + 1];
  }
}

void Traffic::settle_one(World& world, std::uint32_t index) {
  State& s = states_[index];
  const Time now = world.now();
  if (now <= s.at) return;
  const Duration span = now - s.at;
  const TrafficWorkload& w = plan_->workloads[index];
  Usage& usage = world.usage[w.workload.index()];
  const Workload& workload = world.workload(w.workload);
  const Duration step = step_end_ - step_start_;
  FluidSegment segment;
  segment.duration = span;
  segment.arrivals = step.count() > 0 ? arrived_by(s.step_total, now - step_start_, step) -
                                            arrived_by(s.step_total, s.at - step_start_, step)
                                      : 0;
  segment.expected = step.count() > 0 ? arrived_by(s.step_expected, now - step_start_, step) -
                                            arrived_by(s.step_expected, s.at - step_start_, step)
                                      : 0;
  usage.arrived += segment.arrivals;
  std::int64_t unanswered = 0;  // sent to hosts that are gone
  if (s.dead > 0) {
    const auto share = [&s](std::int64_t n) {
      return static_cast<std::int64_t>(static_cast<__int128>(n) * s.dead / (s.dead + s.serving));
    };
    unanswered = share(segment.arrivals);
    segment.arrivals -= unanswered;
    segment.expected -= share(segment.expected);
  }
  segment.capacity = s.capacity;
  segment.replicas = s.serving;
  segment.timeout = w.timeout;
  const FluidOutcome out = s.fluid.advance(w.shape, segment);
  usage.served += out.served;
  usage.lost += out.lost + unanswered;
  usage.backlog = out.backlog;
  const auto idle = static_cast<std::int64_t>(workload.idle_cores * static_cast<double>(kCpuTicksPerVcpu));
  usage.cpu_serving += out.cpu_used + static_cast<__int128>(idle) * s.serving * span.count();
  usage.cpu_starting += static_cast<__int128>(s.starting_ticks) * span.count();
  usage.cpu_reserved += static_cast<__int128>(workload.requests.cpu().raw()) * s.started * span.count();
  usage.serving_time += static_cast<__int128>(s.serving) * span.count();
  usage.started_time += static_cast<__int128>(s.started) * span.count();
  usage.in_flight += static_cast<__int128>(out.latency.mean_us) * out.served;
  s.served += out.served;
  s.lost += out.lost + unanswered;
  s.latency_mean += out.latency.mean_us * static_cast<double>(out.served);
  s.latency_variance += out.latency.variance_us2 * static_cast<double>(out.served);
  s.at = now;
}

void Traffic::settle(World& world) {
  for (std::uint32_t i = 0; i < states_.size(); ++i) settle_one(world, i);
}

void Traffic::finish(World& world) { settle(world); }

}  // namespace plimsoll::load
