#pragma once

#include <vector>

#include "models/kubernetes/controllers/client_rate.h"
#include "models/kubernetes/controllers/control_plane_process.h"
#include "models/kubernetes/version.h"
#include "models/kubernetes/workloads/deployment.h"
#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

struct ReplicaSetParameters {
  std::int64_t qps = 20, burst = 30;  ///< kube-controller-manager client
  /// Scale subresource -> Deployment -> ReplicaSet: two watch hops.
  Duration watch_delay = milliseconds(100);
  Duration create_call = milliseconds(10);  ///< one creation on the API server; assumed
  std::int64_t burst_replicas = 500;        ///< most pods that one sync creates or deletes
  /// A pod whose instance was ended under it is missed only when its Node is found not ready (the monitor's grace
  /// period), the cloud node controller has deleted it (every 5 s) and the pod garbage collector the pod (every 20 s,
  /// for nodes missing for 40 s).
  Duration node_monitor_grace = seconds(50);
  Delay cloud_node = Delay::uniform(seconds(0), seconds(5));
  Delay pod_gc = Delay::uniform(seconds(40), seconds(60));
  KubernetesVersion version = KubernetesVersion::current;
};

/// Deployments and their ReplicaSets, one a revision. A sync first reconciles the Deployment one step (a change of its
/// size in proportion, RollingUpdate or Recreate; models/kubernetes/workloads/deployment.h), then each ReplicaSet:
/// pods are created in slow-start batches (1, 2, 4, ...; each after the calls of the one before) under the client's
/// rate limit, and deleted in the controller's order. Each change of a ReplicaSet's pods brings the next sync after two
/// watch hops. A rollout that does not get on within progressDeadlineSeconds is reported as stalled and goes on. A
/// ReplicaSet of its own has no rollout: pods that are there stay when its template changes. Pods of no owner are made
/// once, and nothing makes them again.
/// SOURCE: kubernetes/kubernetes pkg/controller/deployment/{deployment_controller,rolling,recreate,sync,progress}.go,
/// pkg/controller/replicaset/replica_set.go, pkg/controller/controller_utils.go, pkg/controller/podgc (1.20 to 1.34),
/// kubernetes/cloud-provider controllers/nodelifecycle.
/// A creation that the API server refuses ends the sync with its batch; the next try comes with the next change of the
/// pods, or after the work queue's back-off (requeue.h).
/// A Deployment that is paused from the start gets no ReplicaSet and so no pods: sync makes none while it is paused
/// (getAllReplicaSetsAndSyncRevision, createIfNotExisted false), and nothing resumes it here.
/// Old revisions are there as long as revisionHistoryLimit keeps them (revision_history_limit.h).
class ReplicaSetController : public ComponentOf<ReplicaSetController>, public ControlPlaneProcess {
 public:
  explicit ReplicaSetController(ReplicaSetParameters parameters)
      : parameters_(parameters), rate_(parameters.qps, parameters.burst) {}

  void manage(WorkloadId workload, const DeploymentStrategy& strategy = {});
  /// Who is asked before pods are created: an Admission.
  void admit_through(HandlerId admission) { admission_ = admission; }
  /// The ApiServer that its calls wait for.
  void call_through(HandlerId api_server) { api_server_ = api_server; }

  void replace(World& world, const ControlPlaneRelease& release) override;
  void set_rates(const ClientRates& rates) override {
    rate_ = ClientRate(rates.controllers_qps, rates.controllers_burst);
  }

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  enum : std::uint64_t { kSync = 0, kCreate = 1, kBatch = 2, kCheck = 3, kMissed = 4 };
  /// The ReplicaSet of one revision.
  struct Set {
    std::uint32_t revision = 1;
    std::int64_t replicas = 0;  ///< spec.replicas
    std::int64_t creating = 0;  ///< calls on their way
    std::int64_t left = 0;      ///< to create in later batches
    std::int64_t batch = 1;
    std::int64_t unmissed = 0;  ///< gone with their instance, and still there for the API server
    std::int64_t failures = 0;  ///< syncs in a row whose creations were refused
    bool refused = false;       ///< in the sync that creates now
  };
  struct Managed {
    bool managed = false, wake_pending = false;
    DeploymentStrategy strategy;
    std::vector<Set> sets;        ///< the oldest first; the last is the one of the wanted revision
    std::int64_t scaled_for = 0;  ///< annotation deployment.kubernetes.io/desired-replicas
    bool rolling = false;
    DeploymentStatus status;
    Time progress_at{};
    Time check_at = kTimeNever;  ///< pending look at deadlines or minReadySeconds
  };
  Set& set_of(Managed& m, std::uint32_t revision);
  void wake_soon(World& world, WorkloadId id);
  void check_at(World& world, WorkloadId id, Time at);
  void sync(World& world, WorkloadId id);
  void follow_revision(World& world, WorkloadId id);
  /// True when a size changed.
  bool reconcile_deployment(World& world, WorkloadId id);
  bool scale(World& world, WorkloadId id);
  void report(World& world, WorkloadId id);
  void reconcile_set(World& world, WorkloadId id, Set& set);
  void begin_batch(World& world, WorkloadId id, Set& set);
  void delete_pods(World& world, WorkloadId id, std::uint32_t revision, std::int64_t count);
  /// Pods of one revision that are Ready for minReadySeconds; looks again when one is about to be.
  std::int64_t available(World& world, WorkloadId id, std::uint32_t revision);

  /// The last call of a batch has its answer.
  void end_batch(World& world, WorkloadId id, Set& set, std::int64_t alive);

  ReplicaSetParameters parameters_;
  HandlerId admission_, api_server_;
  ClientRate rate_;
  std::vector<Managed> workloads_;
};

}  // namespace plimsoll::kubernetes
