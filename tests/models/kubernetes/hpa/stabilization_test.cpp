#include "models/kubernetes/hpa/stabilization.h"

#include <doctest/doctest.h>

namespace plimsoll::kubernetes {
namespace {

constexpr Time kNow{hours(1)};

TEST_CASE("a peak within the window holds the size up") {
  std::vector<Recommendation> recent = {{8, kNow - seconds(299)}, {20, kNow - seconds(301)}};
  CHECK(stabilize_without_behavior(3, seconds(300), recent, kNow) == 8);
  // The outdated entry was replaced.
  CHECK(recent.size() == 2);
  CHECK(recent[1].replicas == 3);
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
