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

/// How "the capacity added by the initiating scale-out activity is calculated as part of the desired capacity for the
/// next scale-out activity" is read: reckon from the capacity without it, as step policies do by their documented
/// example; or take it off the increase that is reckoned from all tasks.
enum class CooldownReading : std::uint8_t { without_added, net_increase };

/// Cooldowns of one target tracking policy. Out: while the cooldown runs, what the scale-out that began it added, and
/// what was added since, counts as part of the next one: the policy reckons from the capacity without it, and only a
/// result above the present capacity goes, which begins the cooldown anew. In: not before the cooldown of the last
/// scale-in ends. A scale-out ends a running scale-in cooldown. SOURCE: same page, "Define cooldown periods"; API
/// TargetTrackingScalingPolicyConfiguration (ScaleOutCooldown, ScaleInCooldown). Our reading: the cooldown begins when
/// the desired count is set, and a larger scale-out begins it anew.
class TrackingCooldown {
 public:
  TrackingCooldown(Duration out = seconds(300), Duration in = seconds(300),
                   CooldownReading reading = CooldownReading::without_added)
      : out_(out), in_(in), reading_(reading) {}

  /// The capacity that a scale-out is reckoned from: `running`, which the metric is about, as far as it does not count
  /// what the cooldown's scale-outs added to the desired `current`. At least 1.
  std::int64_t base(std::int64_t current, std::int64_t running, Time now) const;
  /// The capacity to scale out to, if it is above `current`. `reckoned`: what the metric asks for from `base`.
  std::int64_t outwards(std::int64_t current, std::int64_t base, std::int64_t reckoned, Time now) const;
  /// Whether a scale-in may go now.
  bool allows_in(Time now) const { return !last_in_ || now >= *last_in_ + in_; }
  /// A change was made. @pre wanted != current.
  void note(std::int64_t current, std::int64_t wanted, Time now);
  /// Another policy scaled out: a running scale-in cooldown ends.
  void end_scale_in() { last_in_.reset(); }
  /// The capacity to set now, or none when a cooldown holds it back; one above `current` is reckoned from base().
  /// @pre wanted != current.
  std::optional<std::int64_t> decide(std::int64_t current, std::int64_t wanted, Time now);

 private:
  bool cooling_out(Time now) const { return last_out_ && now < *last_out_ + out_; }

  Duration out_, in_;
  CooldownReading reading_ = CooldownReading::without_added;
  std::optional<Time> last_out_, last_in_;
  std::int64_t added_ = 0;  // by the scale-outs of the cooldown that runs
};

}  // namespace plimsoll::aws
