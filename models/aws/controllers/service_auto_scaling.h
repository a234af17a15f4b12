#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/aws/application_auto_scaling/predictive.h"
#include "models/aws/application_auto_scaling/step_scaling.h"
#include "models/aws/application_auto_scaling/target_tracking.h"
#include "models/aws/cloudwatch/cloudwatch.h"
#include "models/aws/eventbridge/schedule.h"
#include "sim/cluster/world.h"

namespace plimsoll::aws {

/// SuspendedState of a scalable target.
struct SuspendedScaling {
  bool in = false, out = false, scheduled = false;
};

/// A target tracking policy; the metric's value and the target in millionths of its unit.
struct TrackingConfig {
  std::string name;
  MetricId metric;
  Statistic statistic = Statistic::average;
  std::int64_t target = 0;
  Duration scale_out_cooldown = seconds(300), scale_in_cooldown = seconds(300);
  CooldownReading cooldown_reading = CooldownReading::without_added;
  bool disable_scale_in = false;
};

/// A step scaling policy, set off by an alarm that the user made.
struct StepConfig {
  std::string name;
  StepScalingPolicy rule;
  Duration cooldown = seconds(300);
  AlarmId alarm;
  /// The state of the alarm that sets it off: of AlarmActions, OKActions or InsufficientDataActions. It goes on each
  /// minute that the alarm stays in it. SOURCE: CloudWatch user guide, "Alarm actions" (Auto Scaling actions).
  AlarmState on = AlarmState::alarm;
  /// MetricAggregationType (average, minimum, maximum): what counts of the values of the periods that the alarm looks
  /// at. SOURCE: API StepScalingPolicyConfiguration (Average without it); which periods is our reading.
  Statistic aggregation = Statistic::average;
};

struct ScheduledAction {
  std::string name;
  Schedule schedule;
  TimeZone zone;
  std::optional<std::int64_t> minimum, maximum;
  /// StartTime and EndTime: it runs from the one to the other, both included; a rate counts from StartTime.
  std::optional<EpochSeconds> begins{}, ends{};

  /// The first run strictly after `after`. `created`: where a rate without StartTime begins.
  std::optional<EpochSeconds> next(EpochSeconds created, EpochSeconds after) const;
};

/// Which load a predictive policy forecasts.
enum class PredictiveLoad : std::uint8_t { cpu, memory, requests, customized };

/// The metrics of a predictive policy with customized specifications. Load and scaling metric of an hour are joined:
/// the load that makes the scaling metric, summed over the capacity, one unit higher is what the hours so far say
/// together. SOURCE: Application Auto Scaling API, PredictiveScalingMetricSpecification (the load metric is a total,
/// the scaling metric a mean over the capacity). Our reading: a ratio of sums over the history.
struct PredictiveMetrics {
  MetricId load, scaling;
  Statistic load_statistic = Statistic::sum, scaling_statistic = Statistic::average;
  std::optional<MetricId> capacity{};  ///< none: the running tasks
  Statistic capacity_statistic = Statistic::average;
};

/// A policy that alarms set off, as others may see it.
struct AlarmPolicy {
  std::string name;
  bool tracking = true;     ///< else step scaling
  std::int64_t target = 0;  ///< of target tracking
  AlarmId high, low;        ///< step scaling has one, `high`
};

/// An evaluation of a service's policies, a scheduled action or a forecast that took effect.
struct ServiceScalingDetail : Detail {
  enum class Cause : std::uint8_t { alarm, scheduled_action, forecast };
  WorkloadId service;
  Cause cause = Cause::alarm;
  std::string name;                                 ///< of the scheduled action
  std::int64_t running = 0, before = 0, after = 0;  ///< running tasks; desired count
  std::vector<AlarmPolicy> policies;
  /// Of a change that alarms made: the policy whose wish it is, and its alarm; of equal wishes the first.
  std::optional<std::size_t> decider;  ///< index in `policies`
  AlarmId decided_by{};
  const CloudWatch* cloudwatch = nullptr;  ///< states and values of their alarms
};

/// Application Auto Scaling on the desired count of ECS services: target tracking (whose two alarms it makes), step
/// scaling, scheduled actions and predictive scaling, on one CloudWatch.
///
/// Each minute in which an alarm of a target is in ALARM, all its policies are asked at once. Out: the largest wish
/// wins. In: a target tracking policy only when all of them with scale-in enabled want it; a step policy in ALARM acts
/// by itself; the larger result wins. Target tracking reckons from the running tasks, which the metric is about, and
/// in its cooldown without those that it has added (TrackingCooldown); in from the desired count. Scale-in is suspended
/// while a deployment replaces tasks. A forecast is a floor during its hour, set SchedulingBufferTime before it begins.
/// SOURCE: Application Auto Scaling user guide: target tracking, step scaling, scheduled and predictive scaling;
/// Amazon ECS developer guide, service auto scaling.
class ServiceAutoScaling : public ComponentOf<ServiceAutoScaling> {
 public:
  /// `calendar`: Unix seconds at simulated time zero. `precision`: a scheduled action runs so long after its minute.
  ServiceAutoScaling(HandlerId cloudwatch, EpochSeconds calendar, Duration precision = seconds(5))
      : cloudwatch_(cloudwatch), calendar_(calendar), precision_(precision) {}

  /// The bounds are the workload's.
  void add_target(WorkloadId service, SuspendedScaling suspended = {});
  void track(CloudWatch& cloudwatch, WorkloadId service, const TrackingConfig& config);
  void step(WorkloadId service, StepConfig config);
  void schedule(WorkloadId service, ScheduledAction action);
  void predict(WorkloadId service, PredictiveLoad load, const PredictivePolicy& policy);
  /// With metrics of the user's own, which the CloudWatch keeps for an hour.
  void predict(CloudWatch& cloudwatch, WorkloadId service, const PredictiveMetrics& metrics,
               const PredictivePolicy& policy);

  std::vector<AlarmPolicy> policies_of(WorkloadId service) const;

  void start(World& world) override;
  void handle(World& world, const Event& event) override;

 private:
  enum : std::uint64_t { kAlarm = 0, kAction = 1, kHour = 2, kForecast = 3 };
  struct Tracking {
    TrackingConfig config;
    AlarmId high, low;
    TrackingCooldown cooldown;
  };
  struct Step {
    StepConfig config;
    std::optional<Time> last_out, last_in;
    std::int64_t added = 0;  ///< by the scale-out whose cooldown runs
  };
  struct Predictive {
    PredictiveLoad load{};
    PredictivePolicy policy;
    HourlyForecast forecast;
    WorkloadReading at_hour;  ///< reading at the last full hour
    PredictiveMetrics metrics{};
    double loads = 0, demands = 0;  ///< customized: sums over the hours of the load, and of scaling metric x capacity
  };
  struct Target {
    WorkloadId workload;
    SuspendedScaling suspended;
    std::vector<Tracking> tracking;
    std::vector<Step> steps;
    std::vector<ScheduledAction> actions;
    std::vector<Predictive> predictive;
    std::int64_t floor = 0, next_floor = 0;  ///< of the forecast for the present hour and the next
    std::int64_t raised_maximum = 0;         ///< IncreaseMaxCapacity lifts the maximum so far
    /// Who made the last evaluation's change, as ServiceScalingDetail has it.
    std::optional<std::size_t> decider;
    AlarmId decided_by{};
    Time evaluated = kTimeNever;  ///< several alarms at one instant are one evaluation
    void decide(std::size_t policy, AlarmId alarm) {
      decider = policy;
      decided_by = alarm;
    }
  };

  Target& target_of(WorkloadId workload);
  const CloudWatch& cloudwatch(World& world) const {
    return dynamic_cast<const CloudWatch&>(world.component(cloudwatch_));
  }
  void evaluate(World& world, Target& target);
  void tell(World& world, const Target& target, ServiceScalingDetail::Cause cause, const std::string& name,
            std::int64_t before) const;
  void evaluate_in(World& world, Target& target, std::int64_t step_in);
  std::optional<std::int64_t> step_wish(const World& world, const CloudWatch& cw, const Target& target,
                                        const Step& step) const;
  void run_action(World& world, Target& target, std::size_t index);
  void schedule_action(World& world, std::size_t target, std::size_t index);
  void close_hour(World& world, Target& target);
  void apply_forecast(World& world, Target& target);

  HandlerId cloudwatch_;
  EpochSeconds calendar_;
  Duration precision_;
  std::vector<Target> targets_;
  std::vector<PolicyWish> wishes_;
};

}  // namespace plimsoll::aws
