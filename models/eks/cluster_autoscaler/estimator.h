#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/eks/cluster_autoscaler/limiter.h"
#include "models/eks/cluster_autoscaler/node_group.h"
#include "models/eks/node/simulation.h"

namespace plimsoll::eks::ca {

/// Pending pods that any node treats alike.
struct PodGroup {
  ShapeId shape;
  std::vector<PodId> pods;
};

/// How nodes of one template are filled.
enum class EstimatorRules : std::uint8_t {
  /// Up to 1.29: pod by pod, each on any new node that takes it; a refusal of the limiter ends everything.
  pod_by_pod,
  /// From 1.30: group by group; new nodes are opened one after the other and only the last one is filled; a refusal of
  /// the limiter leaves later groups the room on nodes already opened.
  group_by_group,
  /// From 1.33: the same, and pods whose hostname spread refuses the last node may go to an earlier one.
  group_by_group_with_spread,
};
constexpr EstimatorRules estimator_rules(int minor) {
  return minor < 30   ? EstimatorRules::pod_by_pod
         : minor < 33 ? EstimatorRules::group_by_group
                      : EstimatorRules::group_by_group_with_spread;
}

/// In which order the new nodes are gone round. The snapshot of the released program keeps the order of addition; its
/// plain variant iterates a Go map, which comes out in another order at each search.
/// SOURCE: kubernetes/autoscaler 1.28 cluster-autoscaler/simulator/clustersnapshot/{delta,basic}.go.
enum class NodeOrder : std::uint8_t { as_added, shuffled };

/// How an estimation goes about it.
struct PackingParams {
  NodeOrder order = NodeOrder::as_added;
  std::uint64_t seed = 0;      ///< of NodeOrder::shuffled: the same seed, the same answer
  Duration check_cost{};       ///< computing time of one try of a pod on a new node
  std::size_t first_name = 0;  ///< the new nodes are called by indices from this one up
  /// The last group of pods fills one node, and the rest of it is divided by what that one took, unless its pods spread
  /// over or avoid something larger than a node; of the groups that must not share a node the one with most to gain is
  /// put last. From 1.36. SOURCE: estimator/binpacking_estimator.go (tryFastPath, determineBestPEGToFastpath; the
  /// latter reads requests of the pod as a whole, which hardly a pod has, and none of its containers).
  bool fastpath = false;
};

struct Estimate {
  std::int64_t nodes = 0;           ///< new nodes that hold at least one pod
  std::vector<std::size_t> placed;  ///< pods placed of each group given (of the first ones in it)
  std::int64_t pods = 0;
  bool limited = false;  ///< the limiter refused a node
  Duration spent{};      ///< computing time: pods times new nodes tried, as pull request 4970 puts it
};

/// How many nodes of one template the pods need, by packing them in a fork of the cluster: pods in descending order of
/// cpu request / allocatable + memory request / allocatable (equal scores keep their order), the search for a node that
/// takes a pod goes round the new nodes from the last success. The snapshot is left as it was.
/// SOURCE: kubernetes/autoscaler 1.28 and 1.37 cluster-autoscaler/estimator/binpacking_estimator.go.
Estimate estimate(const Simulation& sim, const NodeGroup& group, std::span<const PodGroup> pods, Limiter limiter,
                  EstimatorRules rules, const PackingParams& params = {});

/// The name of such a node.
NameId stand_in_name(const Simulation& sim, std::size_t index);

/// Adds one node as the group would start it, daemons included. `index` names it among the nodes of one trial.
Row add_template_node(const Simulation& sim, const NodeGroup& group, std::size_t index);

}  // namespace plimsoll::eks::ca
