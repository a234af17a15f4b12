#include <algorithm>
#include <utility>

#include "sim/load/rate_series.h"
#include "sim/load/share.h"
#include "sim/load/traffic.h"

namespace plimsoll::load {

void Traffic::StepLatency::add(const LatencyMoments& latency, std::int64_t requests) {
  const auto n = static_cast<double>(requests);
  served += requests;
  mean += latency.mean_us * n;
  variance += latency.variance_us2 * n;
  square += latency.mean_us * latency.mean_us * n;
}

void Traffic::StepLatency::merge(const StepLatency& other) {
  served += other.served;
  mean += other.mean;
  variance += other.variance;
  square += other.square;
}

LatencyMoments Traffic::StepLatency::moments() const {
  if (served == 0) return {};
  const auto n = static_cast<double>(served);
  return {mean / n, variance / n};
}

LatencyMoments Traffic::StepLatency::mixture() const {
  LatencyMoments m = moments();
  if (served > 0) m.variance_us2 += std::max(0.0, square / static_cast<double>(served) - m.mean_us * m.mean_us);
  return m;
}

std::int64_t Traffic::State::backlog() const {
  std::int64_t sum = fluid.backlog();
  for (const Crowded& c : crowded) sum += c.fluid.backlog();
  return sum;
}

bool Traffic::State::idle() const {
  return serving == 0 && started == 0 && starting_ticks == 0 && step_total == step_arrived &&
         step_expected == step_foreseen && reported == 0 && fluid.backlog() == 0 && crowded.empty();
}

void Traffic::begin_set(State& s, std::int64_t total, std::int64_t expected) {
  s.step_total = total;
  s.step_expected = expected;
  s.step_arrived = s.step_foreseen = 0;
  s.served = s.lost = s.wrong = 0;
  s.plain = s.slow = {};
}

std::uint32_t Traffic::set_of(const Pod& pod) const {
  const std::uint32_t app = index_of_[pod.workload.index()];
  return weighted_[app] != 0 && weighted_[app] == pod.revision ? app + apps() : app;
}

/// CPU ticks x microseconds, for revisions that take more or less than the application's work mix.
std::int64_t Traffic::cpu_per_request(std::uint32_t index) const {
  const State& s = states_[index];
  const std::int64_t each = plan_->workloads[app_of(index)].shape.cpu_per_request;
  const std::int64_t usual = s.serving * 1'000'000;
  if (s.serving <= 0 || s.work_scale == usual) return each;
  return std::max<std::int64_t>(1, share(each, s.work_scale, usual));
}

/// What a request of this set asks for.
RequestShape Traffic::shape_of(std::uint32_t index) const {
  RequestShape shape = plan_->workloads[app_of(index)].shape;
  shape.cpu_per_request = cpu_per_request(index);
  return shape;
}

/// Found anew only when something that it depends on has changed: many looks at the counters fall into one step.
/// @pre the set has pods and capacity; no pod of it is on a crowded node.
const Traffic::Law& Traffic::law_of(std::uint32_t index) {
  const State& s = states_[index];
  Law& law = laws_[index];
  const RequestShape& usual = plan_->workloads[app_of(index)].shape;
  const bool alike = s.work_scale == s.serving * 1'000'000;
  const std::int64_t each = alike ? usual.cpu_per_request : cpu_per_request(index);
  if (law.expected == s.step_expected && law.capacity == s.capacity.raw() && law.pods == s.serving && law.cpu == each)
    return law;
  law.expected = s.step_expected;
  law.capacity = s.capacity.raw();
  law.pods = s.serving;
  law.cpu = each;
  law.latency = {};
  law.whole_us = 0;
  const std::int64_t most = share(law.capacity * kMicroRequests, (step_end_ - step_start_).count(), each);
  if (most == 0) return law;
  const Cpu cap = std::max(Cpu{law.capacity / law.pods}, Cpu{1});
  const double utilization = static_cast<double>(law.expected) / static_cast<double>(most);
  law.latency = sharing_latency(alike ? usual : shape_of(index), cap, utilization);
  law.whole_us = static_cast<std::int64_t>(law.latency.mean_us);
  return law;
}

RevisionUsage& Traffic::usage_of(const World& world, std::uint32_t index) {
  const std::uint32_t app = app_of(index);
  const WorkloadId id = plan_->workloads[app].workload;
  std::uint32_t revision = weighted_[app];
  if (index == app) revision = std::max(1u, world.workload(id).template_of(revision).replaces);
  const auto at = std::find_if(revisions_.begin(), revisions_.end(),
                               [&](const RevisionUsage& u) { return u.workload == id && u.revision == revision; });
  if (at != revisions_.end()) return *at;
  RevisionUsage fresh;
  fresh.workload = id;
  fresh.revision = revision;
  revisions_.push_back(fresh);
  revision_latency_.emplace_back();
  return revisions_.back();
}

/// The weights of a workload's revisions have changed: what is still to come in this grid step is dealt out anew, and
/// pods go to the set that their revision now belongs to.
void Traffic::weigh(World& world, std::uint32_t app) {
  sets_ = static_cast<std::uint32_t>(states_.size());
  paired_ = false;
  settle_app(world, app);
  State &rest = states_[app], &chosen = states_[app + apps()];
  const Workload& workload = world.workload(plan_->workloads[app].workload);
  const std::uint32_t before = weighted_[app], after = workload.weighted_revision;
  if (before != after) {
    std::vector<PodId> moving;
    for (const PodId id : workload.pods) {
      const Pod& pod = world.pod(id);
      if (pod.state != PodState::serving || (pod.revision == before) == (pod.revision == after)) continue;
      if (!world.node(pod.node).is_lost()) moving.push_back(id);
    }
    for (const PodId id : moving) move(world, world.pod(id), -1);
    weighted_[app] = after;
    for (const PodId id : moving) move(world, world.pod(id), 1);
  }
  const Duration step = step_end_ - step_start_, gone = world.now() - step_start_;
  const Duration left = step - gone;
  const std::int64_t weight = after == 0 ? 0 : workload.weight.raw();
  if (left.count() > 0) {
    // A set's arrivals are spread evenly over the step: its total is set so that the rest of the step brings its share.
    const auto deal = [&](std::int64_t State::*total, std::int64_t State::*past) {
      const std::int64_t coming = rest.*total - rest.*past + chosen.*total - chosen.*past;
      const std::int64_t theirs = share(coming, weight, 1'000'000);
      for (auto [set, part] : {std::pair(&chosen, theirs), std::pair(&rest, coming - theirs)}) {
        set->*total = share(part, step.count(), left.count());
        set->*past = set->*total - part;
      }
    };
    deal(&State::step_total, &State::step_arrived);
    deal(&State::step_expected, &State::step_foreseen);
  }
  // A set that has no pods any more hands on what waits in it.
  if (chosen.serving == 0 && after == 0) rest.fluid.add_backlog(chosen.fluid.take_backlog());
  if (rest.serving == 0 && chosen.serving > 0) chosen.fluid.add_backlog(rest.fluid.take_backlog());
  rebalance(world);
}

/// Tells which of the requests of this step were answered with an error, and what each revision's took.
void Traffic::fail_requests(World& world) {
  std::int64_t any_wrong = 0;
  for (std::uint32_t i = 0; i < sets_; ++i) any_wrong |= states_[i].wrong;
  if (any_wrong == 0) std::fill(errors_.begin(), errors_.end(), 0.0);
  for (std::uint32_t i = 0; i < apps() && any_wrong != 0; ++i) {
    std::int64_t served = states_[i].served, wrong = states_[i].wrong;
    if (sets_ != apps()) {
      served += states_[i + apps()].served;
      wrong += states_[i + apps()].wrong;
    }
    errors_[i] = wrong == 0 ? 0 : static_cast<double>(wrong) / static_cast<double>(served);
  }
  plan_->graph.failures(errors_, passed_, failed_);
  const bool none = std::all_of(failed_.begin(), failed_.end(), [](double part) { return part <= 0; });
  if (none && sets_ == apps()) return;
  for (std::uint32_t index = 0; index < sets_; ++index) {
    const State& s = states_[index];
    const std::uint32_t app = app_of(index);
    if (s.served == 0) continue;
    if (weighted_[app] != 0) {
      const RevisionUsage& usage = usage_of(world, index);
      LogLinearHistogram& latency = revision_latency_[static_cast<std::size_t>(&usage - revisions_.data())];
      if (s.plain.served > 0) add_latency(latency, s.plain.moments(), s.plain.served);
      if (s.slow.served > 0) add_latency(latency, s.slow.mixture(), s.slow.served);
    }
    if (failed_[app] <= 0) continue;
    // The calls fail alike for all revisions; the errors of its own are each one's.
    const double calls = errors_[app] < 1 ? (1 - failed_[app]) / (1 - errors_[app]) : 0;
    const double own = static_cast<double>(s.wrong) / static_cast<double>(s.served);
    const double part = 1 - (1 - own) * calls;
    const std::int64_t failed =
        std::min(s.served, static_cast<std::int64_t>(part * static_cast<double>(s.served) + 0.5));
    world.usage[plan_->workloads[app].workload.index()].failed += failed;
    // Its own errors are in it since they were settled.
    if (weighted_[app] != 0) usage_of(world, index).failed += std::max<std::int64_t>(failed - s.wrong, 0);
  }
}

}  // namespace plimsoll::load
