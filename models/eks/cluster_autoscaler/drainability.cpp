#include "models/eks/cluster_autoscaler/drainability.h"

#include <algorithm>

#include "models/kubernetes/scheduler/match.h"

namespace plimsoll::eks::ca {

namespace {

bool selects(const DisruptionBudget& budget, const PodShape& shape, const Names& names) {
  return budget.namespace_name == shape.namespace_name && kubernetes::matches(budget.selector, shape.labels, names);
}

bool is_terminal(const PodFacts& pod) {
  return pod.phase == PodPhase::failed ||
         (pod.phase == PodPhase::succeeded && pod.restart_policy != RestartPolicy::always);
}

bool has_local_storage(const PodFacts& pod) {
  return std::any_of(pod.volumes.begin(), pod.volumes.end(), [&](const NodeVolume& v) {
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

void BudgetMatches::update(std::span<const DisruptionBudget> budgets, std::uint64_t version) {
  if (version != 0 && version == version_) return;
  version_ = version;
  const auto same = [](const DisruptionBudget& a, const DisruptionBudget& b) {
    return a.namespace_name == b.namespace_name && a.selector == b.selector;
  };
  if (std::equal(budgets.begin(), budgets.end(), budgets_.begin(), budgets_.end(), same)) return;
  budgets_.assign(budgets.begin(), budgets.end());
  known_.clear();
  selecting_.clear();
}

const std::vector<std::uint32_t>& BudgetMatches::of(ShapeId id, const PodShape& shape, const Names& names) {
  if (known_.size() <= id.index()) {
    known_.resize(id.index() + 1, 0);
    selecting_.resize(id.index() + 1);
  }
  if (known_[id.index()] == 0) {
    known_[id.index()] = 1;
    for (std::size_t i = 0; i < budgets_.size(); ++i) {
      if (selects(budgets_[i], shape, names)) selecting_[id.index()].push_back(static_cast<std::uint32_t>(i));
    }
  }
  return selecting_[id.index()];
}

PdbTracker::PdbTracker(std::span<const DisruptionBudget> budgets, const Names& names, BudgetMatches* matches)
    : budgets_(budgets), names_(&names), matches_(matches) {
  allowed_.reserve(budgets.size());
  for (const DisruptionBudget& b : budgets) allowed_.push_back(b.disruptions_allowed);
}

template <class Visit>
void PdbTracker::each(const DrainPod& pod, Visit&& visit) const {
  if (matches_ != nullptr && !pod.shape_id.is_none()) {
    for (const std::uint32_t i : matches_->of(pod.shape_id, *pod.shape, *names_)) visit(std::size_t{i});
    return;
  }
  for (std::size_t i = 0; i < budgets_.size(); ++i) {
    if (selects(budgets_[i], *pod.shape, *names_)) visit(i);
  }
}

PdbTracker::Answer PdbTracker::can_remove(std::span<const DrainPod> pods) const {
  // The first budget without room names its first pod; otherwise some budget may have too little for all of them.
  struct Use {
    std::size_t budget;
    std::int64_t count;
    PodId first;
  };
  std::vector<Use> used;
  for (const DrainPod& pod : pods) {
    each(pod, [&](std::size_t i) {
      const auto at = std::find_if(used.begin(), used.end(), [i](const Use& u) { return u.budget == i; });
      if (at == used.end()) {
        used.push_back({i, 1, pod.id});
      } else {
        ++at->count;
      }
    });
  }
  Answer answer;
  const Use* blocking = nullptr;
  for (const Use& u : used) {
    if (allowed_[u.budget] < 1 && (blocking == nullptr || u.budget < blocking->budget)) blocking = &u;
    if (allowed_[u.budget] < u.count) answer.at_once = false;
  }
  if (blocking != nullptr) return {false, false, blocking->first};
  return answer;
}

void PdbTracker::remove(std::span<const DrainPod> pods) {
  for (const DrainPod& pod : pods) each(pod, [&](std::size_t i) { --allowed_[i]; });
}

bool PdbTracker::covers(const DrainPod& pod) const {
  bool any = false;
  each(pod, [&](std::size_t) { any = true; });
  return any;
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
