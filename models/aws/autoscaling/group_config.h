#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/aws/autoscaling/allocation_strategy.h"
#include "models/aws/autoscaling/termination_policy.h"
#include "models/aws/autoscaling/warm_pool.h"
#include "models/aws/eventbridge/schedule.h"
#include "sim/cluster/world.h"

namespace plimsoll::aws {

/// The way of an instance from the call to the cluster. Per platform and image; see the sources in the platform files.
struct InstanceDelays {
  Delay api = Delay::uniform(seconds(1), seconds(3));
  Delay pending = Delay::lognormal(seconds(14), 0.3, seconds(8));  ///< call accepted to state running
  Delay join = Delay::lognormal(seconds(40), 0.3, seconds(24));    ///< running to registered and ready
  Delay shutdown = Delay::uniform(seconds(20), seconds(40));       ///< terminating to terminated; not billed
};

/// One instance type of a group: an override of its launch template.
struct LaunchOption {
  NodeSpec node;            ///< type, capacity, labels; zone, pool and purchase option are filled in at launch
  Rate on_demand, spot;     ///< prices, for the strategies that look at them
  std::int64_t weight = 1;  ///< WeightedCapacity: units of the group's sizes that an instance counts for
};

/// Purchase options of a group. SOURCE: API reference, InstancesDistribution (defaults).
struct InstancesDistribution {
  std::int64_t on_demand_base = 0;
  std::int64_t on_demand_percent = 100;  ///< above the base
  AllocationStrategy on_demand_strategy = AllocationStrategy::prioritized;
  AllocationStrategy spot_strategy = AllocationStrategy::lowest_price;
  std::int64_t spot_pools = 2;  ///< lowest-price only
};

/// A lifecycle hook: the instance waits until the user's action is done (`work`) or the heartbeat runs out, and then
/// `default_continue` tells what happens. SOURCE: "Amazon EC2 Auto Scaling lifecycle hooks" (heartbeat 3600 s, default
/// result ABANDON).
struct LifecycleHook {
  bool launching = true;  ///< else terminating
  Duration heartbeat = hours(1);
  bool default_continue = false;
  Delay work = Delay::constant(Duration{});
};

/// A scheduled action: sets what it names of the group's sizes. Either at an offset of the run, once or again every
/// `every`, or on the calendar (`on_calendar`): at StartTime, and then by the recurrence until EndTime.
struct GroupAction {
  Duration at{};  ///< since simulated zero
  Duration every{};
  std::optional<std::int64_t> minimum, maximum, desired;
  std::string name{};
  bool on_calendar = false;
  std::vector<Schedule> recurrence{};  ///< the earliest of them is next; more than one: a day of month or of week
  TimeZone zone{};                     ///< of the recurrence
  std::optional<EpochSeconds> begins{}, ends{};

  /// The first run strictly after `after`; none when there is no more. @pre on_calendar.
  /// SOURCE: EC2 Auto Scaling API, PutScheduledUpdateGroupAction: with StartTime and Recurrence it runs at StartTime
  /// and then by the recurrence, whose boundaries StartTime and EndTime are; EC2 Auto Scaling user guide, "Scheduled
  /// scaling" (time zones with daylight saving time).
  std::optional<EpochSeconds> next(EpochSeconds after) const;
};

/// A rolling replacement of a group's instances. SOURCE: "Instance refresh" (MinHealthyPercentage 90,
/// MaxHealthyPercentage 100), "Add checkpoints to an instance refresh" (CheckpointDelay 3600 s), "Undo changes with a
/// manual or auto rollback", API RefreshPreferences.
struct InstanceRefresh {
  std::int64_t min_healthy_percent = 90;
  std::int64_t max_healthy_percent = 100;  ///< above 100: launches before it terminates
  Duration instance_warmup{};
  std::vector<std::int64_t> checkpoints{};  ///< percent replaced, ascending: a pause after each; the last one ends it
  Duration checkpoint_delay = hours(1);
  bool auto_rollback = false;         ///< AutoRollback: a failed refresh is undone, with the image before it
  std::vector<std::string> alarms{};  ///< AlarmSpecification: one of these in ALARM makes it fail
  Duration bake_time{};               ///< BakeTime: after the last instance, before the refresh is over
};

/// One that begins at a given time.
struct PlannedRefresh {
  Duration at{};  ///< since simulated zero
  InstanceRefresh refresh;
};

struct AutoScalingGroupConfig {
  NodeGroupId group;
  NodeSpec node;                      ///< the only type when `options` is empty
  std::vector<LaunchOption> options;  ///< overrides, by priority
  InstancesDistribution distribution;
  std::vector<ZoneId> zones;
  InstanceDelays delays;
  HandlerId pools;  ///< CapacityPools; none: every launch is granted
  std::vector<TerminationPolicy> termination{TerminationPolicy::default_policy};
  /// Drains what a scale-in chose (ECS managed draining; a managed node group); otherwise the instance ends at once.
  bool managed_draining = false;
  Duration draining_limit = hours(48);  ///< then the instance ends with what is on it
  Reason scale_in_reason = Reason::scale_down;
  /// Instances with application pods are protected from scale-in (ECS managed termination protection).
  bool protect_busy = false;
  bool zone_rebalance = true;       ///< process AZRebalance
  bool capacity_rebalance = false;  ///< replace Spot instances at elevated risk
  /// From the death of an instance to its being found unhealthy: status checks every minute, and the group waits a few
  /// minutes for an impaired instance to recover.
  Delay health_check = Delay::uniform(minutes(2), minutes(4));
  Duration health_check_grace{};  ///< after InService; API default 0
  Duration max_lifetime{};        ///< 0: none
  std::vector<LifecycleHook> hooks;
  std::vector<GroupAction> schedule;
  EpochSeconds calendar = 0;  ///< Unix seconds at simulated time zero, of the schedule
  std::vector<PlannedRefresh> refreshes;
  std::optional<WarmPoolConfig> warm_pool;
  Duration launch_retry = minutes(1);  ///< after a launch found no capacity; not documented
  /// Labels that tell an instance's zone beside topology.kubernetes.io/zone: key, and the value of each zone by its id.
  std::vector<std::pair<NameId, std::vector<NameId>>> zone_labels;
};

}  // namespace plimsoll::aws
