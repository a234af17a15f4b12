#pragma once

#include <string>
#include <vector>

#include "sim/core/units.h"
#include "sim/policy/readers.h"
#include "sim/policy/workload_spec.h"
#include "sim/scenario/input.h"

namespace plimsoll::scenario {

/// How much of an app may be away at once. The scenario's word (`maxDisruption`) counts on both sides; without it each
/// side has what its own files say (PodDisruptionBudget, minimumHealthyPercent), and a side without files what the
/// other's say. Nobody's word: what each system does by itself, which is no budget on Kubernetes and 100 of
/// minimumHealthyPercent on ECS.
void limit_disruption(const Input<Ppm>& said, const std::vector<const ManifestFacts*>& facts, bool ecs_files,
                      bool kubernetes_files, WorkloadSpec& spec);

/// What the scenario's `maxDisruption` replaces. The file of a PodDisruptionBudget rules on its side; an ECS service's
/// minimumHealthyPercent gives way.
void disruption_remarks(const std::string& path, const Input<Ppm>& said, const std::vector<const ManifestFacts*>& facts,
                        std::vector<std::string>& remarks);

/// What a scenario adds to pods that a Kubernetes file describes without it: told once, with the apps.
class AddedRules {
 public:
  /// `spread`: the scenario says spread: zone; `limit`: it says maxDisruption.
  void note(const std::string& app, bool spread, bool limit, const std::vector<const ManifestFacts*>& facts);
  void tell(std::vector<std::string>& remarks) const;

 private:
  std::vector<std::string> spread_, budgets_;  ///< apps, in the order written
};

}  // namespace plimsoll::scenario
