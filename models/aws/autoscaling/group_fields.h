#pragma once

#include "models/aws/autoscaling/group_config.h"
#include "sim/document/fields.h"

namespace plimsoll::aws {

/// The keys of an Auto Scaling group that mean the same in every column: purchase options, termination policies,
/// rebalancing, lifetimes, lifecycle hooks, schedule. Names are those of the EC2 Auto Scaling API, in camel case.
struct GroupFields {
  InstancesDistribution distribution;
  std::vector<TerminationPolicy> termination{TerminationPolicy::default_policy};
  bool zone_rebalance = true, capacity_rebalance = false;
  Duration health_check_grace{}, max_lifetime{};
  std::vector<LifecycleHook> hooks;
  std::vector<GroupAction> schedule;
  std::vector<PlannedRefresh> refreshes;
  std::optional<WarmPoolConfig> warm_pool;
  std::vector<std::pair<std::string, std::int64_t>> weights;  ///< weightedCapacity, by instance type
  Duration default_cooldown = seconds(300);
  std::optional<Duration> default_warmup;  ///< none: policies take the cooldown

  /// Reports faults to the fields. `on_demand_strategy` and `spot_strategy` are the defaults of the column. Times of
  /// the schedule count from the start of the counted window in the file and from simulated zero after `place`.
  static GroupFields read(document::Fields& group, AllocationStrategy spot_strategy, bool capacity_rebalance);
  bool uses_spot() const { return distribution.on_demand_percent < 100; }
  /// Copies everything into a group's configuration, whose options are known by now; the schedule is moved by
  /// `window_start`. `calendar`: Unix seconds at simulated time zero.
  void apply(AutoScalingGroupConfig& config, Time window_start, const Names& names, EpochSeconds calendar = 0) const;
};

}  // namespace plimsoll::aws
