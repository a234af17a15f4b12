#include "models/kubernetes/controllers/kube_scheduler.h"

#include <algorithm>

namespace plimsoll::kubernetes {

namespace {

std::uint64_t pack(PodId pod, std::uint64_t step) { return (static_cast<std::uint64_t>(pod.value()) << 8) | step; }

Profile profile_of(const KubeSchedulerParameters& p) {
  Profile profile = default_profile(p.version);
  profile.tie = p.tie;
  profile.custom_scores = p.custom_scores;
  profile.percentage_of_nodes_to_score = p.percentage_of_nodes_to_score;
  return profile;
}

}  // namespace

KubeScheduler::KubeScheduler(KubeSchedulerParameters parameters, Names& names)
    : parameters_(parameters), framework_(profile_of(parameters), names), rate_(parameters.qps, parameters.burst) {}

void KubeScheduler::leave_out(WorkloadId workload) {
  if (left_out_.size() <= workload.index()) left_out_.resize(workload.index() + 1, false);
  left_out_[workload.index()] = true;
}

void KubeScheduler::start(World& world) { left_out_.resize(world.workloads().size(), false); }

bool KubeScheduler::later(const Queued& a, const Queued& b) {
  if (a.priority != b.priority) return a.priority < b.priority;
  if (a.since != b.since) return a.since > b.since;
  return a.pod > b.pod;
}

void KubeScheduler::wake_cycle(World& world, Time at) {
  if (cycle_pending_ || active_.empty()) return;
  cycle_pending_ = true;
  world.wake(handler, std::max({at, free_at_, world.now()}), Phase::scheduler, kCycle);
}

void KubeScheduler::push_active(World& world, PodId pod) {
  active_.push_back({world.shapes[world.pod(pod).shape].priority, world.now(), pod});
  std::push_heap(active_.begin(), active_.end(), later);
  wake_cycle(world, world.now());
}

void KubeScheduler::on_fact(World& world, const FactRecord& f) {
  switch (f.fact) {
    case Fact::pod_created:
      if (f.workload.index() >= left_out_.size() || !left_out_[f.workload.index()]) {
        world.wake(handler, world.now() + parameters_.watch_delay, Phase::scheduler, pack(f.pod, kEnqueue));
      }
      break;
    case Fact::node_ready:
    case Fact::pod_ended:
      // What made room is seen by the watch; pods in the pool may fit now.
      if (f.fact == Fact::pod_ended && f.node.is_none()) break;
      if (!unschedulable_.empty() && world.node(f.node).host == HostKind::ec2) {
        world.wake(handler, world.now() + parameters_.watch_delay, Phase::scheduler, kFlush | (1u << 8));
      }
      break;
    default:
      break;
  }
}

void KubeScheduler::move_all(World& world) {
  for (const Waiting& w : unschedulable_) {
    if (w.backoff <= world.now()) {
      push_active(world, w.pod);
    } else {
      backoff_.push_back(w);
      world.wake(handler, w.backoff, Phase::scheduler, kBackoff);
    }
  }
  unschedulable_.clear();
}

void KubeScheduler::handle(World& world, const Event& event) {
  switch (event.payload & 0xffu) {
    case kEnqueue: {
      const PodId pod{static_cast<std::uint32_t>(event.payload >> 8)};
      if (world.pod(pod).state == PodState::pending) push_active(world, pod);
      break;
    }
    case kCycle:
      cycle_pending_ = false;
      cycle(world);
      break;
    case kBackoff: {
      std::vector<Waiting> keep;
      std::sort(backoff_.begin(), backoff_.end(), [](const Waiting& a, const Waiting& b) {
        return a.backoff != b.backoff ? a.backoff < b.backoff : a.pod < b.pod;
      });
      for (const Waiting& w : backoff_) {
        if (w.backoff <= world.now()) {
          push_active(world, w.pod);
        } else {
          keep.push_back(w);
        }
      }
      backoff_ = std::move(keep);
      break;
    }
    default:
      if ((event.payload >> 8) != 0) {
        move_all(world);
        break;
      }
      flush_pending_ = false;
      std::vector<Waiting> keep;
      for (const Waiting& w : unschedulable_) {
        if (world.now() - w.since > parameters_.unschedulable_limit) {
          push_active(world, w.pod);
        } else {
          keep.push_back(w);
        }
      }
      unschedulable_ = std::move(keep);
      if (!unschedulable_.empty()) {
        flush_pending_ = true;
        world.wake(handler, world.now() + seconds(30), Phase::scheduler, kFlush);
      }
      break;
  }
}

void KubeScheduler::cycle(World& world) {
  while (!active_.empty()) {
    std::pop_heap(active_.begin(), active_.end(), later);
    const PodId id = active_.back().pod;
    active_.pop_back();
    const Pod& pod = world.pod(id);
    if (pod.state != PodState::pending) continue;
    const TieDraw draw{world.stream(world.entity(pod), Purpose::tie_break),
                       attempts_.size() > id.index() ? attempts_[id.index()] : 0};
    const Decision decision =
        framework_.schedule_one({world.placement, world.shapes, world.names}, pod.shape, search_, draw, scratch_);
    ++decisions_;
    attempts_.resize(std::max<std::size_t>(attempts_.size(), world.pods().size()), 0);
    const std::uint32_t attempt = ++attempts_[id.index()];
    if (world.is_explained()) {
      SchedulingDetail detail;
      detail.pod = id;
      detail.attempt = attempt;
      detail.decision = &decision;
      detail.framework = &framework_;
      world.explain(detail);
    }
    const Time sent = rate_.take(world.now());  // one call either way: a binding or a status patch
    if (decision.placed()) {
      world.bind_pod(id, world.placement.node(decision.row).id);
    } else {
      Duration backoff = parameters_.initial_backoff;
      for (std::uint32_t i = 1; i < attempt && backoff < parameters_.maximum_backoff; ++i) backoff *= 2;
      backoff = std::min(backoff, parameters_.maximum_backoff);
      unschedulable_.push_back({id, world.now(), world.now() + backoff});
      if (!flush_pending_) {
        flush_pending_ = true;
        world.wake(handler, world.now() + seconds(30), Phase::scheduler, kFlush);
      }
    }
    free_at_ = std::max(world.now() + parameters_.cycle, sent);
    break;
  }
  wake_cycle(world, free_at_);
}

}  // namespace plimsoll::kubernetes
