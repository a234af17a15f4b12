#include "models/eks/cluster_autoscaler/drainability.h"

#include <algorithm>

#include "models/kubernetes/scheduler/match.h"

namespace plimsoll::eks::ca {

namespace {

bool is_terminal(const PodFacts& pod) {
  return pod.phase == PodPhase::failed ||
         (pod.phase == PodPhase::succeeded && pod.restart_policy != RestartPolicy::always);
}

bool has_local_storage(const PodFacts& pod) {
  return std::any_of(pod.volumes.begin(), pod.volumes.end(), [&](const PodVolume& v) {
    return v.kind != LocalVolume::empty_dir_memory &&
           std::find(pod.safe_local_volumes.begin(), pod.safe_local_volumes.end(), v.name) ==
               pod.safe_local_volumes.end();
  });
}

/// What the owner says: a reason, or none with `replicated` set.
BlockReason check_controller(const PodFacts& pod, const DrainParams& params, bool& replicated) {
  // Without the flag any owner will do, and it is not looked up.
  replicated = pod.controller != ControllerKind::none;
  if (!params.skip_nodes_with_custom_controller_pods) return BlockReason::none;
  switch (pod.controller) {
    case ControllerKind::none:
      return BlockReason::none;
    case ControllerKind::custom:
      replicated = false;
      return BlockReason::none;
    case ControllerKind::replica_set:
    case ControllerKind::replication_controller:
      if (!pod.controller_exists) return BlockReason::controller_not_found;
      if (pod.controller_replicas < params.min_replica_count) return BlockReason::min_replicas_reached;
      break;
    case ControllerKind::stateful_set:
    case ControllerKind::job:
    case ControllerKind::daemon_set:
      if (!pod.controller_exists) return BlockReason::controller_not_found;
      break;
  }
  return BlockReason::none;
}

/// The rules after ownership, for a pod that is neither marked safe nor finished.
BlockReason check_pod(const DrainPod& pod, const PdbTracker& budgets, const DrainParams& params, bool replicated,
                      Time now) {
  if (!replicated) return BlockReason::not_replicated;
  const PodFacts& facts = *pod.facts;
  if (pod.shape->namespace_name == params.kube_system && params.skip_nodes_with_system_pods && !budgets.covers(pod) &&
      (params.minor < 33 || now - pod.start < params.blocking_system_pod_timeout)) {
    return BlockReason::unmovable_kube_system_pod;
  }
  const BlockReason annotation = facts.safe_to_evict == SafeToEvict::no ||
                                         (facts.safe_to_evict == SafeToEvict::on_completion && params.minor >= 33)
                                     ? BlockReason::not_safe_to_evict_annotation
                                     : BlockReason::none;
  const BlockReason storage = params.skip_nodes_with_local_storage && has_local_storage(facts)
                                  ? BlockReason::local_storage_requested
                                  : BlockReason::none;
  const bool storage_first = params.minor <= 28;
  const BlockReason first = storage_first ? storage : annotation;
  return first != BlockReason::none ? first : storage_first ? annotation : storage;
}

}  // namespace

std::string_view to_string(BlockReason reason) {
  switch (reason) {
    case BlockReason::none:
      return "";
    case BlockReason::controller_not_found:
      return "ControllerNotFound";
    case BlockReason::min_replicas_reached:
      return "MinReplicasReached";
    case BlockReason::not_replicated:
      return "NotReplicated";
    case BlockReason::local_storage_requested:
      return "LocalStorageRequested";
    case BlockReason::not_safe_to_evict_annotation:
      return "NotSafeToEvictAnnotation";
    case BlockReason::unmovable_kube_system_pod:
      return "UnmovableKubeSystemPod";
    case BlockReason::not_enough_pdb:
      return "NotEnoughPdb";
  }
  return "";
}

bool PdbTracker::selects(const DisruptionBudget& budget, const DrainPod& pod) const {
  return budget.namespace_name == pod.shape->namespace_name &&
         kubernetes::matches(budget.selector, pod.shape->labels, *names_);
}

PdbTracker::Answer PdbTracker::can_remove(std::span<const DrainPod> pods) const {
  Answer answer;
  for (const DisruptionBudget& budget : budgets_) {
    std::int64_t count = 0;
    for (const DrainPod& pod : pods) {
      if (!selects(budget, pod)) continue;
      ++count;
      if (budget.disruptions_allowed < 1) return {false, false, pod.id};
      if (budget.disruptions_allowed < count) answer.at_once = false;
    }
  }
  return answer;
}

void PdbTracker::remove(std::span<const DrainPod> pods) {
  for (DisruptionBudget& budget : budgets_) {
    for (const DrainPod& pod : pods) {
      if (selects(budget, pod)) --budget.disruptions_allowed;
    }
  }
}

bool PdbTracker::covers(const DrainPod& pod) const {
  return std::any_of(budgets_.begin(), budgets_.end(), [&](const DisruptionBudget& b) { return selects(b, pod); });
}

DrainVerdict pods_to_move(std::span<const DrainPod> pods, const PdbTracker& budgets, const DrainParams& params,
                          Time now) {
  DrainVerdict verdict;
  std::vector<DrainPod> moved;
  const auto blocked = [](BlockReason reason, PodId pod) {
    DrainVerdict v;
    v.reason = reason;
    v.blocking_pod = pod;
    return v;
  };
  for (const DrainPod& pod : pods) {
    const PodFacts& facts = *pod.facts;
    if (facts.mirror || is_long_terminating(facts, now)) continue;
    bool replicated = false;
    if (const BlockReason r = check_controller(facts, params, replicated); r != BlockReason::none) {
      return blocked(r, pod.id);
    }
    if (facts.controller == ControllerKind::daemon_set) {
      verdict.daemonset.push_back(pod.id);
      continue;
    }
    if (facts.safe_to_evict != SafeToEvict::yes && !is_terminal(facts)) {
      if (const BlockReason r = check_pod(pod, budgets, params, replicated, now); r != BlockReason::none) {
        return blocked(r, pod.id);
      }
    }
    moved.push_back(pod);
    verdict.move.push_back(pod.id);
  }
  const PdbTracker::Answer answer = budgets.can_remove(moved);
  if (!answer.allowed) return blocked(BlockReason::not_enough_pdb, answer.blocking_pod);
  return verdict;
}

}  // namespace plimsoll::eks::ca
