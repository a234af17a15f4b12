#include "models/eks/controllers/pod_directory.h"

#include <algorithm>
#include <charconv>

namespace plimsoll::eks {

void AnnotationTable::set(WorkloadId workload, const PodAnnotations& annotations) {
  if (by_workload_.size() <= workload.index()) by_workload_.resize(workload.index() + 1);
  by_workload_[workload.index()] = annotations;
}

const PodAnnotations& AnnotationTable::of(WorkloadId workload) const {
  static const PodAnnotations kNone;
  return workload.index() < by_workload_.size() ? by_workload_[workload.index()] : kNone;
}

std::string read_annotations(const std::vector<std::pair<std::string, std::string>>& texts, Names& names,
                             PodAnnotations& out) {
  for (const auto& [key, value] : texts) {
    const bool yes = value == "true";
    const auto wrong = [&, k = key, v = value](const char* wanted) { return k + ": '" + v + "' is not " + wanted; };
    if (key == "karpenter.sh/do-not-disrupt") {
      const Parsed<Duration> time = parse_duration(value);
      if (!yes && value != "false" && !time) return wrong("true, false or a duration such as 30m");
      out.do_not_disrupt = yes;
      out.do_not_disrupt_for = time ? *time.value : Duration{};
    } else if (key == "cluster-autoscaler.kubernetes.io/safe-to-evict") {
      if (!yes && value != "false" && value != "on-completion") return wrong("true, false or on-completion");
      out.safe_to_evict = yes ? SafeToEvict::yes : value == "false" ? SafeToEvict::no : SafeToEvict::on_completion;
    } else if (key == "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes") {
      out.safe_local_volumes.clear();
      for (std::string_view left = value; !left.empty();) {
        const std::size_t comma = left.find(',');
        out.safe_local_volumes.push_back(names.intern(left.substr(0, comma)));
        left = comma == std::string_view::npos ? std::string_view{} : left.substr(comma + 1);
      }
    } else if (key == "cluster-autoscaler.kubernetes.io/pod-scale-up-delay") {
      const Parsed<Duration> delay = parse_duration(value);
      if (!delay || *delay.value < Duration{}) return wrong("a duration such as 30s");
      out.scale_up_delay = *delay.value;
    } else if (key == "controller.kubernetes.io/pod-deletion-cost") {
      const char* end = value.data() + value.size();
      const auto [stop, error] = std::from_chars(value.data(), end, out.deletion_cost);
      if (error != std::errc{} || stop != end) return wrong("a whole number");
    }
  }
  return {};
}

namespace {

bool is_ready(const Pod& pod) { return pod.state == PodState::ready || pod.state == PodState::serving; }

PodFacts facts_of(const World& world, const AnnotationTable& annotations, const kubernetes::DisruptionBudgets* budgets,
                  const Pod& pod) {
  PodFacts f;
  const PodAnnotations& said = annotations.of(pod.workload);
  f.controller = pod.daemon ? ControllerKind::daemon_set : said.controller;
  f.controller_id = pod.workload;
  f.controller_replicas = world.workload(pod.workload).desired;
  f.phase = pod.state >= PodState::starting ? PodPhase::running : PodPhase::pending;
  if (pod.state == PodState::stopping) f.deleted_at = pod.stopping;
  f.restart_policy = said.restart_policy;
  f.grace = said.grace;
  f.safe_to_evict = said.safe_to_evict;
  f.safe_local_volumes = said.safe_local_volumes;
  f.volumes = said.volumes;
  f.do_not_disrupt = said.do_not_disrupt;
  f.do_not_disrupt_for = said.do_not_disrupt_for;
  f.deletion_cost = said.deletion_cost;
  f.fully_blocked = budgets != nullptr && budgets->fully_blocks(pod.workload, is_ready(pod));
  return f;
}

/// Whether the selector is exactly "these labels".
bool selects_labels(const LabelSelector& selector, const Labels& labels) {
  const auto& wanted = labels.pairs();
  return selector.present && selector.requirements.size() == wanted.size() &&
         std::equal(wanted.begin(), wanted.end(), selector.requirements.begin(),
                    [](const auto& pair, const Requirement& r) {
                      return r.op == SelectorOp::in && r.key == pair.first && r.values.size() == 1 &&
                             r.values.front() == pair.second;
                    });
}

}  // namespace

const PodFacts& WorldPods::facts(PodId id) const {
  const Pod& pod = world_.pod(id);
  // Pods of one workload are alike but for phase and readiness, and for the instant at which they were asked to stop.
  if (pod.state == PodState::stopping || pod.state == PodState::ended) {
    return kept_.emplace_back(facts_of(world_, annotations_, budgets_, pod));
  }
  const std::size_t stage = pod.state < PodState::starting ? 0 : is_ready(pod) ? 2 : 1;
  const std::size_t at = pod.workload.index() * 3 + stage;
  if (known_.size() <= at) known_.resize(world_.workloads().size() * 3, 0);
  if (known_[at] == 0) {
    kept_.push_back(facts_of(world_, annotations_, budgets_, pod));
    known_[at] = static_cast<std::uint32_t>(kept_.size());
  }
  return kept_[known_[at] - 1];
}

bool refresh_budgets(const World& world, const kubernetes::DisruptionBudgets& budgets,
                     std::vector<std::uint8_t>& changed, std::vector<DisruptionBudget>& view) {
  const bool all = view.size() != budgets.size();
  bool others = all;
  view.resize(budgets.size());
  const auto asks = [&](WorkloadId id) { return all || (id.index() < changed.size() && changed[id.index()] != 0); };
  budgets.each(world, asks, [&](std::size_t n, const kubernetes::DisruptionBudgets::Status& status) {
    const PodShape& shape = world.shapes[world.workload(status.workloads.front()).shape];
    const NameId namespace_name = status.selector != nullptr ? status.namespace_name : shape.namespace_name;
    DisruptionBudget& b = view[n];
    b.disruptions_allowed = status.disruptions_allowed;
    others = others || b.namespace_name != namespace_name;
    b.namespace_name = namespace_name;
    if (status.selector != nullptr ? b.selector == *status.selector : selects_labels(b.selector, shape.labels)) return;
    others = true;
    b.selector = {};
    if (status.selector != nullptr) {
      b.selector = *status.selector;
      return;
    }
    b.selector.present = true;
    for (const auto& [key, value] : shape.labels.pairs()) {
      Requirement r;
      r.key = key;
      r.values = {value};
      b.selector.requirements.push_back(std::move(r));
    }
  });
  std::fill(changed.begin(), changed.end(), std::uint8_t{0});
  return others;
}

std::vector<DisruptionBudget> view_budgets(const World& world, const kubernetes::DisruptionBudgets& budgets) {
  std::vector<DisruptionBudget> out;
  std::vector<std::uint8_t> changed;
  refresh_budgets(world, budgets, changed, out);
  return out;
}

}  // namespace plimsoll::eks
