#include "models/kubernetes/controllers/replica_set_controller.h"

#include <algorithm>
#include <bit>
#include <tuple>

namespace plimsoll::kubernetes {

namespace {

std::uint64_t pack(WorkloadId id, std::uint64_t step) { return (static_cast<std::uint64_t>(id.value()) << 8) | step; }

bool is_ready(PodState s) { return s == PodState::ready || s == PodState::serving; }

/// floor(log2(age in ns)): ages of one power of two are equal, so that nothing is biased against the very newest.
int age_bucket(Duration age) {
  return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(age.count()) * 1000));
}

}  // namespace

void ReplicaSetController::manage(WorkloadId workload) {
  if (workloads_.size() <= workload.index()) workloads_.resize(workload.index() + 1);
  workloads_[workload.index()].managed = true;
}

void ReplicaSetController::start(World& world) {
  for (std::size_t i = 0; i < workloads_.size(); ++i) {
    if (workloads_[i].managed) wake_soon(world, WorkloadId{i});
  }
}

void ReplicaSetController::wake_soon(World& world, WorkloadId id) {
  Managed& m = workloads_[id.index()];
  if (m.wake_pending) return;
  m.wake_pending = true;
  world.wake(handler, world.now() + parameters_.watch_delay, Phase::controllers, pack(id, kSync));
}

void ReplicaSetController::on_fact(World& world, const FactRecord& f) {
  if (f.fact != Fact::desired_changed && f.fact != Fact::pod_ended && f.fact != Fact::pod_stopping) return;
  if (f.workload.index() >= workloads_.size() || !workloads_[f.workload.index()].managed) return;
  if (f.fact == Fact::pod_ended && is_host_loss(f.reason) && world.pod(f.pod).stopping == kTimeNever &&
      !f.node.is_none() && world.node(f.node).host == HostKind::ec2) {
    const Pod& pod = world.pod(f.pod);
    const Stream stream = world.stream(world.entity(pod), Purpose::host_failure);
    const Time died = std::min(world.now(), world.node(pod.node).lost);
    const Time deleted =
        std::max(world.now(), died + parameters_.node_monitor_grace) + parameters_.cloud_node.sample(stream, 2);
    ++workloads_[f.workload.index()].unmissed;
    world.wake(handler, deleted + parameters_.pod_gc.sample(stream, 3), Phase::controllers,
               pack(f.workload, kMissed));
    return;
  }
  wake_soon(world, f.workload);
}

void ReplicaSetController::handle(World& world, const Event& event) {
  const WorkloadId id{static_cast<std::uint32_t>(event.payload >> 8)};
  Managed& m = workloads_[id.index()];
  if ((event.payload & 0xffu) == kSync) {
    m.wake_pending = false;
    sync(world, id);
    return;
  }
  if ((event.payload & 0xffu) == kMissed) {
    --m.unmissed;
    wake_soon(world, id);
    return;
  }
  --m.creating;
  const Workload& w = world.workload(id);
  if (static_cast<std::int64_t>(w.pods.size()) - w.stopping + m.unmissed < w.desired) world.create_pod(id);
}

void ReplicaSetController::sync(World& world, WorkloadId id) {
  Managed& m = workloads_[id.index()];
  const Workload& w = world.workload(id);
  const std::int64_t alive = static_cast<std::int64_t>(w.pods.size()) - w.stopping;
  std::int64_t missing = w.desired - alive - m.creating - m.unmissed;
  for (; missing > 0; --missing) {
    ++m.creating;
    world.wake(handler, rate_.take(world.now()), Phase::controllers, pack(id, kCreate));
  }
  if (alive > w.desired) delete_pods(world, id, alive - w.desired);
}

void ReplicaSetController::delete_pods(World& world, WorkloadId id, std::int64_t count) {
  const Time now = world.now();
  struct Candidate {
    PodId pod;
    // First deleted first: waits for a node; not ready; shares its node with most others of the set; ready for the
    // shortest time (in powers of two); created last (likewise); a number that stands for the UID.
    std::tuple<int, int, std::int64_t, int, int, std::uint64_t> key;
  };
  std::vector<Candidate> candidates;
  std::vector<std::pair<NodeId, std::int64_t>> per_node;
  for (const PodId pod : world.workload(id).pods) {
    const Pod& p = world.pod(pod);
    if (p.state == PodState::stopping || p.state == PodState::pending) continue;
    const auto at = std::find_if(per_node.begin(), per_node.end(), [&](const auto& e) { return e.first == p.node; });
    if (at == per_node.end()) {
      per_node.emplace_back(p.node, 1);
    } else {
      ++at->second;
    }
  }
  for (const PodId pod : world.workload(id).pods) {
    const Pod& p = world.pod(pod);
    if (p.state == PodState::stopping) continue;
    std::int64_t together = 0;
    if (p.state != PodState::pending) {
      together =
          std::find_if(per_node.begin(), per_node.end(), [&](const auto& e) { return e.first == p.node; })->second;
    }
    const bool ready = is_ready(p.state);
    candidates.push_back({pod,
                          {p.state == PodState::pending ? 0 : 1, ready ? 1 : 0, -together,
                           ready ? age_bucket(now - p.ready) : 0, age_bucket(now - p.created), world.entity(p)}});
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) { return a.key < b.key; });
  for (std::int64_t i = 0; i < count; ++i) {
    rate_.take(now);  // deletions share the client's budget; their own delay is not modelled
    world.stop_pod(candidates[static_cast<std::size_t>(i)].pod, plimsoll::Reason::scale_in);
  }
}

}  // namespace plimsoll::kubernetes
