#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/core/time.h"

namespace plimsoll::aws {

/// Health checks of an ALB target group. SOURCE: "Health checks for Application Load Balancer target groups".
struct HealthCheck {
  Duration interval = seconds(30);  ///< 5 to 300 s
  Duration timeout = seconds(5);    ///< 2 to 120 s
  std::int64_t healthy_threshold = 5;
  std::int64_t unhealthy_threshold = 2;
  Duration deregistration_delay = seconds(300);
  /// A new target is healthy after so many passes: one by the guide; the ECS best-practice text counts the healthy
  /// threshold here too.
  std::int64_t first_healthy_after = 1;
};
enum class TargetState : std::uint8_t { initial, healthy, unhealthy, draining, unused };
/// "initial", "healthy", ...
std::string_view to_string(TargetState state);

/// Health of one target: initial -> healthy after the first pass(es), or unhealthy after the unhealthy threshold of
/// failures in a row; unhealthy -> healthy after the healthy threshold of passes in a row; healthy -> unhealthy after
/// the unhealthy threshold of failures. Deregistered: draining until no request is in flight or the delay is over.
class TargetHealth {
 public:
  explicit TargetHealth(const HealthCheck& check, TargetState state = TargetState::initial)
      : check_(check), state_(state) {}

  TargetState state() const { return state_; }
  /// Result of one health check.
  TargetState on_check(bool passed);
  /// Starts draining at `now`; a target without requests in flight is unused at once for new traffic, but the state
  /// shows draining until the delay is over.
  void deregister(Time now);
  /// Draining ends when its delay is over.
  TargetState at(Time now);
  /// The instant from which the target may stop: at once without requests in flight, else when the delay is over.
  std::optional<Time> may_stop_at(bool requests_in_flight, Time now) const;

 private:
  HealthCheck check_;
  TargetState state_;
  std::int64_t passes_ = 0, failures_ = 0;
  Time draining_until_ = kTimeNever;
};

/// Time for an unhealthy target to become healthy when every check passes: interval x healthy threshold.
constexpr Duration unhealthy_to_healthy(const HealthCheck& c) { return c.interval * c.healthy_threshold; }
/// Time for a healthy target to become unhealthy when every check fails.
constexpr Duration healthy_to_unhealthy(const HealthCheck& c) { return c.interval * c.unhealthy_threshold; }
/// Share of a full target's traffic in slow start: linear over its duration (30 to 900 s), 1 when off (0).
double slow_start_share(Duration since_healthy, Duration slow_start);
/// A group without a healthy target sends requests to all of them (fail open).
constexpr bool fails_open(std::int64_t healthy_targets) { return healthy_targets == 0; }

}  // namespace plimsoll::aws
