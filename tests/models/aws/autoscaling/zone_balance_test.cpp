#include "models/aws/autoscaling/zone_balance.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

using namespace plimsoll::aws;

TEST_CASE("launches fill the emptiest zone and stay within one of each other") {
  std::vector<std::int64_t> zones = {4, 0, 2};
  for (int i = 0; i < 30; ++i) ++zones[zone_for_launch(zones)];
  CHECK(*std::max_element(zones.begin(), zones.end()) - *std::min_element(zones.begin(), zones.end()) <= 1);
}

TEST_CASE("a zone that failed is passed over") {
  const std::vector<std::int64_t> zones = {1, 0, 2};
  CHECK(zone_for_launch(zones, {false, true, false}) == 0);
  CHECK(zone_for_launch(zones, {true, true, true}) == 1);
}

TEST_CASE("an even distribution has the right sum") {
  for (std::int64_t n = 0; n < 40; ++n) {
    for (std::size_t z = 1; z < 6; ++z) {
      const auto d = even_distribution(n, z);
      CHECK(std::accumulate(d.begin(), d.end(), std::int64_t{0}) == n);
      CHECK(d.front() - d.back() <= 1);
    }
  }
}
