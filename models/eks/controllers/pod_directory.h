#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "models/eks/node/pod_facts.h"
#include "models/kubernetes/controllers/disruption.h"
#include "sim/cluster/world.h"

namespace plimsoll::eks {

/// What a workload's pod template says to the autoscalers: annotations, kind of owner, and what it keeps on its node.
struct PodAnnotations {
  SafeToEvict safe_to_evict = SafeToEvict::unset;  ///< cluster-autoscaler.kubernetes.io/safe-to-evict
  bool do_not_disrupt = false;                     ///< karpenter.sh/do-not-disrupt
  Duration do_not_disrupt_for{};                   ///< the same, for so long from the pod's start
  std::int64_t deletion_cost = 0;                  ///< controller.kubernetes.io/pod-deletion-cost
  Duration scale_up_delay{};                       ///< cluster-autoscaler.kubernetes.io/pod-scale-up-delay
  std::vector<NameId> safe_local_volumes;          ///< ...safe-to-evict-local-volumes
  std::vector<NodeVolume> volumes;                 ///< hostPath and emptyDir
  ControllerKind controller = ControllerKind::replica_set;
  RestartPolicy restart_policy = RestartPolicy::always;
  Duration grace = seconds(30);  ///< terminationGracePeriodSeconds
  bool fargate = false;          ///< its pods run on Fargate: no node is added for them
};

/// Of all workloads, by id. By value in each controller.
class AnnotationTable {
 public:
  void set(WorkloadId workload, const PodAnnotations& annotations);
  const PodAnnotations& of(WorkloadId workload) const;

 private:
  std::vector<PodAnnotations> by_workload_;
};

/// Reads the annotations that mean something; others are passed over. An empty text, or what is wrong with one of them.
std::string read_annotations(const std::vector<std::pair<std::string, std::string>>& texts, Names& names,
                             PodAnnotations& out);

/// What the autoscalers ask of the pods of a world, as it is while this lives. Answers keep their address that long.
/// Without budgets no pod is fully blocked.
class WorldPods : public PodDirectory {
 public:
  WorldPods(const World& world, const AnnotationTable& annotations,
            const kubernetes::DisruptionBudgets* budgets = nullptr)
      : world_(world), annotations_(annotations), budgets_(budgets) {}
  const PodFacts& facts(PodId pod) const override;

 private:
  const World& world_;
  const AnnotationTable& annotations_;
  const kubernetes::DisruptionBudgets* budgets_;
  mutable std::vector<std::uint32_t> known_;  ///< by workload and stage: 1 + index into kept_
  mutable std::deque<PodFacts> kept_;
};

/// The disruption budgets of a world as their controller reports them now.
std::vector<DisruptionBudget> view_budgets(const World& world, const kubernetes::DisruptionBudgets& budgets);
/// The same into `view`, as it was left by the call before: looks at budgets of workloads that are marked in `changed`
/// since then (by id; beyond its end: not marked), or at all when the view is of another size. Takes the marks away.
/// True when the budgets are other ones than before, whatever they allow.
bool refresh_budgets(const World& world, const kubernetes::DisruptionBudgets& budgets,
                     std::vector<std::uint8_t>& changed, std::vector<DisruptionBudget>& view);

}  // namespace plimsoll::eks
