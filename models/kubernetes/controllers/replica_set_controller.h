#pragma once

#include <vector>

#include "models/kubernetes/controllers/client_rate.h"
#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

struct ReplicaSetParameters {
  std::int64_t qps = 20, burst = 30;  ///< kube-controller-manager client
  /// Scale subresource -> Deployment -> ReplicaSet: two watch hops.
  Duration watch_delay = milliseconds(100);
  /// A pod whose instance was ended under it is missed only when its Node is found not ready (the monitor's grace
  /// period), the cloud node controller has deleted it (every 5 s) and the pod garbage collector the pod (every 20 s,
  /// for nodes missing for 40 s).
  Duration node_monitor_grace = seconds(50);
  Delay cloud_node = Delay::uniform(seconds(0), seconds(5));
  Delay pod_gc = Delay::uniform(seconds(40), seconds(60));
};

/// Deployments and their ReplicaSets as far as a steady template goes: as many pods as wanted, created under the
/// client's rate limit, and on scale-down the victims in the controller's order. Pods that end with their instance are
/// replaced when the control plane has found out. SOURCE: kubernetes/kubernetes pkg/controller/replicaset/replica_set.go,
/// controller_utils.go, pkg/controller/podgc (1.34), kubernetes/cloud-provider controllers/nodelifecycle.
class ReplicaSetController : public ComponentOf<ReplicaSetController> {
 public:
  explicit ReplicaSetController(ReplicaSetParameters parameters)
      : parameters_(parameters), rate_(parameters.qps, parameters.burst) {}

  void manage(WorkloadId workload);

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  enum : std::uint64_t { kSync = 0, kCreate = 1, kMissed = 2 };
  void wake_soon(World& world, WorkloadId id);
  void sync(World& world, WorkloadId id);
  void delete_pods(World& world, WorkloadId id, std::int64_t count);

  struct Managed {
    bool managed = false, wake_pending = false;
    std::int64_t creating = 0;  ///< calls on their way
    std::int64_t unmissed = 0;  ///< gone with their instance, and still there for the API server
  };
  ReplicaSetParameters parameters_;
  ClientRate rate_;
  std::vector<Managed> workloads_;
};

}  // namespace plimsoll::kubernetes
