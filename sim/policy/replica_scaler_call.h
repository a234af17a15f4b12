#pragma once

#include <cstdint>

#include "sim/cluster/world.h"
#include "sim/policy/custom_policy.h"

namespace plimsoll {

/// Asks a user's replica scaler about one workload: shows it what has happened since the call before (or since the
/// beginning), draws its random numbers and keeps its state. By value, so that a copied world asks on by itself.
class ReplicaScalerCall {
 public:
  /// `draws_of` names the caller's random numbers: two callers of one workload draw apart.
  /// @pre policy->kind() is replica_scaler.
  ReplicaScalerCall(CustomPolicyPtr policy, WorkloadId workload, Ppm target_cpu, std::uint64_t draws_of);

  WorkloadId workload() const { return workload_; }
  /// The desired count that it answers, within the workload's bounds. Two calls at one instant: the second sees a span
  /// of a microsecond, in which nothing happened.
  std::int64_t ask(World& world);

 private:
  CustomPolicyPtr policy_;
  WorkloadId workload_;
  Ppm target_cpu_;
  std::uint64_t draws_of_;
  plimsoll_state state_{};
  std::uint64_t calls_ = 0;
  Time at_ = kTimeZero;             // of the last call
  __int128 cpu_ = 0, serving_ = 0;  // cumulative then: tick-us, pod-us
  std::int64_t arrived_ = 0;        // millionths of a request
};

}  // namespace plimsoll
