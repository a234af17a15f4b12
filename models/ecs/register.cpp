#include "models/ecs/api/event_bridge_reader.h"
#include "models/ecs/api/manifest_reader.h"
#include "models/ecs/platform.h"

namespace plimsoll::ecs {

void register_ecs(Registry& registry) {
  registry.add_platform(ecs_platform());
  registry.add_reader(api::ecs_manifest_reader());
  registry.add_reader(api::event_bridge_reader());
  const std::string placement = "ECS developer guide, Amazon ECS task placement strategies";
  registry.add_policy({"placement strategy", "random", "any instance with room", placement, {}});
  registry.add_policy({"placement strategy",
                       "binpack",
                       "the instance with least of the field left that still fits",
                       placement,
                       {{"field", "", "cpu, memory", "none", placement}}});
  registry.add_policy({"placement strategy",
                       "spread",
                       "the value of the field with fewest tasks of the service",
                       placement,
                       {{"field", "", "zone, instance", "zone, then instance for services", placement}}});
  registry.add_policy({"replica scaler",
                       "target-tracking",
                       "ceil(running x metric / target) on two CloudWatch alarms",
                       "Application Auto Scaling user guide, target tracking",
                       {{"each.scale.cpu", "%", "0 to 1000", "none", "scenario"},
                        {"each.scale.memory", "%", "0 to 1000", "none", "scenario"},
                        {"each.scale.requests", "1/s for each task", "0 and more", "none", "scenario"},
                        {"each.scale.metrics", "for each task", "above 0", "none", "scenario"},
                        {"scaleOutCooldown", "s", "0 to 24 h", "300", "Application Auto Scaling defaults for ECS"},
                        {"scaleInCooldown", "s", "0 to 24 h", "300", "Application Auto Scaling defaults for ECS"}}});
  const std::string scaling = "Application Auto Scaling user guide and API reference";
  registry.add_policy(
      {"replica scaler",
       "step-scaling",
       "the step whose bounds hold the metric, set off by an alarm of the user's",
       scaling,
       {{"AdjustmentType", "", "ChangeInCapacity, ExactCapacity, PercentChangeInCapacity", "none", scaling},
        {"StepAdjustments", "", "1 to 20 steps without gaps", "none", scaling},
        {"MinAdjustmentMagnitude", "tasks", "0 and more", "0", scaling},
        {"Cooldown", "s", "0 and more", "300", scaling}}});
  registry.add_policy({"replica scaler",
                       "scheduled-scaling",
                       "new bounds at at(...), rate(...) or cron(...), on the clock of a time zone",
                       scaling,
                       {{"Schedule", "", "at, rate, cron", "none", scaling},
                        {"Timezone", "", "IANA name", "UTC", scaling},
                        {"each.scale.schedule", "", "crontab, zone, min, max", "none", "scenario"}}});
  registry.add_policy(
      {"replica scaler",
       "predictive-scaling",
       "hourly forecast from the same hours before; a floor of the hour, set ahead of it",
       scaling,
       {{"Mode", "", "ForecastOnly, ForecastAndScale", "ForecastOnly", scaling},
        {"SchedulingBufferTime", "s", "0 to 3600", "300", scaling},
        {"MaxCapacityBreachBehavior", "", "HonorMaxCapacity, IncreaseMaxCapacity", "HonorMaxCapacity", scaling},
        {"MaxCapacityBuffer", "%", "0 to 100", "none", scaling}}});
  registry.add_policy(
      {"alarm",
       "cloudwatch",
       "M of N datapoints beyond a threshold, missing data as told",
       "Amazon CloudWatch user guide, using alarms and missing data",
       {{"metricPeriod", "s", "60, 20", "60", "Amazon ECS sends metrics every minute"},
        {"delays.metricPublication", "s", "", "60", "not documented; 1 to 3 min end to end"},
        {"TreatMissingData", "", "missing, ignore, breaching, notBreaching", "missing", "PutMetricAlarm"},
        {"DatapointsToAlarm", "", "1 to EvaluationPeriods", "EvaluationPeriods", "PutMetricAlarm"}}});
  registry.add_policy({"node scaler",
                       "managed-scaling",
                       "target tracking on CapacityProviderReservation = M / N",
                       "ECS developer guide, managed scaling behavior",
                       {{"target", "%", "1 to 100", "100", "ECS API reference"},
                        {"minimumScalingStepSize", "instances", "1 to 10000", "1", "ECS API reference"},
                        {"maximumScalingStepSize", "instances", "1 to 10000", "10000", "ECS API reference"},
                        {"instanceWarmupPeriod", "s", "0 to 10000", "300", "ECS API reference"}}});
  registry.add_policy({"node scaler",
                       "cluster-reservation",
                       "step or simple scaling of the group on CPUReservation and MemoryReservation alarms",
                       "EC2 Auto Scaling user guide, step and simple scaling policies",
                       {{"scalingPolicies", "", "see the scenario's schema", "none", "scenario"},
                        {"cooldown", "s", "", "300", "EC2 Auto Scaling default cooldown"}}});
  const std::string forecasts = "EC2 Auto Scaling user guide, predictive scaling";
  registry.add_policy(
      {"node scaler",
       "group-predictive-scaling",
       "hourly forecast of a group's load from the same hours before; a floor of its desired capacity",
       forecasts,
       {{"capacityProviders.*.predictiveScaling", "", "see the scenario's schema", "none", "scenario"},
        {"mode", "", "ForecastOnly, ForecastAndScale", "ForecastOnly", forecasts},
        {"schedulingBufferTime", "s", "0 to 3600", "300", forecasts},
        {"maxCapacityBreachBehavior", "", "HonorMaxCapacity, IncreaseMaxCapacity", "HonorMaxCapacity", forecasts},
        {"maxCapacityBuffer", "%", "0 to 100", "0", forecasts}}});
  registry.add_policy({"node scaler",
                       "managed-instances",
                       "the cheapest type that holds what waits; ends what is idle, drains what fits elsewhere",
                       "ECS developer guide, Amazon ECS Managed Instances; our reading of the choice",
                       {{"instanceRequirements", "", "types", "current x86_64, no T", "ECS API reference"},
                        {"scaleInAfter", "s", "-1 to 3600", "300", "AWS's own is not published"}}});
  const std::string math = "Amazon CloudWatch user guide, using metric math";
  registry.add_policy(
      {"alarm",
       "metric-math",
       "an expression over metrics of one period, watched by an alarm or a target tracking policy",
       math,
       {{"Expression", "", "+ - * /, comparisons, IF, FILL, SUM, AVG, MIN, MAX, RATE, DIFF, ...", "none", math},
        {"ReturnData", "", "one query of the list", "none", math}}});
  const std::string allocation = "EC2 Auto Scaling user guide, allocation strategies for multiple instance types";
  for (const char* name : {"prioritized", "lowest-price", "capacity-optimized", "capacity-optimized-prioritized",
                           "price-capacity-optimized"}) {
    registry.add_policy({"allocation strategy", name, "which type of a group is launched next", allocation, {}});
  }
  const std::string termination =
      "EC2 Auto Scaling user guide, control which Auto Scaling instances terminate during scale in";
  for (const char* name : {"Default", "AllocationStrategy", "OldestLaunchTemplate", "OldestLaunchConfiguration",
                           "ClosestToNextInstanceHour", "NewestInstance", "OldestInstance"}) {
    registry.add_policy({"termination policy", name, "which instance of a group a scale-in ends", termination, {}});
  }
}

}  // namespace plimsoll::ecs
