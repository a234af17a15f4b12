#pragma once

#include <cstdint>

#include "models/aws/application_auto_scaling/target_tracking.h"
#include "models/aws/as_of.h"
#include "models/ecs/capacity_provider_strategy.h"
#include "models/ecs/controllers/task_placer.h"
#include "models/ecs/failing_task_throttle.h"
#include "models/ecs/launch_quota.h"
#include "sim/document/fields.h"

namespace plimsoll::ecs {

/// What nobody has documented of ECS and the AWS machinery around it, each point an option of the column's block
/// `undocumented` with a named default. Points that are options elsewhere: delays.serviceScheduler (cadence of the
/// service scheduler), delays.metricPublication, eventDelivery, capacity.asg.pending and join, registeredMemory,
/// managedInstances.scaleInAfter (idle delay). Left out: the rule by which the low alarm of an Auto Scaling group's
/// target tracking is set, as no column has such a policy.
struct Undocumented {
  FailingTaskThrottle throttle;
  TaskPlacerParameters placer;                   ///< but its quota
  SplitRule split = SplitRule::largest_deficit;  ///< of the tasks over the weights of a strategy
  bool run_task_spreads = false;                 ///< RunTask without strategies; else at random
  bool needed_sums = false;            ///< M of managed scaling: groups of tasks added up instead of the largest
  Duration reservation_publication{};  ///< of CapacityProviderReservation to its alarms
  Duration launch_retry{};             ///< of a launch that found no capacity
  LaunchWindow launch_window = LaunchWindow::sliding;  ///< of the launches of a service a minute
  std::int64_t new_target_checks = 1;
  aws::CooldownReading cooldown_reading = aws::CooldownReading::without_added;  ///< ScaleOutCooldown of target tracking
  std::int64_t alarm_range = 2;  ///< periods that an alarm looks at beyond EvaluationPeriods

  static Undocumented read(document::Fields& column, const aws::AsOf& as_of, bool on_fargate);
};

}  // namespace plimsoll::ecs
