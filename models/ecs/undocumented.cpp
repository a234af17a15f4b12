#include "models/ecs/undocumented.h"

namespace plimsoll::ecs {

Undocumented Undocumented::read(document::Fields& column, const aws::AsOf& as_of, bool on_fargate) {
  Undocumented out;
  document::Fields f = column.child("undocumented", "what AWS does not document, each with what is assumed of it");
  const bool ec2 = !on_fargate || f.describing();
  out.throttle.first = f.duration("throttleFirst", out.throttle.first, "our reading: a second",
                                  "wait after a first task that failed to start", {milliseconds(1), hours(1)});
  out.throttle.longest = f.duration("throttleLongest", minutes(as_of.ecs_throttle_max_minutes),
                                    "documented: ECS developer guide, Service throttle logic", "the longest such wait",
                                    {seconds(1), hours(24)});
  out.throttle.curve = f.choice<ThrottleCurve>(
      "throttleCurve", {{"doubling", ThrottleCurve::doubling}, {"linear", ThrottleCurve::linear}},
      ThrottleCurve::doubling, "our reading: the curve is not published", "how the waits between attempts grow");
  out.launch_retry = f.duration("launchRetry", minutes(1), "assumed: not documented",
                                "a launch that found no capacity is tried again after so long", {seconds(1), hours(1)});
  out.launch_window = f.choice<LaunchWindow>(
      "serviceLaunchWindow",
      {{"sliding", LaunchWindow::sliding}, {"bucket", LaunchWindow::bucket}, {"minute", LaunchWindow::minute}},
      LaunchWindow::sliding, "our reading: the quota holds in any minute",
      "how the launches of a service a minute are counted: in any 60 s, by a token bucket, or in minutes one after the "
      "other");
  out.new_target_checks = f.integer(
      "newTargetChecks", 1, "ELB user guide: one passed check; ECS best practices count the healthy threshold 5",
      "passed checks until a new target of a balancer is healthy", {1, 10});
  out.alarm_range = f.integer("alarmEvaluationRange", out.alarm_range, "observed: the guide's example has 5 for N = 3",
                              "periods beyond EvaluationPeriods in which an alarm looks for datapoints", {0, 100});
  out.cooldown_reading = f.choice<aws::CooldownReading>(
      "scaleOutCooldown",
      {{"without-added", aws::CooldownReading::without_added}, {"net-increase", aws::CooldownReading::net_increase}},
      aws::CooldownReading::without_added, "our reading: as the documented example of step scaling",
      "what target tracking does in its cooldown: reckons from the capacity without what was added, or from all and "
      "takes that off the increase");
  out.split = f.choice<SplitRule>(
      "weightSplit",
      {{"largest-deficit", SplitRule::largest_deficit}, {"largest-remainder", SplitRule::largest_remainder}},
      SplitRule::largest_deficit, "our reading: it gives every published example",
      "rounding of the tasks of a service over the weights of a capacity provider strategy");
  if (!ec2) return out;
  out.placer.start_task = f.delay("startTask", out.placer.start_task, "our reading", "new task to its first placement");
  out.placer.retry =
      f.duration("provisioningRetry", out.placer.retry, "observed: AWS Containers blog on cluster auto scaling",
                 "tasks in PROVISIONING are tried again so often", {seconds(1), hours(1)});
  out.placer.provisioning_timeout =
      f.delay("provisioningTimeout", out.placer.provisioning_timeout, "observed: AWS Containers blog: 10 to 30 minutes",
              "a task in PROVISIONING is stopped after so long");
  out.placer.placement_attempts =
      f.integer("placementAttempts", out.placer.placement_attempts, "observed: amazon-ecs-agent issue 1160",
                "attempts of a service without room, provisioningRetry apart, before it waits longer; where ECS does "
                "not scale the instances",
                {1, 1000});
  out.placer.placement_retry =
      f.duration("placementRetry", out.placer.placement_retry,
                 "observed: about 5 minutes (reproio/ecs_deploy pull 53, amazon-ecs-agent issue 2309)",
                 "then it tries so often to place its tasks", {seconds(1), hours(1)});
  out.placer.draws_ties = f.choice<bool>("placementTies", {{"random", true}, {"first", false}}, true, "our reading",
                                         "which of equal instances gets a task: a drawn one, or the first registered");
  out.run_task_spreads = f.choice<bool>("runTaskPlacement", {{"random", false}, {"spread", true}}, false, "our reading",
                                        "RunTask without strategies: at random, or spread as services are");
  out.needed_sums = f.choice<bool>("neededInstances", {{"maximum", false}, {"sum", true}}, false,
                                   "our reading of \"maximum calculated instance count\"",
                                   "M of managed scaling over groups of waiting tasks with different needs");
  out.reservation_publication =
      f.duration("reservationPublication", seconds(15), "assumed",
                 "end of a minute to the datapoint of CapacityProviderReservation", {Duration{}, minutes(10)});
  return out;
}

}  // namespace plimsoll::ecs
