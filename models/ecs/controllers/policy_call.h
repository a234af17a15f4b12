#pragma once

#include <cstdint>

#include "sim/cluster/world.h"
#include "sim/policy/custom_policy.h"

namespace plimsoll::ecs {

/// A replica scaler of a plugin that is asked when something calls it, not by a clock of its own: what a function
/// behind an event rule decides. It sees the time since the call before, or since the beginning.
class PolicyCall {
 public:
  /// @pre policy->kind() is replica_scaler.
  PolicyCall(CustomPolicyPtr policy, WorkloadId service, Ppm target_cpu);

  /// The desired count that it answers, within the service's bounds.
  std::int64_t ask(World& world);

 private:
  CustomPolicyPtr policy_;
  WorkloadId service_;
  Ppm target_cpu_;
  plimsoll_state state_{};
  std::uint64_t calls_ = 0;
  Time at_ = kTimeZero;             // of the last call
  __int128 cpu_ = 0, serving_ = 0;  // cumulative then: tick-us, pod-us
  std::int64_t arrived_ = 0;        // millionths of a request
};

}  // namespace plimsoll::ecs
