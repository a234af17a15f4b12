#pragma once

#include <vector>

#include "models/aws/cloudwatch/cloudwatch.h"
#include "models/ecs/cas_needed_instances.h"
#include "sim/cluster/world.h"
#include "sim/policy/binding_limits.h"

namespace plimsoll::ecs {

/// Settings of a capacity provider. SOURCE: ECS API reference, ManagedScaling (defaults).
struct ManagedScalingParameters {
  std::int64_t target_capacity = 100;  ///< percent
  std::int64_t minimum_step = 1, maximum_step = 10'000;
  Duration warmup = seconds(300);
  /// A minute's datapoint is seen by its alarm so long after the minute. Not documented.
  Duration publication_delay = seconds(15);
  std::int64_t low_periods = 15;
  bool sums_groups = false;  ///< M adds up what groups of tasks with different needs ask for; else the largest counts
  bool binpacks = true;      ///< false: groups of several zones or types before October 2020
};

/// What became of a minute's datapoint.
enum class ManagedScalingAction : std::uint8_t {
  none,  ///< the metric is at its target, or its low alarm has not run its periods
  scaled_out,
  scaled_in,
  warming_up,  ///< above the target, but instances are on their way or not warm yet
  at_bound,    ///< the group stands at its minimum or maximum, or wants what it has
  after_out,   ///< below the target for long enough, but within 15 minutes of a scale-out
};

/// One datapoint of CapacityProviderReservation and what followed.
struct ManagedScalingDetail : Detail {
  NodeGroupId group;
  std::int64_t running = 0, needed = 0;  ///< N and M of the minute
  std::int64_t target = 100;             ///< percent
  std::int64_t below = 0;                ///< datapoints in a row below the target
  std::int64_t low_periods = 15;
  std::int64_t before = 0, wanted = 0;  ///< desired size
  ManagedScalingAction action = ManagedScalingAction::none;
};

/// Cluster auto scaling: once a minute M and N of the provider, the metric CapacityProviderReservation, its two alarms
/// (high: one minute above the target; low: 15 minutes below) and the desired size of the Auto Scaling group. Out:
/// again only when every instance is warm; in: not within 15 minutes of a scale-out, at most half a minute's instances
/// at a time. M counts tasks in PROVISIONING: no more of a cluster than its quota (TaskPlacerParameters), so one
/// datapoint cannot ask for the instances of more tasks. Tasks of launch type EC2 have no provider: none of them waits
/// for instances here; one that runs keeps its instance from being empty, as any but a daemon's does (our reading).
/// SOURCE: ECS developer guide, "Amazon ECS managed scaling behavior"; "Amazon ECS service quotas"; AWS Containers blog
/// on cluster auto scaling.
class ManagedScaling : public ComponentOf<ManagedScaling>, public BindingLimits {
 public:
  /// `types` are what the group may launch; it scales for the tasks of its lane (Pod::lane).
  ManagedScaling(NodeGroupId group, ManagedScalingParameters parameters, std::vector<InstanceRoom> types,
                 std::uint8_t lane = 0)
      : group_(group), parameters_(parameters), types_(std::move(types)), lane_(lane) {}

  NodeGroupId group() const { return group_; }
  /// Its metric, in percent, is put there each minute, besides; CloudWatch has it in the next datapoint.
  void publish_to(HandlerId cloudwatch, aws::MetricId metric) {
    cloudwatch_ = cloudwatch;
    metric_ = metric;
  }
  bool owns(aws::AlarmId alarm) const { return alarm == high_ || alarm == low_; }
  /// Its two alarms, owned ones, where its metric is put: their states are told as it evaluates them.
  void tell_alarms(aws::AlarmId high, aws::AlarmId low) {
    high_ = high;
    low_ = low;
  }
  /// Of an instance's tasks at most one is of this workload: distinctInstance, or a host port that it takes.
  void one_an_instance(WorkloadId workload, bool distinct_instance, bool static_ports);

  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  /// The group's maximum: it binds from a datapoint that asks for more instances to one that does not.
  std::vector<Limit> binding_limits(const World& world) const override;

 private:
  enum : std::uint64_t { kMinute = 0, kPublish = 1 };
  struct Sample {
    std::int64_t running = 0, needed = 0;
  };
  struct OneAnInstance {
    WorkloadId workload;
    bool distinct_instance = false, static_ports = false;
  };
  Sample measure(World& world) const;
  ManagedScalingAction evaluate(World& world, const Sample& sample, std::int64_t& wanted);
  void tell_states(World& world, const Sample& sample) const;

  NodeGroupId group_;
  ManagedScalingParameters parameters_;
  std::vector<InstanceRoom> types_;
  std::uint8_t lane_ = 0;
  HandlerId cloudwatch_;
  aws::MetricId metric_;
  aws::AlarmId high_, low_;
  std::vector<OneAnInstance> one_;
  std::vector<Sample> unpublished_;
  std::int64_t published_ = 0, below_ = 0;  // datapoints: all, and the last ones below the target in a row
  Time last_out_ = kTimeZero;
  bool scaled_out_ = false;
  LimitClock maximum_;
};

}  // namespace plimsoll::ecs
