#pragma once

#include <cstdint>
#include <vector>

#include "models/kubernetes/controllers/client_rate.h"
#include "models/kubernetes/controllers/control_plane_process.h"
#include "models/kubernetes/version.h"
#include "models/kubernetes/workloads/daemon_set.h"
#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// Whether pods of a DaemonSet belong on a node: its selector and required affinity match, and it tolerates every taint
/// but those of node conditions, which all daemon pods tolerate. SOURCE: daemon_controller.go NodeShouldRunDaemonPod.
bool daemon_belongs_on(const PodShape& pod, const SnapshotNode& node, const Names& names);

/// A pod of a DaemonSet as it is created for a node: its affinity names that node (matchFields metadata.name) in the
/// place of its own terms, which the node matches. SOURCE: util/daemonset_util.go
/// ReplaceDaemonSetPodNodeNameNodeAffinity.
PodShape tied_to_node(PodShape shape, NameId node, Names& names);

/// DaemonSets: one pod on every node that joins and that its node name, selector, affinity and tolerations admit.
/// Where every filter of the scheduler passes on its node the pod is bound at the instant it is created, ahead of the
/// scheduler's next cycle. One that does not fit goes through the scheduler with a node affinity for its node
/// (matchFields metadata.name): it waits there, or preempts pods of lower priority. Creations go by the rate limit of
/// the controller's client; those of a node that joins begin when its Node is registered, `kRegistered` before it is
/// ready. What the API server refuses (quota, limit range) is tried again, one pod at a time, after the work queue's
/// back-off (requeue.h) and when the set's pods change. A pod that failed on its node (an eviction, a container that
/// is not started again) is replaced after 1 s, 2 s, 4 s ... up to 15 min a node, one that was deleted as soon as it
/// is gone. A new revision replaces the pods node by node (workloads/daemon_set.h), a watch hop after each change;
/// with OnDelete only pods that come for another reason are of it. SOURCE: kubernetes/kubernetes
/// pkg/controller/daemon/{daemon_controller,update}.go (1.34; failedPodsBackoff, NodeShouldRunDaemonPod),
/// util/daemonset_util.go (ReplaceDaemonSetPodNodeNameNodeAffinity). Left out: the bindings' share of the scheduler's
/// client limit, slow-start batches and the 250 pods that one sync makes or deletes at most (the client's rate is
/// slower), pods of cordoned nodes (replaced once they are uncordoned), labels and taints that change while a node is
/// there (but for startup taints that go), tolerations of taints node.kubernetes.io/... (daemon pods have them all).
class DaemonSetController : public ComponentOf<DaemonSetController>, public ControlPlaneProcess {
 public:
  /// How long before it is ready a node is registered. Assumed: the CNI plug-in's pod is pulled and started meanwhile.
  static constexpr Duration kRegistered = seconds(10);

  explicit DaemonSetController(KubernetesVersion version = KubernetesVersion::current) : version_(version) {}

  void manage(WorkloadId workload, const DaemonSetStrategy& strategy = {});
  /// The KubeScheduler that places what does not fit at once; without one such a pod stays pending.
  void schedule_through(HandlerId scheduler) { scheduler_ = scheduler; }
  /// Who is asked before pods are created: an Admission.
  void admit_through(HandlerId admission) { admission_ = admission; }
  /// The ApiServer that its calls wait for.
  void call_through(HandlerId api_server) { api_server_ = api_server; }
  /// Payload that tells the controller of a node whose taints changed: sets that it may run now get their pod.
  static std::uint64_t node_updated(NodeId node) { return (std::uint64_t{node.value()} << 24) | kUpdated; }

  void replace(World& /*world*/, const ControlPlaneRelease& release) override {
    version_ = release.version;
    failures_.clear();
    wait_until(release.leads);
  }
  void set_rates(const ClientRates& rates) override {
    rate_ = ClientRate(rates.controllers_qps, rates.controllers_burst);
  }

  bool watches() const override { return true; }
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  enum : std::uint64_t { kJoined, kReplace, kGone, kSync, kCreate, kFill, kUpdated };
  struct Set {
    WorkloadId workload;
    DaemonSetStrategy strategy;
    std::uint32_t revision = 1;  ///< that the pods are, or are becoming
    bool rolling = false, wake_pending = false;
    Time check_at = kTimeNever;  ///< a pod will have been ready for long enough
    std::int64_t refusals = 0;   ///< creations in a row that the API server refused
    Time fill_at = kTimeNever;   ///< when what was refused is tried again
  };
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
  /// A creation that waits for the client's rate.
  struct Creation {
    std::size_t set = 0;
    NodeId node;
  };
  /// One more pod for the node, as soon as the client may call; `since`: the call could have been made from then on.
  void request(World& world, std::size_t set, NodeId node, Time since);
  void create(World& world, std::size_t set, NodeId node);
  void place(World& world, WorkloadId workload, NodeId node);
  void fill_at(World& world, std::size_t set, Time at);
  /// The first node that should run a pod and has none; none when all have theirs.
  NodeId first_without(const World& world, std::size_t set) const;
  bool is_coming(std::size_t set, NodeId node) const;
  bool should_run(const World& world, WorkloadId workload, NodeId node) const;
  void wake_soon(World& world, std::size_t set);
  void sync(World& world, std::size_t set);
  /// The node of a pod, or the one that it waits for.
  NodeId node_of(const World& world, PodId pod) const;
  bool runs_on(const World& world, WorkloadId workload, NodeId node) const;
  Duration backoff(World& world, WorkloadId workload, NodeId node);

  KubernetesVersion version_;
  HandlerId scheduler_, admission_, api_server_;
  ClientRate rate_{20, 30};
  std::vector<Set> sets_;
  std::vector<Waiting> waiting_;
  std::vector<Creation> creations_;
  std::vector<Failures> failures_;
};

}  // namespace plimsoll::kubernetes
