#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "models/aws/cloudwatch/alarm.h"

namespace plimsoll::aws {

/// ceil(current x metric / target) within [minimum, maximum], in both directions: what is added rounds up, what is
/// taken away rounds down. A capacity of 0 counts as 1, and a metric of 0 asks for the minimum. Metric and target in
/// one unit.
/// @pre target > 0, metric >= 0.
/// SOURCE: "Target tracking scaling policies for Application Auto Scaling", how target tracking works.
std::int64_t target_tracking_desired(std::int64_t current, std::int64_t metric, std::int64_t target,
                                     std::int64_t minimum, std::int64_t maximum);

/// What one target tracking policy wants now; none while its alarms have insufficient data.
struct PolicyWish {
  std::optional<std::int64_t> wants;
  bool scale_in_disabled = false;
};
/// Several policies on one target: out if any wants out, in only if all that may scale in want in; the largest capacity
/// wins. SOURCE: same page, "Multiple target tracking policies".
std::int64_t combine_wishes(std::int64_t current, std::span<const PolicyWish> wishes);

/// The two alarms that the service makes for a policy. Thresholds in the unit of the target.
struct TrackingAlarms {
  AlarmDefinition high;
  AlarmDefinition low;
};
/// ECS service: above the target for 3 minutes; below 0.9 x target for 15 minutes.
/// SOURCE: alarms in published Terraform states of ECS services: 50/45, 70/63, 80/72.
TrackingAlarms ecs_service_alarms(std::int64_t target);
/// Capacity provider: above the target for 1 minute; below the target for 15.
/// SOURCE: aws/containers-roadmap issue 638; Amazon ECS cluster auto scaling workshop.
TrackingAlarms capacity_provider_alarms(std::int64_t target);

/// Cooldowns of one scalable target under target tracking. Out: a larger capacity than the last scale-out asked for
/// goes at once, else only after the cooldown. In: not before the cooldown of the last scale-in ends. A scale-out ends
/// a running scale-in cooldown. SOURCE: same page, "Define cooldown periods".
class TrackingCooldown {
 public:
  TrackingCooldown(Duration out = seconds(300), Duration in = seconds(300)) : out_(out), in_(in) {}

  /// Whether a change may go now. @pre wanted != current.
  bool allows(std::int64_t current, std::int64_t wanted, Time now) const;
  /// A change was made.
  void note(std::int64_t current, std::int64_t wanted, Time now);
  /// Another policy scaled out: a running scale-in cooldown ends.
  void end_scale_in() { last_in_.reset(); }
  /// The capacity to set now, or none when a cooldown holds it back. @pre wanted != current.
  std::optional<std::int64_t> decide(std::int64_t current, std::int64_t wanted, Time now);

 private:
  Duration out_, in_;
  std::optional<Time> last_out_, last_in_;
  std::int64_t asked_out_ = 0;  // capacity of the last scale-out
};

}  // namespace plimsoll::aws
