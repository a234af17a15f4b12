#pragma once

#include <cstdint>
#include <vector>

#include "models/aws/application_auto_scaling/predictive.h"
#include "sim/cluster/world.h"
#include "sim/policy/workload_reading.h"

namespace plimsoll::aws {

/// Which load a predictive policy of a group forecasts: a predefined metric pair.
enum class GroupLoad : std::uint8_t {
  cpu,       ///< ASGCPUUtilization: total CPU use of the instances, in percent of one; target: mean percent
  requests,  ///< ALBRequestCount: requests a minute of the balancer; target: requests a minute and instance
};

struct GroupPrediction {
  GroupLoad load = GroupLoad::cpu;
  PredictivePolicy policy;
};

/// Predictive scaling of an EC2 Auto Scaling group. Each hour of the calendar closes with its mean load; with 24 of
/// them there is a forecast, and SchedulingBufferTime before an hour begins the desired capacity is lifted to what that
/// hour takes at the target, within the sizes of the group. The forecast is a floor during its hour: other policies of
/// the group scale in down to it. It never scales in itself. With IncreaseMaxCapacity a forecast that reaches the
/// maximum raises it, and it stays raised. ForecastOnly forecasts and changes nothing. Of several policies the largest
/// wish counts. SOURCE: EC2 Auto Scaling user guide, "Predictive scaling for Amazon EC2 Auto Scaling", "Override
/// forecast values using scheduled actions" (not simulated); API PredictiveScalingConfiguration. The forecast itself is
/// forecast_load. An instance's CPU use is that of the tasks on it: use of a workload whose tasks lie in several groups
/// is split by their number. Left out: the network metric pairs, custom pairs, mixed groups' uneven instances (their
/// mean size counts).
class GroupPredictiveScaling : public ComponentOf<GroupPredictiveScaling> {
 public:
  /// `calendar`: Unix seconds at simulated time zero. @pre each policy's target > 0 and buffer <= 1 h.
  GroupPredictiveScaling(NodeGroupId group, const std::vector<GroupPrediction>& policies, std::int64_t calendar);

  void start(World& world) override;
  void handle(World& world, const Event& event) override;

  /// The least capacity that the group's forecast asks for now; 0 without one.
  static std::int64_t floor_of(World& world, NodeGroupId group);

 private:
  enum : std::uint64_t { kMinute = 0, kHour = 1, kApply = 2 };
  struct Policy {
    GroupPrediction what;
    HourlyForecast forecast;
    std::int64_t floor = 0, next_floor = 0;  ///< of the running hour and of the next
  };
  void sample(World& world);
  double cpu_percent(const World& world) const;
  void close_hour();
  void apply(World& world, Policy& policy);

  NodeGroupId group_;
  std::int64_t calendar_;
  std::vector<Policy> policies_;
  std::vector<WorkloadReading> before_, now_;  ///< by workload
  double cpu_ = 0, requests_ = 0;              ///< of the running hour: sum of the samples
  std::int64_t samples_ = 0;
};

}  // namespace plimsoll::aws
