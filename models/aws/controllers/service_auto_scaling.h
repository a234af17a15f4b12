#pragma once

#include <vector>

#include "sim/cluster/world.h"

namespace plimsoll::aws {

/// Target tracking of an ECS service on ECSServiceAverageCPUUtilization.
/// SOURCE: Application Auto Scaling user guide, "Target tracking scaling policies"; alarm pairs as seen in exported
/// configurations (High: 3 of 3 minutes above the target; Low: 15 of 15 below 0.9 x target).
struct TargetTrackingParameters {
  Ppm target = percent(60);
  std::int64_t high_periods = 3, low_periods = 15;
  Ppm low_factor = percent(90);
  Duration scale_out_cooldown = seconds(300);
  Duration scale_in_cooldown = seconds(300);
  /// A minute's datapoint can be read so long after the minute ended. Not documented; 1 to 3 min end to end is
  /// reported, of which the period itself is a part.
  Duration publication_delay = seconds(60);
};

/// What became of a minute's datapoint.
enum class TrackingAction : std::uint8_t {
  none,  ///< neither alarm is in state ALARM
  scaled_out,
  scaled_in,
  cooling_down,  ///< the low alarm fires, within a cooldown
  at_bound,      ///< an alarm fires, but the wanted count is not beyond the one that stands
};

/// One datapoint of a service's metric, its two alarms, and what followed.
struct TrackingDetail : Detail {
  WorkloadId service;
  std::int64_t value = -1;                             ///< millionths; -1: missing
  std::int64_t high_threshold = 0, low_threshold = 0;  ///< millionths
  std::int64_t above = 0, below = 0;                   ///< newest datapoints in a row beyond the threshold
  std::int64_t high_periods = 3, low_periods = 15;
  std::int64_t running = 0, before = 0, wanted = 0;  ///< running tasks; desired count
  Duration publication_delay{};                      ///< the minute ended so long ago
  TrackingAction action = TrackingAction::none;
};

/// CloudWatch minutes of a service's CPU, the two alarms of its policy, and the changes of its desired count.
/// Utilisation of a minute = CPU used by its tasks / CPU reserved by running tasks; no running task, no datapoint.
/// The wanted capacity is ceil(capacity x metric / target); the capacity it starts from is the number of running tasks
/// that the metric is about, so that what was added and does not run yet is not added again. Out: at once, within the
/// cooldown only to a larger value than already asked for. In: after 15 minutes below, then at most once a cooldown.
class ServiceAutoScaling : public ComponentOf<ServiceAutoScaling> {
 public:
  void track(WorkloadId service, const TargetTrackingParameters& parameters);

  void start(World& world) override;
  void handle(World& world, const Event& event) override;

 private:
  struct Service {
    WorkloadId workload;
    TargetTrackingParameters parameters;
    __int128 used = 0, reserved = 0;        ///< at the last minute
    std::vector<std::int64_t> unpublished;  ///< utilisation in millionths, -1 = missing
    std::int64_t above = 0, below = 0;      ///< how many newest datapoints in a row
    Time out_until{}, in_until{};
  };
  enum : std::uint64_t { kMinute = 0, kPublish = 1 };
  TrackingAction evaluate(World& world, Service& service, std::int64_t utilization, std::int64_t& wanted);

  std::vector<Service> services_;
};

/// ceil(capacity x metric / target), at least 0. Metric and target in the same unit. @pre target > 0.
std::int64_t tracked_capacity(std::int64_t capacity, std::int64_t metric, std::int64_t target);

}  // namespace plimsoll::aws
