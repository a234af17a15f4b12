#include "models/ecs/az_rebalance.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "models/ecs/zone_balance.h"

using namespace plimsoll::ecs;
using Counts = std::vector<std::int64_t>;

TEST_CASE("zones get an equal share and the remainder one each") {
  CHECK(zone_targets(6, Counts{0, 0, 0}) == Counts{2, 2, 2});
  CHECK(zone_targets(5, Counts{0, 0, 0}) == Counts{2, 2, 1});
  CHECK(zone_targets(3, Counts{1, 2}) == Counts{1, 2});  // the fuller zone keeps the odd one
}

TEST_CASE("a service within one task is balanced") {
  CHECK(rebalance_plan(5, Counts{2, 2, 1}, 10).balanced);
  CHECK_FALSE(rebalance_plan(5, Counts{3, 1, 1}, 10).balanced);
}

TEST_CASE("whether a service is balanced is what its plan says") {
  CHECK(is_balanced(5, Counts{}));
  CHECK(is_balanced(5, Counts{1, 2, 2}));
  CHECK_FALSE(is_balanced(5, Counts{3, 1, 1}));
  CHECK(is_balanced(4, Counts{3, 1, 1}));  // one too many, which is not a matter of zones
  for (std::int64_t desired = 0; desired <= 7; ++desired) {
    for (std::int64_t a = 0; a <= 4; ++a) {
      for (std::int64_t b = 0; b <= 4; ++b) {
        CHECK(is_balanced(desired, Counts{a, b}) == rebalance_plan(desired, Counts{a, b}, 9).balanced);
        for (std::int64_t c = 0; c <= 4; ++c)
          CHECK(is_balanced(desired, Counts{a, b, c}) == rebalance_plan(desired, Counts{a, b, c}, 9).balanced);
      }
    }
  }
}

TEST_CASE("tasks start in the empty zone before they stop in the full one") {
  const RebalancePlan p = rebalance_plan(6, Counts{4, 2, 0}, 12);
  CHECK(p.start == Counts{0, 0, 2});
  CHECK(p.stop == Counts{2, 0, 0});
}

TEST_CASE("the upper bound limits how many start at once") {
  const RebalancePlan p = rebalance_plan(8, Counts{6, 2, 0, 0}, 9);
  CHECK(p.start == Counts{0, 0, 1, 0});
  CHECK(p.stop == Counts{1, 0, 0, 0});
  CHECK(rebalance_plan(8, Counts{6, 2, 0, 0}, 8).start == Counts{0, 0, 0, 0});
}

TEST_CASE("plans carried out end balanced") {
  for (std::int64_t a = 0; a <= 9; ++a) {
    for (std::int64_t b = 0; b <= 9; ++b) {
      for (std::int64_t c = 0; c <= 9; ++c) {
        Counts zones{a, b, c};
        const std::int64_t desired = a + b + c;
        for (int round = 0; round < 40 && !rebalance_plan(desired, zones, desired + 1).balanced; ++round) {
          const RebalancePlan p = rebalance_plan(desired, zones, desired + 1);
          for (std::size_t z = 0; z < zones.size(); ++z) zones[z] += p.start[z] - p.stop[z];
        }
        CHECK(*std::max_element(zones.begin(), zones.end()) - *std::min_element(zones.begin(), zones.end()) <= 1);
        CHECK(zones[0] + zones[1] + zones[2] == desired);
      }
    }
  }
}

TEST_CASE("services that are not rebalanced") {
  RebalanceService s;
  CHECK(rebalance_obstacle(s) == RebalanceObstacle::none);
  s.maximum_percent = 100;
  CHECK(rebalance_obstacle(s) == RebalanceObstacle::maximum_percent);
  s = {};
  s.daemon = true;
  CHECK(rebalance_obstacle(s) == RebalanceObstacle::daemon);
  s = {};
  s.external = true;
  CHECK(rebalance_obstacle(s) == RebalanceObstacle::external);
  s = {};
  s.classic_load_balancer = true;
  CHECK(rebalance_obstacle(s) == RebalanceObstacle::classic_load_balancer);
  s = {};
  s.zone_constraint = true;
  CHECK(rebalance_obstacle(s) == RebalanceObstacle::zone_constraint);
  s = {};
  s.has_strategy = true;
  CHECK(rebalance_obstacle(s) == RebalanceObstacle::strategy);
  s.first_strategy_spreads_zones = true;
  CHECK(rebalance_obstacle(s) == RebalanceObstacle::none);
  s.enabled = false;
  CHECK(rebalance_obstacle(s) == RebalanceObstacle::disabled);
  CHECK(to_string(RebalanceObstacle::disabled).find("DISABLED") != std::string_view::npos);
}
