#pragma once

#include <cstdint>
#include <vector>

#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// DaemonSets: one pod on every node that joins. Where the node has room the pod is bound at the instant the node
/// becomes ready, ahead of the scheduler's next cycle; the real one goes through kube-scheduler at system priority,
/// with the same outcome. A pod that does not fit goes through the scheduler with a node affinity for its node
/// (matchFields metadata.name): it waits there, or preempts pods of lower priority. A pod that failed on its node (an
/// eviction, a container that is not started again) is replaced after 1 s, 2 s, 4 s ... up to 15 min a node.
/// SOURCE: kubernetes/kubernetes pkg/controller/daemon/daemon_controller.go (1.34; failedPodsBackoff),
/// util/daemonset_util.go (ReplaceDaemonSetPodNodeNameNodeAffinity).
/// Left out: the bindings' share of the scheduler's client limit, rolling updates (system components have one
/// revision), cordoned nodes (their pods are replaced once they are uncordoned).
class DaemonSetController : public ComponentOf<DaemonSetController> {
 public:
  void manage(WorkloadId workload) { workloads_.push_back(workload); }
  /// The KubeScheduler that places what does not fit at once; without one such a pod stays pending.
  void schedule_through(HandlerId scheduler) { scheduler_ = scheduler; }

  bool watches() const override { return true; }
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  enum : std::uint64_t { kJoined, kReplace, kGone };
  /// A daemon pod that waits for room on its node.
  struct Waiting {
    PodId pod;
    NodeId node;
  };
  struct Failures {
    WorkloadId workload;
    NodeId node;
    std::int64_t count = 0;
    Time last{};
  };
  void place(World& world, WorkloadId workload, NodeId node);
  bool runs_on(const World& world, WorkloadId workload, NodeId node) const;
  Duration backoff(World& world, WorkloadId workload, NodeId node);

  HandlerId scheduler_;
  std::vector<WorkloadId> workloads_;
  std::vector<Waiting> waiting_;
  std::vector<Failures> failures_;
};

}  // namespace plimsoll::kubernetes
