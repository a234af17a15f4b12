#include "models/eks/cluster_autoscaler/limiter.h"

#include <doctest/doctest.h>

namespace plimsoll::eks::ca {

namespace {
int granted(std::initializer_list<std::int64_t> thresholds, int asks = 20) {
  Limiter limiter(std::span(thresholds.begin(), thresholds.size()));
  int n = 0;
  for (int i = 0; i < asks; ++i) n += limiter.permission_to_add_node() ? 1 : 0;
  return n;
}
}  // namespace

TEST_CASE("the smallest positive threshold counts, zero asks nothing, a negative one allows nothing") {
  CHECK(granted({0, 5, 7}) == 5);
  CHECK(granted({0, 0}) == 20);
  CHECK(granted({3, -1}) == 0);
  CHECK(granted({}) == 20);
}

TEST_CASE("no node is added once more than the longest time is spent") {
  const std::int64_t three = 3;
  Limiter limiter(std::span(&three, 1), seconds(10));
  CHECK(limiter.permission_to_add_node(seconds(10)));
  CHECK_FALSE(limiter.permission_to_add_node(seconds(10) + microseconds(1)));
  CHECK(limiter.permission_to_add_node(seconds(1)));
  CHECK(limiter.permission_to_add_node());
  CHECK_FALSE(limiter.permission_to_add_node());  // three were granted
  CHECK(Limiter(std::span<const std::int64_t>{}).permission_to_add_node(hours(1)));
}

TEST_CASE("thresholds of the cluster and of a group") {
  CHECK(cluster_capacity_threshold(0, 50) == 0);
  CHECK(cluster_capacity_threshold(60, 50) == 10);
  CHECK(cluster_capacity_threshold(50, 50) == -1);
  CHECK(group_capacity_threshold(4) == 4);
  CHECK(group_capacity_threshold(0) == -1);
}

}  // namespace plimsoll::eks::ca
