#include "models/kubernetes/scheduler/default_preemption.h"

#include <algorithm>
#include <limits>

#include "models/kubernetes/scheduler/match.h"

namespace plimsoll::kubernetes {

namespace {

bool more_important(const PodOnNode& a, const PodOnNode& b) {
  return a.priority != b.priority ? a.priority > b.priority : a.start < b.start;
}

const PodOnNode& find_pod(const Snapshot& snapshot, Row row, PodId id) {
  const auto pods = snapshot.pods(row);
  return *std::find_if(pods.begin(), pods.end(), [id](const PodOnNode& p) { return p.id == id; });
}

/// Which of the pods, taken in order, break a budget.
std::vector<bool> violations(std::span<const PodOnNode> pods, std::span<const PreemptionBudget> budgets,
                             const ShapeTable& shapes, const Names& names) {
  std::vector<std::int64_t> left;
  for (const PreemptionBudget& b : budgets) left.push_back(b.disruptions_allowed);
  std::vector<bool> out;
  for (const PodOnNode& pod : pods) {
    const PodShape& shape = shapes[pod.shape];
    bool violated = false;
    for (std::size_t i = 0; i < budgets.size(); ++i) {
      const PreemptionBudget& b = budgets[i];
      if (!b.shapes.empty()) {
        if (std::find(b.shapes.begin(), b.shapes.end(), pod.shape) == b.shapes.end()) continue;
      } else {
        if (shape.labels.pairs().empty() || b.namespace_name != shape.namespace_name) continue;
        if (b.selector.requirements.empty() || !matches(b.selector, shape.labels, names)) continue;
      }
      if (std::find(b.disrupted.begin(), b.disrupted.end(), pod.id) != b.disrupted.end()) continue;
      violated = --left[i] < 0 || violated;
    }
    out.push_back(violated);
  }
  return out;
}

}  // namespace

std::vector<PreemptionCandidate> DefaultPreemption::candidates(const Framework& framework, Snapshot& snapshot,
                                                               const ShapeTable& shapes, const Names& names,
                                                               ShapeId shape, std::span<const PreemptionBudget> budgets,
                                                               std::size_t offset, std::size_t wanted, Scratch& scratch,
                                                               std::vector<PreemptionRefusal>* refusals,
                                                               const PreemptionShare& share) {
  std::vector<PreemptionCandidate> found;
  const PodShape& pod = shapes[shape];
  if (!pod.preempts) return found;
  const ClusterView view{snapshot, shapes, names};
  std::vector<Row> rows, hopeful;
  std::vector<Verdict> verdicts;
  framework.filter_all(view, shape, scratch, rows, verdicts);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (verdicts[i].code == Code::unschedulable) hopeful.push_back(rows[i]);
  }
  if (wanted == 0) {
    const std::size_t by_share = hopeful.size() * static_cast<std::size_t>(share.percentage) / 100;
    wanted = std::min(std::max(by_share, static_cast<std::size_t>(share.absolute)), hopeful.size());
  }
  bool clean = false;
  for (std::size_t i = 0; i < hopeful.size(); ++i) {
    if (clean && found.size() >= wanted) break;
    const Row row = hopeful[(offset + i) % hopeful.size()];
    std::vector<PodOnNode> lower;
    for (const PodOnNode& p : snapshot.pods(row)) {
      if (p.priority < pod.priority) lower.push_back(p);
    }
    if (lower.empty()) {
      if (refusals != nullptr) refusals->push_back({row, {}});
      continue;
    }
    const Snapshot::Level level = snapshot.checkpoint();
    const auto fits = [&] { return framework.filter_row(view, shape, row, scratch).ok(); };
    for (const PodOnNode& p : lower) snapshot.remove_pod(row, p.id, shapes[p.shape]);
    const Verdict emptied = framework.filter_row(view, shape, row, scratch);
    if (!emptied.ok() && refusals != nullptr) refusals->push_back({row, emptied});
    if (emptied.ok()) {
      std::stable_sort(lower.begin(), lower.end(), more_important);
      const std::vector<bool> violated = violations(lower, budgets, shapes, names);
      std::vector<PodOnNode> victims;
      PreemptionCandidate candidate{row, {}, 0};
      // The pods whose loss breaks a budget are given their place back first.
      for (const bool turn : {true, false}) {
        for (std::size_t k = 0; k < lower.size(); ++k) {
          if (violated[k] != turn) continue;
          snapshot.add_pod(row, lower[k], shapes[lower[k].shape]);
          if (fits()) continue;
          snapshot.remove_pod(row, lower[k].id, shapes[lower[k].shape]);
          victims.push_back(lower[k]);
          candidate.violations += turn ? 1 : 0;
        }
      }
      if (framework.profile().version == KubernetesVersion::current) {
        std::stable_sort(victims.begin(), victims.end(), more_important);
      }
      for (const PodOnNode& p : victims) candidate.victims.push_back(p.id);
      clean = clean || candidate.violations == 0;
      found.push_back(std::move(candidate));
    }
    snapshot.rollback(level);
  }
  return found;
}

std::vector<std::size_t> DefaultPreemption::best(const Snapshot& snapshot,
                                                 std::span<const PreemptionCandidate> candidates) {
  std::vector<std::size_t> left;
  for (std::size_t i = 0; i < candidates.size(); ++i) left.push_back(i);
  const auto keep_least = [&](auto&& measure) {
    if (left.size() <= 1) return;
    std::vector<std::int64_t> values;
    for (const std::size_t i : left) values.push_back(measure(candidates[i]));
    const std::int64_t least = *std::min_element(values.begin(), values.end());
    std::vector<std::size_t> kept;
    for (std::size_t k = 0; k < left.size(); ++k) {
      if (values[k] == least) kept.push_back(left[k]);
    }
    left = std::move(kept);
  };
  const auto pod = [&](const PreemptionCandidate& c, std::size_t k) -> const PodOnNode& {
    return find_pod(snapshot, c.row, c.victims[k]);
  };
  keep_least([](const PreemptionCandidate& c) { return c.violations; });
  keep_least([&](const PreemptionCandidate& c) {
    return c.victims.empty() ? std::numeric_limits<std::int64_t>::min() : std::int64_t{pod(c, 0).priority};
  });
  keep_least([&](const PreemptionCandidate& c) {
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < c.victims.size(); ++k)
      sum += std::int64_t{pod(c, k).priority} + (std::int64_t{1} << 31);
    return sum;
  });
  keep_least([](const PreemptionCandidate& c) { return static_cast<std::int64_t>(c.victims.size()); });
  keep_least([&](const PreemptionCandidate& c) {
    std::int64_t earliest = std::numeric_limits<std::int64_t>::max();
    std::int32_t highest = std::numeric_limits<std::int32_t>::min();
    for (std::size_t k = 0; k < c.victims.size(); ++k) {
      const PodOnNode& p = pod(c, k);
      const std::int64_t start = to_microseconds(p.start);
      if (p.priority > highest) {
        highest = p.priority;
        earliest = start;
      } else if (p.priority == highest) {
        earliest = std::min(earliest, start);
      }
    }
    return -earliest;
  });
  return left;
}

}  // namespace plimsoll::kubernetes
