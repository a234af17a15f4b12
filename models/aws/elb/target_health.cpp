#include "models/aws/elb/target_health.h"

#include <algorithm>

namespace plimsoll::aws {

std::string_view to_string(TargetState state) {
  constexpr std::string_view kNames[] = {"initial", "healthy", "unhealthy", "draining", "unused"};
  return kNames[static_cast<std::size_t>(state)];
}

TargetState TargetHealth::on_check(bool passed) {
  passes_ = passed ? passes_ + 1 : 0;
  failures_ = passed ? 0 : failures_ + 1;
  switch (state_) {
    case TargetState::initial:
      if (passes_ >= check_.first_healthy_after) state_ = TargetState::healthy;
      if (failures_ >= check_.unhealthy_threshold) state_ = TargetState::unhealthy;
      break;
    case TargetState::healthy:
      if (failures_ >= check_.unhealthy_threshold) state_ = TargetState::unhealthy;
      break;
    case TargetState::unhealthy:
      if (passes_ >= check_.healthy_threshold) state_ = TargetState::healthy;
      break;
    case TargetState::draining:
    case TargetState::unused:
      break;
  }
  return state_;
}

void TargetHealth::deregister(Time now) {
  if (state_ == TargetState::draining || state_ == TargetState::unused) return;
  state_ = TargetState::draining;
  draining_until_ = now + check_.deregistration_delay;
}

TargetState TargetHealth::at(Time now) {
  if (state_ == TargetState::draining && now >= draining_until_) state_ = TargetState::unused;
  return state_;
}

std::optional<Time> TargetHealth::may_stop_at(bool requests_in_flight, Time now) const {
  if (state_ == TargetState::unused) return now;
  if (state_ != TargetState::draining) return std::nullopt;
  return requests_in_flight ? std::max(now, draining_until_) : now;
}

double slow_start_share(Duration since_healthy, Duration slow_start) {
  if (slow_start <= Duration{} || since_healthy >= slow_start) return 1;
  return std::max(0.0, to_seconds(since_healthy) / to_seconds(slow_start));
}

}  // namespace plimsoll::aws
