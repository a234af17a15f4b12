#pragma once

#include <string>
#include <vector>

#include "models/aws/application_auto_scaling/step_scaling.h"
#include "models/aws/cloudwatch/alarm.h"
#include "sim/cluster/world.h"
#include "sim/policy/binding_limits.h"

namespace plimsoll::ecs {

enum class ReservationMetric : std::uint8_t { cpu, memory };

/// One policy of the classic design: an alarm on CPUReservation or MemoryReservation of the cluster, and what it does
/// to the Auto Scaling group.
struct ReservationPolicy {
  ReservationMetric metric = ReservationMetric::cpu;
  aws::AlarmDefinition alarm;  ///< threshold in millionths of a percent
  bool simple = false;         ///< SimpleScaling: one adjustment, then a cooldown; else StepScaling with a warm-up
  aws::StepScalingPolicy steps;
  Duration cooldown = seconds(300);  ///< simple: the group's default; step: EstimatedInstanceWarmup
};

/// Scaling of container instances from before capacity providers: once a minute the cluster's reservation (100 x what
/// running tasks reserve / what ACTIVE and DRAINING instances register), its alarms, and step or simple policies of the
/// group. A simple policy waits for its activity and a cooldown; a step policy counts instances that still warm up as
/// capacity it has added, and does not scale in meanwhile. An alarm that stays repeats its action each minute. Without
/// registered instances there is no datapoint. A forecast of the group (predictive scaling) is a floor. Tasks that
/// cannot be placed do not count: the design's known flaw. SOURCE: ECS developer guide, "Amazon ECS CloudWatch
/// metrics"; EC2 Auto Scaling user guide, "Step and simple scaling policies", "Scaling cooldowns".
class ClusterReservationScaling : public ComponentOf<ClusterReservationScaling>, public BindingLimits {
 public:
  ClusterReservationScaling(NodeGroupId group, std::vector<ReservationPolicy> policies, Duration publication_delay);

  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  /// The group's maximum: it binds while the group stands there and an alarm asks for more.
  std::vector<Limit> binding_limits(const World& world) const override;

 private:
  enum : std::uint64_t { kMinute = 0, kPublish = 1 };
  struct Policy {
    ReservationPolicy rule;
    aws::Alarm alarm;
    std::int64_t added = 0;  ///< by the last scale-out, while it warms up
    Time quiet_until{};
  };
  struct Datapoint {
    bool present = false;
    std::int64_t cpu = 0, memory = 0;  ///< millionths of a percent
  };
  Datapoint measure(const World& world) const;
  void act(World& world, Policy& policy, std::int64_t value);
  bool settled(const World& world) const;

  NodeGroupId group_;
  Duration publication_delay_;
  std::vector<Policy> policies_;
  std::vector<Datapoint> unpublished_;
  LimitClock maximum_;
};

}  // namespace plimsoll::ecs
