#pragma once

#include <cstdint>

#include "sim/cluster/world.h"
#include "sim/policy/custom_policy.h"
#include "sim/policy/replica_scaler_call.h"

namespace plimsoll::ecs {

/// A replica scaler of a plugin that is asked when something calls it, not by a clock of its own: what a function
/// behind an event rule decides. It sees the time since the call before, or since the beginning.
class PolicyCall {
 public:
  /// @pre policy->kind() is replica_scaler.
  PolicyCall(CustomPolicyPtr policy, WorkloadId service, Ppm target_cpu);

  /// The desired count that it answers, within the service's bounds.
  std::int64_t ask(World& world) { return call_.ask(world); }

 private:
  ReplicaScalerCall call_;
};

}  // namespace plimsoll::ecs
