#include "sim/scenario/disruption_limit.h"

namespace plimsoll::scenario {

void limit_disruption(const Input<Ppm>& said, const std::vector<const ManifestFacts*>& facts, bool ecs_files,
                      bool kubernetes_files, WorkloadSpec& spec) {
  const auto healthy = [](Ppm away) { return 100 - away.raw() / 10'000; };
  if (said.said) {
    spec.max_disruption = said.value;
    spec.ecs_rollout.minimum_healthy_percent = healthy(said.value);
    return;
  }
  for (const ManifestFacts* fact : facts) {
    if (!fact->max_unavailable) continue;
    if (fact->side == Side::ecs && !kubernetes_files) spec.max_disruption = fact->max_unavailable;
    if (fact->side == Side::kubernetes && !ecs_files)
      spec.ecs_rollout.minimum_healthy_percent = healthy(*fact->max_unavailable);
  }
}

void disruption_remarks(const std::string& path, const Input<Ppm>& said, const std::vector<const ManifestFacts*>& facts,
                        std::vector<std::string>& remarks) {
  if (!said.said) return;
  for (const ManifestFacts* fact : facts) {
    if (!fact->max_unavailable || *fact->max_unavailable == said.value) continue;
    const std::string there = to_string(*fact->max_unavailable) + " of the " + fact->kind + " in " + fact->file;
    remarks.push_back(
        path + " = " + to_string(said.value) +
        (fact->side == Side::kubernetes ? " does not replace " + there + " where that rules" : " replaces " + there));
  }
}

void AddedRules::note(const std::string& app, bool spread, bool limit, const std::vector<const ManifestFacts*>& facts) {
  bool described = false, has_zones = false, has_budget = false;
  for (const ManifestFacts* fact : facts) {
    if (fact->side != Side::kubernetes) continue;
    described = described || fact->pod != nullptr;
    has_zones = has_zones || fact->spread_zones;
    has_budget = has_budget || fact->max_unavailable.has_value();
  }
  if (!described) return;
  if (spread && !has_zones) spread_.push_back(app);
  if (limit && !has_budget) budgets_.push_back(app);
}

void AddedRules::tell(std::vector<std::string>& remarks) const {
  const auto tell_of = [&](const std::vector<std::string>& apps, const std::string& what) {
    if (apps.empty()) return;
    std::string names;
    for (const std::string& app : apps) names += (names.empty() ? "" : ", ") + app;
    remarks.push_back(what + " that the Kubernetes files have not: " + names);
  };
  tell_of(spread_, "spread = zone adds a constraint");
  tell_of(budgets_, "maxDisruption adds a PodDisruptionBudget");
}

}  // namespace plimsoll::scenario
