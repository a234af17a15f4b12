#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/core/time.h"
#include "sim/policy/rollout_spec.h"

namespace plimsoll::ecs {

/// What a look at the hooks of a stage tells.
struct HookLook {
  enum class Verdict : std::uint8_t { passed, waiting, failed };
  Verdict verdict = Verdict::passed;
  bool began = false;              ///< they were called for the first time
  Time next = kTimeNever;          ///< waiting: when to look again
  std::vector<std::size_t> calls;  ///< hooks, by their number, whose function has ended a call since the last look
};

/// The lifecycle hooks of one deployment. All hooks of a stage are called together when the deployment enters it, and
/// it goes on when each has answered SUCCEEDED. IN_PROGRESS calls the function again after its callBackDelay; FAILED,
/// or a time-out that does not continue, rolls the deployment back. A pause lasts until somebody continues it.
/// SOURCE: ECS developer guide, "Lifecycle hooks for Amazon ECS service deployments" (callBackDelay 30 s, time-out
/// 24 hours, ROLLBACK); API DeploymentLifecycleHook, DeploymentLifecycleHookTimeoutConfiguration.
/// A ROLLING deployment calls none: the stages are those of two service revisions with their own traffic (observed: the
/// deployment tool ecspresso warns that hooks "are only supported with blue/green, linear, and canary strategies").
/// Left out: hookDetails, functions that end with an error (write FAILED), who may call them.
class DeploymentHooks {
 public:
  /// A new deployment: no stage has passed.
  void begin() { *this = {}; }
  /// The stage comes again: each step of the traffic has its own.
  void repeat(DeploymentStage stage) { passed_ &= ~bit(stage); }
  /// Looks at the hooks of a stage; the first look calls them. @pre `hooks` is the same for the whole deployment.
  HookLook look(const std::vector<DeploymentHook>& hooks, DeploymentStage stage, Time now);

 private:
  struct Active {
    std::size_t hook = 0, call = 0;
    Time answers, deadline;
    bool done = false;
  };
  static std::uint32_t bit(DeploymentStage stage) { return 1u << static_cast<unsigned>(stage); }

  std::uint32_t passed_ = 0;  // bit by stage
  bool running_ = false;
  DeploymentStage stage_{};
  std::vector<Active> active_;  // of the stage
};

}  // namespace plimsoll::ecs
