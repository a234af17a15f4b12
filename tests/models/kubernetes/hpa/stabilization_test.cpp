#include "models/kubernetes/hpa/stabilization.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "sim/core/random.h"

namespace plimsoll::kubernetes {
namespace {

constexpr Time kNow{hours(1)};

TEST_CASE("a peak within the window holds the size up") {
  std::vector<Recommendation> recent = {{20, kNow - seconds(301)}};
  CHECK(stabilize_without_behavior(8, seconds(300), recent, kNow - seconds(299)) == 20);  // 2 s old
  CHECK(stabilize_without_behavior(3, seconds(300), recent, kNow) == 8);               // 20 is outdated, 8 is 299 s old
  CHECK(stabilize_without_behavior(3, seconds(300), recent, kNow + seconds(1)) == 8);  // 300 s: just within
  CHECK(stabilize_without_behavior(3, seconds(300), recent, kNow + seconds(2)) == 3);
}

TEST_CASE("the largest of a window is that of the whole list, whatever comes when") {
  const Stream stream(3, "recommendations", Purpose::arrivals);
  std::uint64_t item = 0;
  for (int round = 0; round < 50; ++round) {
    std::vector<Recommendation> recent, all;
    Time now = kNow;
    for (int i = 0; i < 400; ++i) {
      now += seconds(1 + static_cast<std::int64_t>(stream.below(30, item++)));
      // Ups and downs around a level that moves, with ties.
      const auto desired = static_cast<std::int64_t>(stream.below(8, item++)) + 5 + (i / 50 % 3) * 4;
      std::int64_t largest = desired;
      for (const Recommendation& r : all) {
        if (r.at >= now - seconds(300)) largest = std::max(largest, r.replicas);
      }
      all.push_back({desired, now});
      REQUIRE(stabilize_without_behavior(desired, seconds(300), recent, now) == largest);
    }
  }
}

TEST_CASE("1.20 follows the window of the direction, today the size is kept between both") {
  std::vector<Recommendation> recent = {{4, kNow - seconds(20)}, {9, kNow - seconds(10)}};
  auto copy = recent;
  // Up to 7 from 5: the least of the up window is 4, which 1.20 returns although it is below the size.
  CHECK(stabilize_with_behavior(5, 7, seconds(60), seconds(60), copy, kNow, KubernetesVersion::v1_20) == 4);
  copy = recent;
  CHECK(stabilize_with_behavior(5, 7, seconds(60), seconds(60), copy, kNow, KubernetesVersion::current) == 5);
  copy = recent;
  CHECK(stabilize_with_behavior(5, 7, Duration{}, seconds(60), copy, kNow, KubernetesVersion::current) == 7);
}

}  // namespace
}  // namespace plimsoll::kubernetes
