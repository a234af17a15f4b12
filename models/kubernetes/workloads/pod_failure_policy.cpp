#include "models/kubernetes/workloads/pod_failure_policy.h"

#include <algorithm>

namespace plimsoll::kubernetes {

PodFailureAction pod_failure_action(const std::vector<PodFailureRule>& rules, std::optional<std::int64_t> exit_code,
                                    std::string_view container) {
  for (const PodFailureRule& rule : rules) {
    if (rule.on_disruption) {
      if (!exit_code) return rule.action;
      continue;
    }
    // Exit code 0 is no failure, and never matches NotIn.
    if (!exit_code || *exit_code == 0) continue;
    if (!rule.container.empty() && !container.empty() && rule.container != container) continue;
    const bool listed = std::find(rule.exit_codes.begin(), rule.exit_codes.end(), *exit_code) != rule.exit_codes.end();
    if (listed == rule.in) return rule.action;
  }
  return PodFailureAction::count;
}

}  // namespace plimsoll::kubernetes
