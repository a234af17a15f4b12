#include "models/aws/elb/target_health.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::aws;

TEST_CASE("a new target needs one pass, an unhealthy one five in a row") {
  TargetHealth t{HealthCheck{}};
  CHECK(t.state() == TargetState::initial);
  CHECK(t.on_check(true) == TargetState::healthy);
  CHECK(t.on_check(false) == TargetState::healthy);
  CHECK(t.on_check(true) == TargetState::healthy);
  CHECK(t.on_check(false) == TargetState::healthy);
  CHECK(t.on_check(false) == TargetState::unhealthy);
  for (int i = 0; i < 4; ++i) CHECK(t.on_check(true) == TargetState::unhealthy);
  CHECK(t.on_check(false) == TargetState::unhealthy);
  for (int i = 0; i < 4; ++i) CHECK(t.on_check(true) == TargetState::unhealthy);
  CHECK(t.on_check(true) == TargetState::healthy);
}

TEST_CASE("the stricter reading counts the healthy threshold from the start") {
  HealthCheck c;
  c.first_healthy_after = 5;
  TargetHealth t{c};
  for (int i = 0; i < 4; ++i) CHECK(t.on_check(true) == TargetState::initial);
  CHECK(t.on_check(true) == TargetState::healthy);
}

TEST_CASE("draining lasts for the delay, but an idle target may stop at once") {
  TargetHealth t{HealthCheck{}, TargetState::healthy};
  const Time now = kTimeZero + seconds(10);
  CHECK_FALSE(t.may_stop_at(false, now).has_value());
  t.deregister(now);
  CHECK(t.state() == TargetState::draining);
  CHECK(t.on_check(true) == TargetState::draining);
  CHECK(t.may_stop_at(false, now) == now);
  CHECK(t.may_stop_at(true, now) == now + seconds(300));
  CHECK(t.at(now + seconds(299)) == TargetState::draining);
  CHECK(t.at(now + seconds(300)) == TargetState::unused);
}

TEST_CASE("times and slow start") {
  HealthCheck c;
  c.interval = seconds(5);
  c.healthy_threshold = 2;
  CHECK(unhealthy_to_healthy(c) == seconds(10));
  CHECK(healthy_to_unhealthy(HealthCheck{}) == seconds(60));
  CHECK(slow_start_share(seconds(15), seconds(30)) == doctest::Approx(0.5));
  CHECK(slow_start_share(seconds(31), seconds(30)) == 1);
  CHECK(slow_start_share(seconds(0), Duration{}) == 1);
  CHECK(fails_open(0));
  CHECK_FALSE(fails_open(1));
}
