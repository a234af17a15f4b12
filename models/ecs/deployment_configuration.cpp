#include "models/ecs/deployment_configuration.h"

namespace plimsoll::ecs {

DeploymentConfiguration deployment_configuration(const WorkloadSpec& spec, std::int64_t breaker_minimum,
                                                 bool zone_rebalancing) {
  const EcsRollout& r = spec.ecs_rollout;
  DeploymentConfiguration c;
  c.minimum_healthy_percent = r.minimum_healthy_percent.value_or(100);
  c.maximum_percent = r.maximum_percent.value_or(200);
  c.breaker.enable = r.breaker;
  c.breaker.rollback = r.breaker_rollback;
  c.breaker.type = r.threshold == EcsRollout::Threshold::bounded_percent     ? BreakerThreshold::bounded_percent
                   : r.threshold == EcsRollout::Threshold::unbounded_percent ? BreakerThreshold::unbounded_percent
                                                                             : BreakerThreshold::count;
  c.breaker.value = r.threshold_value;
  c.breaker.minimum = breaker_minimum;
  c.breaker.reset_on_healthy_task = r.reset_on_healthy_task;
  c.strategy = r.strategy;
  c.bake = r.bake;
  if (r.strategy == EcsRollout::Strategy::canary) c.step = r.canary;
  if (r.strategy == EcsRollout::Strategy::linear) c.step = r.step;
  if (c.step.raw() > 0) c.step_bake = r.step_bake;
  c.alarms = r.alarms;
  c.alarms_rollback = r.alarms_rollback;
  if (r.strategy != EcsRollout::Strategy::rolling) c.hooks = r.hooks;
  c.health_check_grace = spec.grace;
  c.zone_rebalancing = zone_rebalancing && c.maximum_percent > 100;
  return c;
}

void fill_template(const WorkloadSpec& spec, PodTemplate& out) {
  for (const ProbeFacts& facts : spec.ecs_probes) {
    if (facts.kind != "health check") continue;
    ContainerProbe check;
    check.period = facts.period;
    check.failures = facts.failures;
    out.readiness = check;
    check.initial_delay = facts.start;
    out.liveness = check;
  }
  out.stop_grace = spec.ecs_stop_grace;
}

}  // namespace plimsoll::ecs
