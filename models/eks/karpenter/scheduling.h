#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/eks/karpenter/instance_types.h"
#include "models/eks/karpenter/node_pool.h"
#include "models/eks/karpenter/topology.h"
#include "models/eks/node/pod_facts.h"
#include "models/eks/node/simulation.h"
#include "models/kubernetes/scheduler/profile.h"

namespace plimsoll::eks::karpenter {

/// The scheduler's filters without spread and inter-pod affinity, which Karpenter counts by itself because nodes that
/// do not exist yet take part. The framework of every Karpenter simulation is made of this profile.
kubernetes::Profile karpenter_profile(kubernetes::KubernetesVersion version);

/// A node as Karpenter sees it. Rows of the snapshot that no ClusterNode names are nodes of others: pods may go there.
struct ClusterNode {
  NodeId id;
  NameId name;
  Row row = kNoRow;                 ///< none: launched and not in the cluster yet
  std::optional<std::size_t> pool;  ///< none: not managed by a NodePool
  std::uint32_t type = 0;           ///< index into the instance types
  std::uint8_t zone = 0;            ///< index into their zones
  CapacityType capacity_type = CapacityType::on_demand;
  bool initialized = true;  ///< ready, startup taints gone
  bool ready = true;
  bool deleting = false;        ///< marked for deletion or draining
  bool nominated = false;       ///< a pod was promised to it within the last 20 s
  bool do_not_disrupt = false;  ///< annotation
  bool drifted = false;
  Time created{};
  Time last_pod_event{};  ///< a pod was bound, removed or ended
  /// Keys of the startup taints that it was made with: no pod is kept away by them while it is not initialized.
  std::span<const NameId> startup_taints;
  Labels labels;  ///< of a node that is not in the cluster yet; none: what its pool and type say
};

/// What every Karpenter decision reads. `sim.framework` is made of karpenter_profile.
struct Cluster {
  const Simulation& sim;
  const InstanceTypes& types;
  const std::vector<NodePool>& pools;
  const WellKnownLabels& known;
  std::span<const ClusterNode> nodes;
  std::span<const ShapeId> daemons;  ///< DaemonSet pods that a new node would run
};

struct SchedulingPod {
  PodId id;
  ShapeId shape;
  Time created{};
};

/// A node to be launched: one of `types`, anywhere and anyhow the requirements allow.
struct PlannedClaim {
  std::size_t pool = 0;
  Requirements requirements;
  std::vector<std::uint32_t> types;  ///< indices, by name unless ordered by price
  std::vector<PodId> pods;
  ResourceVector requests;  ///< of pods and daemons
  ResourceVector daemon_requests;
};

struct PlannedPlacement {
  PodId pod;
  NodeId node;  ///< none for a row that no ClusterNode names
  Row row = kNoRow;
  bool initialized = true;
};

struct SchedulingResult {
  std::vector<PlannedClaim> claims;
  std::vector<PlannedPlacement> existing;
  std::vector<PodId> unschedulable;
  /// Pools whose limits, and nothing else of size, keep an unschedulable pod from a new node; in no order, each once.
  std::vector<std::size_t> limited_pools;
};

/// What does not change from one simulation to the next: pools by weight with the types, daemons and domains that each
/// allows.
class PoolTemplates {
 public:
  struct Template {
    std::size_t pool = 0;
    Requirements requirements;
    std::vector<std::uint32_t> types;
    ResourceVector daemon_requests;
    std::vector<ShapeId> daemons;
  };
  explicit PoolTemplates(const Cluster& cluster);
  const std::vector<Template>& by_weight() const { return templates_; }
  const DomainUniverse& domains() const { return domains_; }
  bool has_soft_taint() const { return has_soft_taint_; }
  const Template& of(std::size_t pool) const;

 private:
  std::vector<Template> templates_;
  DomainUniverse domains_;
  bool has_soft_taint_ = false;
};

/// Computing time of one run: so much for each try of a pod on a node, on a planned node or on a NodePool.
struct SolveTime {
  Duration per_try{};
  Duration limit{};  ///< once it is over no other pod is tried, and what was found by then stands; 0: none
  Duration spent{};
  bool is_over() const { return limit > Duration{} && spent >= limit; }
};

/// Where Karpenter would put the pods: on existing nodes (initialised first, then by name, first fit), on nodes opened
/// in this run (fewest pods first), else on a new node of the first pool by weight that works; what fails is relaxed by
/// one preference and tried again, until a round makes no progress. Nodes marked `deleting` and those in `without` do
/// not take part. Launched nodes that are not in the cluster yet are put there with their daemons. Everything happens
/// on the snapshot as it stands: the caller holds a Trial. `time` counts the tries and may end the run: pods that it
/// left out are among the unschedulable ones. SOURCE: kubernetes-sigs/karpenter v0.36.2
/// pkg/controllers/provisioning/scheduling/{scheduler,nodeclaim,queue}.go.
SchedulingResult schedule(const Cluster& cluster, const PoolTemplates& templates, std::span<const SchedulingPod> pods,
                          std::span<const NodeId> without, SolveTime* time = nullptr);

/// Whether the limits of the pool leave room for one node of the type when it has none yet. A limit on a resource that
/// the type does not have rules out nothing.
/// SOURCE: kubernetes-sigs/karpenter pkg/controllers/provisioning/scheduling/scheduler.go (filterByRemainingResources).
bool within_limits(const NodePool& pool, const InstanceType& type);

/// Requirements of a pod: node selector, the first required node-affinity term and, unless `strict`, the heaviest
/// preferred one. Old names of labels count as the new ones.
Requirements pod_requirements(const PodShape& shape, bool strict, const WellKnownLabels& known, const Names& names);

/// The node that a launched claim will become: labels of the type, of its zone, pool and class, and a value for each
/// label of the user's own that `claim` (none: its pool) requires, whatever the type.
/// SOURCE: kubernetes-sigs/karpenter pkg/controllers/provisioning/scheduling/nodeclaimtemplate.go (ToNodeClaim) and
/// pkg/scheduling/requirements.go (Labels).
SnapshotNode node_of(const Cluster& cluster, std::size_t pool, std::uint32_t type, std::uint8_t zone,
                     CapacityType capacity_type, NodeId id, NameId name, const Requirements* claim = nullptr);

}  // namespace plimsoll::eks::karpenter
