#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "models/kubernetes/controllers/client_rate.h"
#include "models/kubernetes/controllers/control_plane_process.h"
#include "models/kubernetes/controllers/disruption.h"
#include "models/kubernetes/scheduler/default_preemption.h"
#include "models/kubernetes/scheduler/queueing_hints.h"
#include "models/kubernetes/scheduler/scheduler_configuration.h"
#include "models/kubernetes/scheduler/scheduling_queue.h"
#include "sim/cluster/timeline.h"
#include "sim/cluster/world.h"
#include "sim/policy/binding_limits.h"
#include "sim/policy/pending_reasons.h"

namespace plimsoll::kubernetes {

struct KubeSchedulerParameters {
  KubernetesVersion version = KubernetesVersion::current;
  int gates = 34;  ///< minor release whose feature gates are on
  Tie tie = Tie::random;
  std::int32_t percentage_of_nodes_to_score = 0;  ///< 0: adaptive
  std::vector<Profile::Custom> custom_scores;
  std::int64_t qps = 50, burst = 100;  ///< clientConnection defaults
  /// CPU time of a cycle. Measured for 1.20.2: 0.68 ms at 500 nodes, about 3 ms with API calls.
  Duration cycle = milliseconds(3);
  /// From the API server's write to the scheduler's watch.
  Duration watch_delay = milliseconds(20);
  /// Of a KubeSchedulerConfiguration file; what it sets goes before the fields above.
  SchedulerConfiguration configuration;
};

/// One cycle, told before its outcome is applied: the snapshot is still the one that was decided on.
struct SchedulingDetail : Detail {
  PodId pod;
  std::uint32_t attempt = 1;  ///< of this pod
  const Decision* decision = nullptr;
  const Framework* framework = nullptr;
};

/// kube-scheduler: one pod at a time from the active queue, one cycle of the framework of the pod's profile, binding
/// under the client's rate limit. A pod that fits nowhere preempts pods of lower priority where that helps
/// (DefaultPreemption against the budgets given), is nominated to their node, and waits in the unschedulable pool for
/// an event that may help it (queueing_hints.h), or for the periodic flush. Room is kept for nominated pods of equal or
/// higher priority, and a nominated pod takes its node when it fits there. Pods with scheduling gates wait outside.
/// SOURCE: kubernetes/kubernetes pkg/scheduler/{scheduler,schedule_one,eventhandlers}.go, backend/queue,
/// framework/preemption (1.20.2, 1.26.15, 1.34.1). A pod is bound when its decision falls and the loop then waits for
/// the client's next token, so that bindings leave at the real rate. Left out: Permit plugins that wait, failed
/// bindings, the second pass without the nominated pods for rules that could need them, extenders.
class KubeScheduler : public ComponentOf<KubeScheduler>,
                      public PendingReasons,
                      public ControlPlaneProcess,
                      public BindingLimits,
                      public WatchesPodUpdates {
 public:
  KubeScheduler(const KubeSchedulerParameters& parameters, Names& names);

  /// Pods of this workload are scheduled elsewhere (Fargate, DaemonSets that bind by themselves).
  void leave_out(WorkloadId workload);
  /// The ApiServer that its calls wait for.
  void call_through(HandlerId api_server) { api_server_ = api_server; }
  /// What preemption tries to spare.
  void set_budgets(DisruptionBudgets budgets) { budgets_ = std::move(budgets); }
  /// Services whose selectors feed the default spreading constraints.
  void set_services(const std::vector<ServiceSelector>& services) {
    for (ProfileState& p : profiles_) p.framework.set_services(services);
  }
  /// The framework of the first profile.
  const Framework& framework() const { return profiles_.front().framework; }
  /// Of the profile that the pod names in schedulerName; null when there is none.
  const Framework* framework_of(const World& world, const PodShape& shape) const;
  /// What preemption would spare now.
  std::vector<PreemptionBudget> preemption_budgets(const World& world) const;
  /// A pod's spec has changed (its last scheduling gate was removed).
  void pod_updated(World& world, PodId pod) override;
  /// Binds a pod of a DaemonSet to its node when every filter of its profile passes there, with the pods that are
  /// nominated to the node, and not of lower priority, and without them. False, and nothing done, when one fails: the
  /// pod is then to wait in the queue.
  bool bind_at_once(World& world, PodId pod, NodeId node);
  /// Wakes the scheduler so when a node's taints have changed.
  static std::uint64_t node_updated(NodeId node) { return std::uint64_t{node.value()} << 8 | kNodeUpdated; }
  /// The node that a pod is nominated to, none when it is not.
  NodeId nominated_node(PodId pod) const;
  const SchedulingQueue& queue() const { return queue_; }
  /// The message of the FailedScheduling event, less its part about preemption.
  std::string why_pending(World& world, PodId pod) override;
  /// The pods that wait are all new to the next process; nominations stand in the pods' status and stay.
  void replace(World& world, const ControlPlaneRelease& release) override;
  /// Not those that a KubeSchedulerConfiguration sets.
  void set_rates(const ClientRates& rates) override;
  /// Bindings a second of its client: they bind while a pod could be tried but for them.
  std::vector<Limit> binding_limits(const World& world) const override;
  /// How long that has held it up since the beginning.
  Duration held_by_rate() const { return held_; }

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  enum : std::uint64_t {
    kEnqueue,
    kCycle,
    kFlushBackoff,
    kFlushUnschedulable,
    kNodeAdded,
    kNodeUncordoned,
    kNodeDeleted,
    kPodAssigned,
    kPodDeleted,
    kNodeUpdated
  };
  struct ProfileState {
    NameId name;
    Framework framework;
    Scratch scratch;
    bool preemption = true;
    PreemptionShare share;
  };
  struct Nomination {
    PodId pod;
    std::int32_t priority = 0;
    NodeId node;
  };

  void make_profiles(Names& names);
  ProfileState* profile_of(const World& world, const PodShape& shape);
  void enqueue(World& world, PodId pod);
  void wake_cycle(World& world, Time at);
  void wake_flushes(World& world);
  void cluster_event(World& world, std::uint64_t step, std::uint32_t subject);
  void cycle(World& world);
  void schedule(World& world, QueuedPod pod, ProfileState& profile);
  /// Of a row that passes: with the pods nominated there that the pod may not displace.
  Verdict filter_with_nominated(World& world, PodId pod, ShapeId shape, Row row, ProfileState& profile);
  Decision decide(World& world, const QueuedPod& pod, ProfileState& profile);
  void bind_volumes(World& world, ShapeId shape, Row row);
  void preempt(World& world, const QueuedPod& pod, ProfileState& profile);
  void clear_nomination(PodId pod);

  KubeSchedulerParameters parameters_;
  std::vector<ProfileState> profiles_;
  SearchState search_;
  ClientRate rate_;
  SchedulingQueue queue_;
  QueueRules rules_;
  DisruptionBudgets budgets_;
  std::vector<bool> left_out_;  // by workload
  std::vector<Nomination> nominations_;
  std::int32_t least_priority_ = std::numeric_limits<std::int32_t>::max();  // of the shapes seen
  std::size_t shapes_seen_ = 0;
  bool cycle_pending_ = false;
  Time backoff_wake_ = kTimeNever, unschedulable_wake_ = kTimeNever;
  Time free_at_{};  // the scheduler is busy until then
  HandlerId api_server_;
  Duration held_{}, held_counted_{};  // by the client's rate, in all and of the window
};

}  // namespace plimsoll::kubernetes
