#include "models/kubernetes/workloads/pod_failure_policy.h"

#include <doctest/doctest.h>

namespace plimsoll::kubernetes {
namespace {

TEST_CASE("the first rule that fits decides, and without one a failure counts") {
  const PodFailureRule disrupted{PodFailureAction::ignore, true, true, {}};
  const PodFailureRule fatal{PodFailureAction::fail_job, false, true, {42, 137}};
  const PodFailureRule others{PodFailureAction::ignore, false, false, {1}};
  struct Case {
    std::vector<PodFailureRule> rules;
    std::optional<std::int64_t> exit_code;
    PodFailureAction wanted;
  };
  const Case cases[] = {
      {{}, 1, PodFailureAction::count},
      {{}, std::nullopt, PodFailureAction::count},
      {{disrupted}, std::nullopt, PodFailureAction::ignore},
      {{disrupted}, 1, PodFailureAction::count},
      {{fatal}, 42, PodFailureAction::fail_job},
      {{fatal}, 1, PodFailureAction::count},
      {{fatal}, std::nullopt, PodFailureAction::count},
      {{others}, 2, PodFailureAction::ignore},
      {{others}, 1, PodFailureAction::count},
      {{others}, 0, PodFailureAction::count},  // no failure: NotIn does not match it
      {{others, fatal}, 42, PodFailureAction::ignore},
      {{fatal, others}, 42, PodFailureAction::fail_job},
  };
  for (const Case& c : cases) CHECK(pod_failure_action(c.rules, c.exit_code) == c.wanted);
}

}  // namespace
}  // namespace plimsoll::kubernetes
