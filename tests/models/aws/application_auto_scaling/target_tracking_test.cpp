#include "models/aws/application_auto_scaling/target_tracking.h"

#include <doctest/doctest.h>

#include <vector>

using namespace plimsoll;
using namespace plimsoll::aws;

TEST_CASE("the wanted capacity is the ceiling of capacity times metric over target") {
  CHECK(target_tracking_desired(10, 150, 100, 0, 1000) == 15);
  CHECK(target_tracking_desired(3, 25, 50, 0, 1000) == 2);  // 1.5 could go, 1 goes
  CHECK(target_tracking_desired(3, 75, 50, 0, 1000) == 5);  // 1.5 are missing, 2 come
  CHECK(target_tracking_desired(20, 44, 50, 0, 1000) == 18);
  CHECK(target_tracking_desired(10, 50, 50, 0, 1000) == 10);
  CHECK(target_tracking_desired(40, 90, 50, 2, 50) == 50);
  CHECK(target_tracking_desired(10, 0, 50, 2, 50) == 2);
  CHECK(target_tracking_desired(0, 200, 100, 0, 50) == 2);  // none counts as one
}

TEST_CASE("the desired capacity at the metric that it would give is stable: no flapping by rounding") {
  for (std::int64_t current = 1; current < 60; ++current) {
    for (std::int64_t metric = 1; metric < 300; metric += 7) {
      const std::int64_t wanted = target_tracking_desired(current, metric, 60, 1, 100'000);
      // The same load on `wanted` tasks is at most the target, and on one task less it would exceed it.
      CHECK(current * metric <= wanted * 60);
      if (wanted > 1) CHECK(current * metric > (wanted - 1) * 60);
    }
  }
}

TEST_CASE("several policies: one is enough to go out, all are needed to go in") {
  const std::vector<PolicyWish> out = {{12, false}, {8, false}}, in = {{6, false}, {8, false}, {9, false}},
                                mixed = {{6, false}, {10, false}}, barred = {{6, false}, {4, true}},
                                unknown = {{6, false}, {std::nullopt, false}}, only_barred = {{4, true}};
  CHECK(combine_wishes(10, out) == 12);
  CHECK(combine_wishes(10, in) == 9);
  CHECK(combine_wishes(10, mixed) == 10);
  CHECK(combine_wishes(10, barred) == 6);
  CHECK(combine_wishes(10, unknown) == 10);
  CHECK(combine_wishes(10, only_barred) == 10);
  CHECK(combine_wishes(10, {}) == 10);
}

TEST_CASE("alarm pairs are those seen in exported configurations") {
  for (const auto& [target, low] : {std::pair{50, 45}, std::pair{70, 63}, std::pair{80, 72}}) {
    const TrackingAlarms a = ecs_service_alarms(target * 1'000'000);
    CHECK(a.high.threshold == target * 1'000'000);
    CHECK(a.low.threshold == low * 1'000'000);
    CHECK(a.high.evaluation_periods == 3);
    CHECK(a.low.evaluation_periods == 15);
  }
  CHECK(capacity_provider_alarms(100).high.evaluation_periods == 1);
  CHECK(capacity_provider_alarms(100).low.threshold == 100);
}

TEST_CASE("cooldowns let a larger need through and hold scale-in back") {
  TrackingCooldown c;
  const Time t = kTimeZero;
  CHECK(c.decide(10, 12, t) == 12);
  CHECK(c.decide(12, 15, t + seconds(120)) == 15);
  CHECK(c.decide(15, 14, t + seconds(180)) == 14);  // the first scale-in is free
  CHECK_FALSE(c.decide(14, 13, t + seconds(240)).has_value());
  CHECK(c.decide(14, 20, t + seconds(300)) == 20);  // ends the scale-in cooldown
  CHECK(c.decide(20, 19, t + seconds(360)) == 19);
  CHECK(c.decide(19, 18, t + seconds(660)) == 18);
}

TEST_CASE("what a scale-out added is part of the next one while its cooldown runs") {
  TrackingCooldown c(seconds(300), seconds(300));
  const Time t = kTimeZero;
  CHECK(c.base(10, 10, t) == 10);
  c.note(10, 14, t);
  // 14 run already, and still what counts is 10: the metric is of before they took effect.
  CHECK(c.base(14, 14, t + seconds(60)) == 10);
  CHECK(c.base(14, 8, t + seconds(60)) == 8);  // two of the 10 do not run
  c.note(14, 20, t + seconds(120));            // a larger need; the cooldown begins anew
  CHECK(c.base(20, 20, t + seconds(419)) == 10);
  CHECK(c.base(20, 20, t + seconds(420)) == 20);
  c.note(20, 22, t + seconds(420));
  CHECK(c.base(22, 22, t + seconds(421)) == 20);
  CHECK(c.base(1, 0, t + seconds(421)) == 1);  // somebody else has taken them away
  c.note(22, 21, t + seconds(430));            // given up again
  CHECK(c.base(21, 21, t + seconds(431)) == 21);
  TrackingCooldown none(Duration{}, Duration{});
  none.note(10, 14, t);
  CHECK(none.base(14, 14, t) == 14);
}

TEST_CASE("in the other reading a cooldown takes what was added off the increase") {
  TrackingCooldown c(seconds(300), seconds(300), CooldownReading::net_increase);
  const Time t = kTimeZero, later = t + seconds(60);
  c.note(2, 4, t);
  CHECK(c.base(4, 4, later) == 4);
  CHECK(c.outwards(4, 4, 6, later) == 4);  // two more, and two were added: none
  CHECK(c.outwards(4, 4, 8, later) == 6);  // four more: two beyond
  CHECK(c.outwards(4, 2, 4, later) == 4);  // the two that run ask for what was asked for
  CHECK(c.outwards(4, 4, 8, t + seconds(300)) == 8);
  TrackingCooldown usual;
  usual.note(2, 4, t);
  CHECK(usual.outwards(4, usual.base(4, 4, later), 4, later) == 4);  // from 2, at twice the target
}
