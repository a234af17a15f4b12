#pragma once

#include <utility>
#include <vector>

#include "models/kubernetes/controllers/client_rate.h"
#include "models/kubernetes/controllers/control_plane_process.h"
#include "models/kubernetes/controllers/missed_pods.h"
#include "models/kubernetes/workloads/stateful_set.h"
#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

class VolumeClaims;

/// StatefulSets: pods with ordinals, made, stopped and replaced by models/kubernetes/workloads/stateful_set.h, two
/// watch hops after each change. A pod that is gone comes back under its ordinal; below the partition it is made of the
/// revision before. A pod that went with its instance keeps its ordinal until the API server has deleted it
/// (missed_pods.h): a StatefulSet has at most one of each. SOURCE: kubernetes/kubernetes pkg/controller/statefulset
/// (1.20 to 1.34).
/// Left out: ControllerRevision history.
class StatefulSetController : public ComponentOf<StatefulSetController>, public ControlPlaneProcess {
 public:
  void manage(WorkloadId workload, const StatefulSetStrategy& strategy);
  /// Who is asked before pods are created: an Admission. What it refuses is tried again with the next change, or after
  /// the work queue's back-off (requeue.h).
  void admit_through(HandlerId admission) { admission_ = admission; }
  /// Who keeps the claims of its pods: a VolumeClaims.
  void claim_through(HandlerId claims) { claims_ = claims; }
  /// The ApiServer that its calls wait for.
  void call_through(HandlerId api_server) { api_server_ = api_server; }

  void replace(World& /*world*/, const ControlPlaneRelease& release) override {
    missed_.node_monitor_grace = release.node_monitor_grace;
    wait_until(release.leads);
  }
  void miss_after(const MissedPodDelays& delays) { missed_ = delays; }
  void set_rates(const ClientRates& rates) override {
    rate_ = ClientRate(rates.controllers_qps, rates.controllers_burst);
  }

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  struct Managed {
    bool managed = false, wake_pending = false;
    StatefulSetStrategy strategy;
    std::vector<PodId> pods;                       ///< by ordinal; none: not there
    std::vector<std::pair<PodId, Time>> unmissed;  ///< gone with their instance, and still there until then
    std::uint32_t current = 1;                     ///< revision of the last finished rollout
    std::uint32_t update = 1;                      ///< revision that is rolled out
    std::int64_t failures = 0;                     ///< syncs in a row whose creations were refused
    Time retry_at{};                               ///< the latest try that is planned after one
    Time call_at = kTimeNever;  ///< the client's next call goes out then; it is for a pod that is missing
  };
  void wake(World& world, WorkloadId id, Duration delay);
  void sync(World& world, WorkloadId id);

  VolumeClaims* claims_of(World& world, WorkloadId id) const;

  /// Whether a creation may go out now; else it looks again when it may.
  bool may_call(World& world, WorkloadId id);

  /// Whether the API server still has this pod, which has ended.
  static bool still_there(const World& world, const Managed& managed, PodId pod);

  ClientRate rate_{20, 30};  ///< kube-controller-manager's client
  MissedPodDelays missed_;
  HandlerId admission_, claims_, api_server_;
  std::vector<Managed> workloads_;
};

}  // namespace plimsoll::kubernetes
