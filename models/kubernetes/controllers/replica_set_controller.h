#pragma once

#include <vector>

#include "models/kubernetes/controllers/client_rate.h"
#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

struct ReplicaSetParameters {
  std::int64_t qps = 20, burst = 30;  ///< kube-controller-manager client
  /// Scale subresource -> Deployment -> ReplicaSet: two watch hops.
  Duration watch_delay = milliseconds(100);
};

/// Deployments and their ReplicaSets as far as a steady template goes: as many pods as wanted, created under the
/// client's rate limit, and on scale-down the victims in the controller's order. SOURCE: kubernetes/kubernetes
/// pkg/controller/replicaset/replica_set.go, controller_utils.go (1.34).
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
  enum : std::uint64_t { kSync = 0, kCreate = 1 };
  void wake_soon(World& world, WorkloadId id);
  void sync(World& world, WorkloadId id);
  void delete_pods(World& world, WorkloadId id, std::int64_t count);

  struct Managed {
    bool managed = false, wake_pending = false;
    std::int64_t creating = 0;  ///< calls on their way
  };
  ReplicaSetParameters parameters_;
  ClientRate rate_;
  std::vector<Managed> workloads_;
};

}  // namespace plimsoll::kubernetes
