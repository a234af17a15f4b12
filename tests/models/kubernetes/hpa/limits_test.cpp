#include "models/kubernetes/hpa/limits.h"

#include <doctest/doctest.h>

namespace plimsoll::kubernetes {
namespace {

constexpr Time kNow{hours(1)};

TEST_CASE("without behaviour a step at most doubles, and small sizes reach four") {
  CHECK(limit_without_behavior(3, 1000, 1, 2000).replicas == 6);
  CHECK(limit_without_behavior(1, 1000, 1, 2000).replicas == 4);
  CHECK(limit_without_behavior(3, 1000, 1, 5).reason == LimitReason::too_many_replicas);
  CHECK(limit_without_behavior(3, 0, 2, 5).replicas == 2);
}

TEST_CASE("the default behaviour allows the larger of four pods and doubling") {
  const ScalingBehavior b{default_scale_up(), default_scale_down()};
  CHECK(limit_with_behavior(3, 1000, 1, 2000, b, {}, {}, kNow, KubernetesVersion::current).replicas == 7);
  CHECK(limit_with_behavior(10, 1000, 1, 2000, b, {}, {}, kNow, KubernetesVersion::current).replicas == 20);
  CHECK(limit_with_behavior(10, 0, 1, 2000, b, {}, {}, kNow, KubernetesVersion::current).replicas == 1);
}

TEST_CASE("changes within the period use up a policy") {
  ScalingBehavior b{default_scale_up(), default_scale_down()};
  b.up.policies = {{ScalingPolicy::Type::pods, 5, seconds(60)}};
  const std::vector<ScaleEvent> ups = {{3, kNow - seconds(30)}, {9, kNow - seconds(60)}};
  // The change of 60 s ago is no longer inside: 10 - 3 + 5.
  CHECK(limit_with_behavior(10, 100, 1, 200, b, ups, {}, kNow, KubernetesVersion::v1_20).replicas == 12);
  // Pods that went in the same period give room back today, not in 1.20.
  const std::vector<ScaleEvent> downs = {{2, kNow - seconds(10)}};
  CHECK(limit_with_behavior(10, 100, 1, 200, b, ups, downs, kNow, KubernetesVersion::v1_20).replicas == 12);
  CHECK(limit_with_behavior(10, 100, 1, 200, b, ups, downs, kNow, KubernetesVersion::current).replicas == 14);
}

TEST_CASE("a disabled direction stays where it is, and Min takes the smallest change") {
  ScalingBehavior b{default_scale_up(), default_scale_down()};
  b.down.select = SelectPolicy::disabled;
  CHECK(limit_with_behavior(10, 2, 1, 200, b, {}, {}, kNow, KubernetesVersion::current).replicas == 10);
  b.up.select = SelectPolicy::min;
  CHECK(limit_with_behavior(10, 100, 1, 200, b, {}, {}, kNow, KubernetesVersion::current).replicas == 14);
}

}  // namespace
}  // namespace plimsoll::kubernetes
