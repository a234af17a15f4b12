#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/cluster/revision_history.h"
#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// revisionHistoryLimit of Deployments, StatefulSets and DaemonSets: when a rollout is complete, the oldest of the old
/// revisions beyond the limit are deleted (ReplicaSets, ControllerRevisions), and kubectl rollout undo finds them no
/// more. Until then every revision is there: a rollout that hangs can always be undone. A revision that is rolled back
/// to is the newest of the history from then on.
/// SOURCE: kubernetes/kubernetes pkg/controller/deployment/sync.go cleanupDeployment (called when the Deployment is
/// complete), pkg/controller/statefulset/stateful_set_control.go truncateHistory, pkg/controller/daemon/update.go
/// cleanupHistory (both spare revisions of which pods are left); kubectl pkg/polymorphichelpers/rollback.go.
/// Left out: that a revision gets a new number when it is rolled back to; the clean-up of a Deployment that is paused.
class RevisionHistoryLimit : public ComponentOf<RevisionHistoryLimit>, public RevisionHistory {
 public:
  void manage(WorkloadId workload, std::int64_t limit);

  bool can_roll_back(const World& world, WorkloadId workload, std::uint32_t revision) override;
  std::vector<std::string> refused_rollbacks(const World& world) const override;

  bool watches() const override { return true; }
  void handle(World& /*world*/, const Event& /*event*/) override {}
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  struct History {
    bool managed = false;
    std::int64_t limit = 10;
    std::uint32_t wanted = 1;
    std::vector<std::uint32_t> old;  ///< beside the wanted one, the one that was wanted last at the end
  };
  struct Refused {
    Time at{};
    WorkloadId workload;
    std::uint32_t revision = 0;
  };
  std::vector<History> workloads_;
  std::vector<Refused> refused_;
};

}  // namespace plimsoll::kubernetes
