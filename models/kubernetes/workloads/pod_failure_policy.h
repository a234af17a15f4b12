#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace plimsoll::kubernetes {

/// What a Job does about a pod that failed.
enum class PodFailureAction : std::uint8_t {
  count,     ///< towards backoffLimit: also what happens when no rule fits
  ignore,    ///< replaced, and not counted
  fail_job,  ///< the Job fails at once
};

/// One rule: a set of exit codes, or the condition DisruptionTarget (evicted, preempted, gone with its node).
struct PodFailureRule {
  PodFailureAction action = PodFailureAction::count;
  bool on_disruption = false;
  bool in = true;  ///< operator In; false: NotIn
  std::vector<std::int64_t> exit_codes;
};

/// The action of the first rule that fits. `exit_code`: of the container that failed, none for a disruption.
/// SOURCE: kubernetes/kubernetes pkg/controller/job/pod_failure_policy.go matchPodFailurePolicy (1.26 and later; alpha
/// in 1.25). Left out: FailIndex, rules for one of several containers.
PodFailureAction pod_failure_action(const std::vector<PodFailureRule>& rules, std::optional<std::int64_t> exit_code);

}  // namespace plimsoll::kubernetes
