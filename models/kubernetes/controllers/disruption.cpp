#include "models/kubernetes/controllers/disruption.h"

#include <algorithm>

namespace plimsoll::kubernetes {

void DisruptionBudgets::attach(std::size_t budget, WorkloadId workload) {
  if (covering_.size() <= workload.index()) covering_.resize(workload.index() + 1);
  std::vector<std::size_t>& covering = covering_[workload.index()];
  if (std::find(covering.begin(), covering.end(), budget) != covering.end()) return;
  covering.push_back(budget);
  budgets_[budget].workloads.push_back(workload);
  sort();
}

void DisruptionBudgets::sort() {
  order_.clear();
  for (std::size_t i = 0; i < budgets_.size(); ++i) {
    if (!budgets_[i].workloads.empty()) order_.push_back(i);
  }
  std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
    return budgets_[a].workloads.front().index() < budgets_[b].workloads.front().index();
  });
}

DisruptionBudgets::Budget& DisruptionBudgets::own(WorkloadId workload) {
  if (has(workload)) {
    for (const std::size_t i : covering_[workload.index()]) std::erase(budgets_[i].workloads, workload);
    covering_[workload.index()].clear();
  }
  budgets_.emplace_back();
  attach(budgets_.size() - 1, workload);
  return budgets_.back();
}

void DisruptionBudgets::set(WorkloadId workload, const DisruptionBudgetSpec& budget) { own(workload).spec = budget; }

void DisruptionBudgets::set(WorkloadId workload, Ppm max_unavailable) { own(workload).share = max_unavailable; }

void DisruptionBudgets::cover(std::string_view name, const DisruptionBudgetSpec& budget, NameId namespace_name,
                              const LabelSelector& selector, WorkloadId workload, bool has_scale) {
  const auto at = std::find_if(budgets_.begin(), budgets_.end(), [name](const Budget& b) { return b.name == name; });
  const auto index = static_cast<std::size_t>(at - budgets_.begin());
  if (at == budgets_.end()) {
    Budget& made = budgets_.emplace_back();
    made.name = name;
    made.spec = budget;
    made.selected = true;
    made.selector = selector;
    made.namespace_name = namespace_name;
  }
  const bool counts_pods = budget.min_available && !budget.min_available->is_percent && !budget.max_unavailable;
  budgets_[index].fails = budgets_[index].fails || (!has_scale && !counts_pods);
  attach(index, workload);
}

DisruptionBudgetSpec DisruptionBudgets::spec_of(const World& world, const Budget& budget) {
  DisruptionBudgetSpec spec = budget.spec;
  if (budget.share) {
    const std::int64_t desired = world.workload(budget.workloads.front()).desired;
    spec.max_unavailable = IntOrPercent{div_ceil(desired * budget.share->raw(), 1'000'000), false};
  }
  return spec;
}

std::int64_t DisruptionBudgets::healthy_of(const World& world, const Budget& budget) {
  std::int64_t sum = 0;
  for (const WorkloadId id : budget.workloads) sum += world.workload(id).ready;
  return sum;
}

DisruptionBudgetStatus DisruptionBudgets::status_of(const World& world, const Budget& budget) {
  if (budget.fails) return {};
  std::int64_t expected = 0, matched = 0;
  for (const WorkloadId id : budget.workloads) {
    expected += world.workload(id).desired;
    matched += static_cast<std::int64_t>(world.workload(id).pods.size());
  }
  return budget_status(spec_of(world, budget), expected, matched, healthy_of(world, budget));
}

std::optional<std::int64_t> DisruptionBudgets::allowed(const World& world, WorkloadId id) const {
  if (!has(id)) return std::nullopt;
  const std::vector<std::size_t>& covering = covering_[id.index()];
  return covering.size() > 1 ? 0 : status_of(world, budgets_[covering.front()]).disruptions_allowed;
}

bool DisruptionBudgets::fully_blocks(WorkloadId id, bool ready) const {
  if (!has(id)) return false;
  const std::vector<std::size_t>& covering = covering_[id.index()];
  if (covering.size() > 1) return true;
  const Budget& budget = budgets_[covering.front()];
  if (!ready && budget.spec.unready_always_allowed) return false;
  if (budget.share) return *budget.share == Ppm{};
  const std::optional<IntOrPercent>& away = budget.spec.max_unavailable;
  const std::optional<IntOrPercent>& left = budget.spec.min_available;
  return (away && away->value == 0) || (left && left->is_percent && left->value == 100);
}

std::vector<std::string> DisruptionBudgets::names_of(const World& world, WorkloadId id) const {
  std::vector<std::string> out;
  if (!has(id)) return out;
  for (const std::size_t b : covering_[id.index()]) {
    const std::string& name = budgets_[b].name;
    out.push_back(name.empty() ? std::string(world.names.text(world.workload(id).name)) : name);
  }
  return out;
}

std::string DisruptionBudgets::refusal(const World& world, PodId pod) const {
  const std::vector<std::string> names = names_of(world, world.pod(pod).workload);
  if (names.empty()) return "has no PodDisruptionBudget";
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return names.size() > 1 ? "it is under several PodDisruptionBudgets, " + all + ", and evictions fail"
                          : "its PodDisruptionBudget " + all + " allows no eviction";
}

Applied DisruptionBudgets::evict(World& world, PodId id, plimsoll::Reason reason,
                                 std::optional<Duration> at_most) const {
  const Pod& pod = world.pod(id);
  const WorkloadId of = pod.workload;
  // In the API's words: Pending until a container runs, and deleting or ended from `stopping` on.
  const bool exempt = pod.state < PodState::starting || pod.state >= PodState::stopping;
  std::int64_t budgets = 0;
  DisruptionBudgetStatus status;
  bool unready_goes = false;
  if (has(of)) {
    budgets = static_cast<std::int64_t>(covering_[of.index()].size());
    const Budget& budget = budgets_[covering_[of.index()].front()];
    status = status_of(world, budget);
    unready_goes =
        pod.state < PodState::ready && unready_pod_goes(spec_of(world, budget), status, healthy_of(world, budget));
  }
  switch (answer_eviction(exempt, unready_goes, budgets, status.disruptions_allowed)) {
    case EvictionAnswer::too_many_requests:
    case EvictionAnswer::server_error:
      return Applied::rejected;
    case EvictionAnswer::evict:
    case EvictionAnswer::evict_and_count:  // the pod is no longer ready, which counts it
      break;
  }
  return world.stop_pod(id, reason, at_most);
}

}  // namespace plimsoll::kubernetes
