#pragma once

#include <vector>

#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// DaemonSets: one pod on every node that joins. The pod is bound at the instant the node becomes ready, ahead of the
/// scheduler's next cycle; the real one goes through kube-scheduler with a node affinity for its node, at system
/// priority, with the same outcome while nodes have room.
/// SOURCE: kubernetes/kubernetes pkg/controller/daemon/daemon_controller.go (1.34).
class DaemonSetController : public ComponentOf<DaemonSetController> {
 public:
  void manage(WorkloadId workload) { workloads_.push_back(workload); }

  bool watches() const override { return true; }
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  std::vector<WorkloadId> workloads_;
};

}  // namespace plimsoll::kubernetes
