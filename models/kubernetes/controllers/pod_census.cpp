#include "models/kubernetes/controllers/pod_census.h"

namespace plimsoll::kubernetes {

namespace {

bool is_ready(PodState s) { return s == PodState::ready || s == PodState::serving; }

}  // namespace

MeasuredPod measure(const Pod& pod, const Sampling& sampling) {
  MeasuredPod m;
  m.deleting = pod.state == PodState::stopping;
  m.phase = pod.state >= PodState::starting ? PodPhase::running : PodPhase::pending;
  const bool ready = is_ready(pod.state);
  m.ready = ready ? ReadyCondition::yes : ReadyCondition::no;
  if (pod.bound != kTimeNever) m.start = pod.bound;
  m.ready_transition = ready ? pod.ready : pod.created;
  m.request_milli = sampling.request_milli;
  if (sampling.sample && pod.started != kTimeNever && pod.started <= sampling.started_by) {
    m.metric = sampling.sample;
    if (pod.state != PodState::serving) m.metric->milli = 0;
  }
  return m;
}

void PodCensus::start(const World& world, WorkloadId workload) {
  const Workload& w = world.workload(workload);
  watched_ = w.pods;
  settled_.assign(w.created, 0);
  settled_count_ = 0;
}

void PodCensus::on_fact(const World& world, const FactRecord& fact) {
  if (fact.pod.is_none()) return;
  if (fact.fact == Fact::pod_created) {
    watched_.push_back(fact.pod);
    return;
  }
  const Pod& pod = world.pod(fact.pod);
  if (pod.state == PodState::serving || pod.ordinal >= settled_.size() || settled_[pod.ordinal] == 0) return;
  settled_[pod.ordinal] = 0;
  --settled_count_;
  watched_.push_back(fact.pod);
}

void PodCensus::measure_all(const World& world, const Sampling& sampling, std::vector<MeasuredPod>& out) {
  out.clear();
  const Time now = world.now();
  std::size_t kept = 0;
  for (const PodId id : watched_) {
    const Pod& pod = world.pod(id);
    if (pod.state == PodState::ended) continue;
    if (pod.state == PodState::serving && pod.started <= sampling.started_by &&
        pod.bound + sampling.cpu_initialization <= now) {
      if (settled_.size() <= pod.ordinal) settled_.resize(pod.ordinal + std::size_t{1}, 0);
      settled_[pod.ordinal] = 1;
      ++settled_count_;
      continue;
    }
    watched_[kept++] = id;
    out.push_back(measure(pod, sampling));
  }
  watched_.resize(kept);
  if (settled_count_ == 0) return;
  MeasuredPod& settled = out.emplace_back();
  settled.start = now - sampling.cpu_initialization;
  settled.request_milli = sampling.request_milli;
  settled.metric = sampling.sample;
  settled.count = settled_count_;
}

}  // namespace plimsoll::kubernetes
