#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::kubernetes {

/// What a Job does about a pod that failed.
enum class PodFailureAction : std::uint8_t {
  count,       ///< towards backoffLimit: also what happens when no rule fits
  ignore,      ///< replaced, and not counted
  fail_job,    ///< the Job fails at once
  fail_index,  ///< its index is not tried again; without backoffLimitPerIndex: count
};

/// One rule: a set of exit codes, or the condition DisruptionTarget (evicted, preempted, gone with its node).
struct PodFailureRule {
  PodFailureAction action = PodFailureAction::count;
  bool on_disruption = false;
  bool in = true;  ///< operator In; false: NotIn
  std::vector<std::int64_t> exit_codes;
  std::string container{};  ///< whose exit code it is about; empty: of any
};

/// The action of the first rule that fits. `exit_code`: of the container that failed, none for a disruption;
/// `container`: its name, empty when it has none.
/// SOURCE: kubernetes/kubernetes pkg/controller/job/pod_failure_policy.go matchPodFailurePolicy (1.26 and later; alpha
/// in 1.25; FailIndex 1.28).
PodFailureAction pod_failure_action(const std::vector<PodFailureRule>& rules, std::optional<std::int64_t> exit_code,
                                    std::string_view container = {});

}  // namespace plimsoll::kubernetes
