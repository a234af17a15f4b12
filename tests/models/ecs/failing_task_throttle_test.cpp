#include "models/ecs/failing_task_throttle.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::ecs;

TEST_CASE("the wait doubles from a second up to the limit") {
  const FailingTaskThrottle t;
  CHECK(throttle_delay(t, 0) == Duration{0});
  CHECK(throttle_delay(t, 1) == seconds(1));
  CHECK(throttle_delay(t, 2) == seconds(2));
  CHECK(throttle_delay(t, 11) == seconds(1024));
  CHECK(throttle_delay(t, 12) == minutes(27));  // 2,048 s would pass 1,620 s
  CHECK(throttle_delay(t, 1'000'000) == minutes(27));
}

TEST_CASE("the limit of 2023 was a quarter of an hour") {
  FailingTaskThrottle t;
  t.longest = minutes(15);
  CHECK(throttle_delay(t, 10) == seconds(512));
  CHECK(throttle_delay(t, 11) == minutes(15));
}

TEST_CASE("a linear curve grows by the first wait") {
  FailingTaskThrottle t;
  t.curve = ThrottleCurve::linear;
  t.first = seconds(10);
  CHECK(throttle_delay(t, 0) == Duration{0});
  CHECK(throttle_delay(t, 3) == seconds(30));
  CHECK(throttle_delay(t, 1'000'000) == minutes(27));
}
