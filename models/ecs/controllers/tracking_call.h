#pragma once

#include <cstdint>

#include "sim/cluster/world.h"

namespace plimsoll::ecs {

/// Target tracking on a service's CPU that is asked when something calls it, instead of by its alarms: what a function
/// behind an event rule reckons. The metric is the service's CPUUtilization since the call before, or since the
/// beginning; the answer is aws::target_tracking_desired, and the desired count as it is when no task has run.
class TrackingCall {
 public:
  /// @pre target_cpu > 0.
  TrackingCall(WorkloadId service, Ppm target_cpu);

  /// The desired count that it answers, within the service's bounds.
  std::int64_t ask(World& world);

 private:
  WorkloadId service_;
  Ppm target_cpu_;
  __int128 used_ = 0, reserved_ = 0;  // at the last call: tick-us
};

}  // namespace plimsoll::ecs
