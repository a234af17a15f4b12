#pragma once

#include <memory>
#include <vector>

#include "models/kubernetes/controllers/client_rate.h"
#include "models/kubernetes/scheduler/framework.h"
#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

struct KubeSchedulerParameters {
  KubernetesVersion version = KubernetesVersion::current;
  Tie tie = Tie::random;
  std::int32_t percentage_of_nodes_to_score = 0;  ///< 0: adaptive
  std::vector<Profile::Custom> custom_scores;
  std::int64_t qps = 50, burst = 100;             ///< clientConnection defaults
  /// CPU time of a cycle. Measured for 1.20.2: 0.68 ms at 500 nodes, about 3 ms with API calls.
  Duration cycle = milliseconds(3);
  /// From the API server's write to the scheduler's watch.
  Duration watch_delay = milliseconds(20);
  Duration initial_backoff = seconds(1), maximum_backoff = seconds(10);
  /// Pods in the unschedulable pool longer than this are tried again without an event.
  Duration unschedulable_limit = minutes(5);
};

/// One cycle, told before its outcome is applied: the snapshot is still the one that was decided on.
struct SchedulingDetail : Detail {
  PodId pod;
  std::uint32_t attempt = 1;  ///< of this pod
  const Decision* decision = nullptr;
  const Framework* framework = nullptr;
};

/// kube-scheduler: one pod at a time from the active queue (priority, then time of queueing), one cycle of the
/// framework, binding under the client's rate limit. A pod that fits nowhere goes to the unschedulable pool and comes
/// back, through its backoff, when a node joins, becomes schedulable again or a pod leaves a node. SOURCE:
/// kubernetes/kubernetes pkg/scheduler/{scheduler,internal/queue/scheduling_queue}.go, 1.20 and 1.34. Left out:
/// preemption, permit plugins, failed bindings.
class KubeScheduler : public ComponentOf<KubeScheduler> {
 public:
  KubeScheduler(KubeSchedulerParameters parameters, Names& names);

  /// Pods of this workload are scheduled elsewhere (Fargate, DaemonSets that bind by themselves).
  void leave_out(WorkloadId workload);
  const Framework& framework() const { return framework_; }

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  enum : std::uint64_t { kEnqueue = 0, kCycle = 1, kBackoff = 2, kFlush = 3 };
  struct Queued {
    std::int32_t priority = 0;
    Time since{};
    PodId pod;
  };
  struct Waiting {
    PodId pod;
    Time since{};    ///< of the failure
    Time backoff{};  ///< not before
  };
  static bool later(const Queued& a, const Queued& b);
  void push_active(World& world, PodId pod);
  void wake_cycle(World& world, Time at);
  void cycle(World& world);
  void move_all(World& world);

  KubeSchedulerParameters parameters_;
  Framework framework_;
  Scratch scratch_;
  SearchState search_;
  ClientRate rate_;
  std::vector<bool> left_out_;  // by workload
  std::vector<Queued> active_;  // heap
  std::vector<Waiting> backoff_, unschedulable_;
  std::vector<std::uint32_t> attempts_;  // by pod
  std::uint64_t decisions_ = 0;
  bool cycle_pending_ = false, flush_pending_ = false;
  Time free_at_{};  // the scheduler is busy until then
};

}  // namespace plimsoll::kubernetes
