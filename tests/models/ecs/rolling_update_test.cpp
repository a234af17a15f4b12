#include "models/ecs/rolling_update.h"

#include <doctest/doctest.h>

#include "models/ecs/deployment_percent.h"

using namespace plimsoll::ecs;

namespace {
RollingCounts counts(std::int64_t desired, std::int64_t min_percent, std::int64_t max_percent) {
  RollingCounts c;
  c.desired = desired;
  const DeploymentBounds b = deployment_bounds(desired, min_percent, max_percent);
  c.lower = b.lower;
  c.upper = b.upper;
  return c;
}

/// Plays a deployment whose tasks become healthy, and old ones stop, one step later. Checks the bounds on the way.
int steps_to_steady(RollingCounts c) {
  c.old_tasks = c.old_healthy = c.desired;
  for (int step = 0; step < 1000; ++step) {
    const RollingStep s = rolling_step(c);
    if (s.steady) return step;
    if (s.nothing() && c.new_healthy == c.new_tasks && c.stopping == 0) return -1;
    const std::int64_t started = s.start_new;
    c.stopping = s.stop_old_healthy + s.stop_old_unhealthy;
    c.old_tasks -= c.stopping;
    c.old_healthy -= s.stop_old_healthy;
    c.new_healthy = c.new_tasks;  // those of the step before
    c.new_tasks += started;
    CHECK(c.new_healthy + c.old_healthy >= c.lower);
    CHECK(c.new_tasks + c.old_tasks + c.stopping <= c.upper);
  }
  return -1;
}
}  // namespace

TEST_CASE("a minimum of half stops half before anything starts") {
  RollingCounts c = counts(4, 50, 100);
  c.old_tasks = c.old_healthy = 4;
  const RollingStep s = rolling_step(c);
  CHECK(s.stop_old_healthy == 2);
  CHECK(s.start_new == 0);
}

TEST_CASE("a maximum of 200 starts a whole second set first") {
  RollingCounts c = counts(4, 100, 200);
  c.old_tasks = c.old_healthy = 4;
  const RollingStep s = rolling_step(c);
  CHECK(s.start_new == 4);
  CHECK(s.stop_old_healthy == 0);
}

TEST_CASE("every deployment with room ends steady and inside its bounds") {
  for (std::int64_t desired = 1; desired <= 30; ++desired) {
    for (const std::int64_t lower : {0, 25, 50, 90, 100}) {
      for (const std::int64_t upper : {100, 110, 150, 200}) {
        const bool stuck = deployment_bounds(desired, lower, upper).stuck;
        CAPTURE(desired);
        CAPTURE(lower);
        CAPTURE(upper);
        CHECK((steps_to_steady(counts(desired, lower, upper)) >= 0) == !stuck);
      }
    }
  }
}

TEST_CASE("stopping tasks fill the upper bound when they count") {
  RollingCounts c = counts(4, 50, 100);
  c.old_tasks = c.old_healthy = 2;
  c.stopping = 2;
  CHECK(rolling_step(c).start_new == 0);
  c.count_stopping = false;
  CHECK(rolling_step(c).start_new == 2);
}

TEST_CASE("an unhealthy task is replaced start first when there is room") {
  RollingCounts c = counts(4, 100, 200);
  c.new_tasks = c.new_healthy = 3;
  c.old_tasks = 1;  // to be replaced, not healthy
  RollingStep s = rolling_step(c);
  CHECK(s.start_new == 1);
  CHECK(s.stop_old_unhealthy == 0);
  c.new_tasks = c.new_healthy = 4;
  s = rolling_step(c);
  CHECK(s.start_new == 0);
  CHECK(s.stop_old_unhealthy == 1);
}

TEST_CASE("without room unhealthy tasks go one at a time") {
  RollingCounts c = counts(4, 100, 100);
  c.new_tasks = c.new_healthy = 1;
  c.old_tasks = 3;
  CHECK(rolling_step(c).stop_old_unhealthy == 1);
  c.old_tasks = 2;
  c.stopping = 1;
  CHECK(rolling_step(c).stop_old_unhealthy == 0);
  CHECK(rolling_step(c).start_new == 0);
  c.stopping = 0;
  CHECK(rolling_step(c).start_new == 1);
}

TEST_CASE("a smaller desired count ends tasks that serve nobody first") {
  RollingCounts c = counts(3, 100, 200);
  c.new_tasks = 6;
  c.new_healthy = 4;
  const RollingStep s = rolling_step(c);
  CHECK(s.stop_new_unhealthy == 2);
  CHECK(s.stop_new_healthy == 1);
  CHECK_FALSE(s.steady);
}

TEST_CASE("a healthy service of the right size is steady and left alone") {
  RollingCounts c = counts(3, 100, 200);
  c.new_tasks = c.new_healthy = 3;
  CHECK(rolling_step(c).steady);
  CHECK(rolling_step(c).nothing());
}
