#pragma once

#include <string>
#include <vector>

#include "models/aws/application_auto_scaling/step_scaling.h"
#include "models/aws/cloudwatch/cloudwatch.h"
#include "sim/cluster/world.h"
#include "sim/policy/binding_limits.h"

namespace plimsoll::ecs {

/// One policy of the classic design: an alarm on a reservation of the cluster, and what it does to the Auto Scaling
/// group.
struct ReservationPolicy {
  std::string alarm_name;
  aws::MetricName metric = aws::MetricName::cluster_cpu_reservation;
  aws::AlarmDefinition alarm;  ///< threshold in millionths of a percent
  aws::Statistic statistic = aws::Statistic::average;
  bool simple = false;  ///< SimpleScaling: one adjustment, then a cooldown; else StepScaling with a warm-up
  aws::StepScalingPolicy steps;
  Duration cooldown = seconds(300);  ///< simple: the group's default; step: EstimatedInstanceWarmup
};

/// Scaling of container instances from before capacity providers: CloudWatch alarms on the cluster's reservation (100 x
/// what running tasks reserve / what ACTIVE and DRAINING instances register), which the user makes, and step or simple
/// policies of the group that they set off. A simple policy waits for its activity and a cooldown; a step policy counts
/// instances that still warm up as capacity it has added, and does not scale in meanwhile. An alarm that stays repeats
/// its action each minute. Without registered instances there is no datapoint; an alarm that goes off for missing data
/// sets off simple policies, while a step policy, which goes by the newest period, has no value to choose a step by
/// (our reading). A forecast of the group (predictive scaling) is a floor. Tasks that cannot be placed do not count:
/// the design's known flaw. SOURCE: ECS developer guide, "Amazon ECS CloudWatch metrics"; EC2 Auto Scaling user guide,
/// "Step and simple scaling policies", "Scaling cooldowns".
class ClusterReservationScaling : public ComponentOf<ClusterReservationScaling>, public BindingLimits {
 public:
  /// The alarms of the policies are those of their names at `cloudwatch`.
  ClusterReservationScaling(NodeGroupId group, std::vector<ReservationPolicy> policies, HandlerId cloudwatch);

  NodeGroupId group() const { return group_; }
  /// The alarms of its policies, in their order. @pre the run has begun.
  std::vector<aws::AlarmId> alarms() const;

  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  /// The group's maximum: it binds while the group stands there and an alarm asks for more.
  std::vector<Limit> binding_limits(const World& world) const override;

 private:
  enum : std::uint64_t { kActs = 0, kEnds = 1 };
  struct Policy {
    ReservationPolicy rule;
    aws::AlarmId alarm;
    std::int64_t added = 0;  ///< by the last scale-out, while it warms up
    Time quiet_until{};
  };
  const aws::CloudWatch& cloudwatch(World& world) const {
    return dynamic_cast<const aws::CloudWatch&>(world.component(cloudwatch_));
  }
  void act(World& world, Policy& policy);
  bool settled(const World& world) const;

  NodeGroupId group_;
  HandlerId cloudwatch_;
  std::vector<Policy> policies_;
  LimitClock maximum_;
};

}  // namespace plimsoll::ecs
