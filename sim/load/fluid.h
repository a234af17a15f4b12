#pragma once

#include <cstdint>

#include "sim/core/time.h"
#include "sim/core/units.h"
#include "sim/load/processor_sharing.h"

namespace plimsoll::load {

/// A stretch of time in which arrival rate and capacity do not change.
struct FluidSegment {
  Duration duration{};
  std::int64_t arrivals = 0;  ///< micro-requests that arrive in it, evenly; >= 0
  Cpu capacity;               ///< CPU granted to all replicas of the cohort together for requests
  std::int64_t replicas = 0;  ///< replicas in traffic; the capacity is spread evenly over them
  Duration timeout{};         ///< a request that would wait longer is lost
  /// Micro-requests expected before noise; the law of a replica, which has the noise in it, is read at this
  /// utilisation. Negative: the arrivals themselves, which is the same where a step has hundreds of requests.
  std::int64_t expected = -1;
};

/// What a segment brought. served + lost + (backlog after - backlog before) = arrivals, exactly.
struct FluidOutcome {
  std::int64_t served = 0;    ///< micro-requests
  std::int64_t lost = 0;      ///< micro-requests: waited longer than the timeout, or found no replica
  std::int64_t backlog = 0;   ///< micro-requests left at the end
  std::int64_t cpu_used = 0;  ///< CPU ticks x microseconds
  double utilization = 0;     ///< served work over capacity, 0..1
  LatencyMoments latency;     ///< of those served: law of a replica, plus the wait in the backlog
};

/// Fluid state of one cohort (replicas of one workload that get the same CPU). Work flows in and out at constant rates
/// between changes, so that a segment is advanced exactly, whatever its length: the backlog grows or drains linearly;
/// once the fluid delay (backlog over service rate) reaches the timeout, the excess is lost. Without capacity
/// everything is lost at once (no target behind the balancer). Latency is the stationary law at the offered utilisation
/// (pointwise stationary approximation, Green and Kolesar 1991) plus the mean wait in the backlog (its time integral
/// over what was served). The type is a value: copying it copies the state.
class FluidWorkload {
 public:
  /// @pre shape.cpu_per_request > 0.
  FluidOutcome advance(const RequestShape& shape, const FluidSegment& segment);

  std::int64_t backlog() const { return backlog_; }
  /// Adds work handed over from another cohort, micro-requests.
  void add_backlog(std::int64_t micro_requests) { backlog_ += micro_requests; }
  /// Takes the whole backlog out, to hand it on when a cohort ends.
  std::int64_t take_backlog() {
    const std::int64_t b = backlog_;
    backlog_ = 0;
    return b;
  }

  friend bool operator==(const FluidWorkload&, const FluidWorkload&) = default;

 private:
  std::int64_t backlog_ = 0;
};

/// CPU that `arrivals` micro-requests in `duration` ask for, rounded up: the demand side of CPU sharing on a node.
/// @pre duration > 0.
Cpu cpu_demand(const RequestShape& shape, std::int64_t arrivals, Duration duration);

}  // namespace plimsoll::load
