#pragma once

#include <vector>

#include "models/kubernetes/controllers/control_plane_process.h"
#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// SOURCE: kubernetes/kubernetes pkg/controller/nodelifecycle, cmd/kube-controller-manager (defaults).
struct NodeLifecycleParameters {
  Duration lease_renewal = seconds(10);        ///< kubelet: a quarter of the lease's 40 s
  Duration monitor_grace = seconds(50);        ///< --node-monitor-grace-period; 40 s before 1.32
  Duration monitor_period = seconds(5);        ///< --node-monitor-period
  Duration toleration = seconds(300);          ///< tolerationSeconds of pods that say nothing of unreachable nodes
  Duration eviction_interval = seconds(10);    ///< --node-eviction-rate 0.1 a second
  Duration secondary_interval = seconds(100);  ///< --secondary-node-eviction-rate 0.01 a second
  std::int64_t large_cluster = 50;             ///< --large-cluster-size-threshold
  Ppm unhealthy_zone = percent(55);            ///< --unhealthy-zone-threshold
};

/// The node lifecycle controller: a node whose kubelet has renewed no lease for the grace period is unreachable and
/// takes no new pods at once; the NoExecute taint follows through a rate limiter of its zone, and its pods are deleted
/// when they have tolerated it for long enough: 300 s, or what their file says (daemons tolerate it for ever). A zone
/// with 55 % or more (and at least three) of its nodes unreachable is disrupted: its limiter is slowed in a large
/// cluster and stopped in a small one; a zone without any ready node keeps the normal rate, and when every zone is like
/// that all limiters stop. The deleted pods hang in Terminating until their instance is gone, their replacements are
/// made at once. SOURCE: kubernetes/kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go,
/// pkg/controller/tainteviction (1.34). Left out: nodes that come back, the not-ready taint of nodes whose kubelet
/// still speaks, nodes whose grace period a new leader begins anew.
class NodeLifecycleController : public ComponentOf<NodeLifecycleController>, public ControlPlaneProcess {
 public:
  explicit NodeLifecycleController(NodeLifecycleParameters parameters) : parameters_(parameters) {}

  void replace(World& /*world*/, const ControlPlaneRelease& release) override {
    parameters_.monitor_grace = release.node_monitor_grace;
    wait_until(release.leads);
  }

  bool watches() const override { return true; }
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  enum : std::uint64_t { kUnreachable = 0, kTaint = 1, kEvict = 2 };
  struct Zone {
    std::vector<NodeId> queue;  ///< unreachable, without the NoExecute taint yet
    Time next{};                ///< when the limiter lets the next one through
    bool wake_pending = false;
  };
  enum class ZoneState : std::uint8_t { normal, partial, full };
  ZoneState state_of(const World& world, ZoneId zone) const;
  /// Time between two taints in a zone; zero: none now.
  Duration interval(const World& world, ZoneId zone) const;
  void taint_next(World& world, ZoneId zone);
  /// The NoExecute taint: its pods go when they have tolerated it for long enough.
  void taint(World& world, NodeId node);

  NodeLifecycleParameters parameters_;
  std::vector<Zone> zones_;
  std::vector<NodeId> unreachable_;
};

}  // namespace plimsoll::kubernetes
