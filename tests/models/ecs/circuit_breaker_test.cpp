#include "models/ecs/circuit_breaker.h"

#include <doctest/doctest.h>

using namespace plimsoll::ecs;

namespace {
CircuitBreaker enabled() {
  CircuitBreaker b;
  b.enable = true;
  return b;
}
}  // namespace

TEST_CASE("the threshold is half of the desired count between 3 and 200") {
  const CircuitBreaker b;
  CHECK(breaker_threshold(b, 1) == 3);
  CHECK(breaker_threshold(b, 6) == 3);
  CHECK(breaker_threshold(b, 7) == 4);  // ceil(3.5)
  CHECK(breaker_threshold(b, 25) == 13);
  CHECK(breaker_threshold(b, 400) == 200);
  CHECK(breaker_threshold(b, 5000) == 200);
}

TEST_CASE("other kinds of threshold have no bounds") {
  CircuitBreaker b;
  b.type = BreakerThreshold::unbounded_percent;
  CHECK(breaker_threshold(b, 1000) == 500);
  CHECK(breaker_threshold(b, 1) == 1);
  b.type = BreakerThreshold::count;
  b.value = 7;
  CHECK(breaker_threshold(b, 1000) == 7);
}

TEST_CASE("failures to start trip the breaker once") {
  BreakerState s;
  CHECK_FALSE(breaker_observe(enabled(), 4, BreakerEvent::task_failed_to_start, s));
  CHECK_FALSE(breaker_observe(enabled(), 4, BreakerEvent::task_failed_to_start, s));
  CHECK(breaker_observe(enabled(), 4, BreakerEvent::task_failed_to_start, s));
  CHECK(s.tripped);
  CHECK_FALSE(breaker_observe(enabled(), 4, BreakerEvent::task_failed_to_start, s));
}

TEST_CASE("once a task runs only failed health checks count") {
  BreakerState s;
  breaker_observe(enabled(), 4, BreakerEvent::health_check_failed, s);
  CHECK(s.failures == 0);
  breaker_observe(enabled(), 4, BreakerEvent::task_running, s);
  breaker_observe(enabled(), 4, BreakerEvent::task_failed_to_start, s);
  CHECK(s.failures == 0);
  breaker_observe(enabled(), 4, BreakerEvent::health_check_failed, s);
  CHECK(s.failures == 1);
}

TEST_CASE("a healthy task resets the count unless told otherwise") {
  BreakerState s;
  breaker_observe(enabled(), 4, BreakerEvent::task_failed_to_start, s);
  breaker_observe(enabled(), 4, BreakerEvent::task_healthy, s);
  CHECK(s.failures == 0);
  CircuitBreaker keep = enabled();
  keep.reset_on_healthy_task = false;
  breaker_observe(keep, 4, BreakerEvent::task_failed_to_start, s);
  breaker_observe(keep, 4, BreakerEvent::task_healthy, s);
  CHECK(s.failures == 1);
}

TEST_CASE("a breaker that is off counts nothing") {
  BreakerState s;
  for (int i = 0; i < 300; ++i) CHECK_FALSE(breaker_observe({}, 4, BreakerEvent::task_failed_to_start, s));
}
