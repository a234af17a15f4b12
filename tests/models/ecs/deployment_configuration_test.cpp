#include "models/ecs/deployment_configuration.h"

#include <doctest/doctest.h>

namespace plimsoll::ecs {
namespace {

TEST_CASE("without a word of the service ECS keeps all of it healthy and starts twice as many at most") {
  WorkloadSpec spec;
  spec.max_disruption = percent(25);  // of a PodDisruptionBudget: nothing to ECS
  DeploymentConfiguration c = deployment_configuration(spec, 3, true);
  CHECK(c.minimum_healthy_percent == 100);
  CHECK(c.maximum_percent == 200);
  CHECK(c.zone_rebalancing);
  CHECK(!c.breaker.enable);
  spec.ecs_rollout.minimum_healthy_percent = 50;
  spec.ecs_rollout.maximum_percent = 100;
  c = deployment_configuration(spec, 3, true);
  CHECK(c.minimum_healthy_percent == 50);
  CHECK(!c.zone_rebalancing);  // no room to start first
}

TEST_CASE("each strategy shifts by its own step") {
  WorkloadSpec spec;
  spec.ecs_rollout.strategy = EcsRollout::Strategy::linear;
  CHECK(deployment_configuration(spec, 3, true).step == percent(10));
  CHECK(deployment_configuration(spec, 3, true).step_bake == minutes(6));
  spec.ecs_rollout.strategy = EcsRollout::Strategy::canary;
  spec.ecs_rollout.step_bake = minutes(10);
  spec.ecs_rollout.alarms = {"errors"};
  spec.ecs_rollout.alarms_rollback = true;
  const DeploymentConfiguration canary = deployment_configuration(spec, 3, true);
  CHECK(canary.step == percent(5));
  CHECK(canary.step_bake == minutes(10));
  CHECK(canary.alarms == std::vector<std::string>{"errors"});
  CHECK(canary.alarms_rollback);
  spec.ecs_rollout.strategy = EcsRollout::Strategy::blue_green;
  CHECK(deployment_configuration(spec, 3, true).step == Ppm{});
  CHECK(deployment_configuration(spec, 3, true).step_bake == Duration{});
}

TEST_CASE("failed checks count after the start period; the service scheduler has the grace period") {
  WorkloadSpec spec;
  spec.ecs_probes = {{"health check", seconds(60), seconds(10), seconds(5), 3, 1}};
  spec.grace = seconds(90);
  spec.ecs_stop_grace = seconds(20);
  PodTemplate out;
  fill_template(spec, out);
  REQUIRE(out.readiness);
  CHECK(out.readiness->initial_delay == Duration{});
  CHECK(out.readiness->period == seconds(10));
  REQUIRE(out.liveness);
  CHECK(out.liveness->initial_delay == seconds(60));
  CHECK(deployment_configuration(spec, 3, true).health_check_grace == seconds(90));
  CHECK(out.stop_grace == seconds(20));
}

}  // namespace
}  // namespace plimsoll::ecs
