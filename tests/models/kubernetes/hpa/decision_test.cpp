#include "models/kubernetes/hpa/decision.h"

#include <doctest/doctest.h>

namespace plimsoll::kubernetes {
namespace {

constexpr Time kNow{hours(1)};

MetricsOutcome wants(std::int64_t replicas) { return {replicas, {}}; }

TEST_CASE("the largest proposal wins, and a metric in error is skipped") {
  const MetricProposal three{MetricKind::resource, {ReplicaError::none, 3, 0, 0}};
  const MetricProposal five{MetricKind::pods, {ReplicaError::none, 5, 0, 0}};
  const MetricProposal broken{MetricKind::external, {ReplicaError::no_metrics, 0, 0, 0}};
  const MetricProposal all[] = {three, five, broken};
  CHECK(combine(all, 4, KubernetesVersion::current).replicas == 5);
  // Today a metric in error forbids going down.
  CHECK(combine(all, 6, KubernetesVersion::v1_20).replicas == 5);
  CHECK_FALSE(combine(all, 6, KubernetesVersion::current).replicas.has_value());
  const MetricProposal none[] = {broken};
  CHECK(combine(none, 1, KubernetesVersion::v1_20).failed == MetricKind::external);
}

TEST_CASE("outside its bounds the size is put at the bound whatever the metrics say") {
  HpaSettings s;
  s.min = 2;
  s.max = 6;
  HpaState state;
  CHECK(decide(s, state, 9, wants(3), kNow).desired == 6);
  CHECK(decide(s, state, 1, wants(1), kNow).desired == 2);
  const HpaDecision off = decide(s, state, 0, wants(3), kNow);
  CHECK_FALSE(off.rescale);
  CHECK(off.active == ActiveReason::scaling_disabled);
}

TEST_CASE("the size at first sight counts as a recommendation, so a new autoscaler waits before it goes down") {
  HpaSettings s;
  HpaState state;
  Time now = kNow;
  CHECK(decide(s, state, 5, wants(2), now).able == AbleReason::scale_down_stabilized);
  now += seconds(300);
  CHECK(decide(s, state, 5, wants(2), now).desired == 5);  // exactly 300 s old still counts
  now += seconds(15);
  CHECK(decide(s, state, 5, wants(2), now).desired == 2);
}

TEST_CASE("a burst climbs by doubling without behaviour, and by the policies with it") {
  HpaSettings s;
  s.max = 100;
  HpaState plain, ruled;
  std::int64_t a = 1, b = 1;
  std::vector<std::int64_t> sizes_a, sizes_b;
  HpaSettings r = s;
  r.behavior = ScalingBehavior{default_scale_up(), default_scale_down()};
  r.behavior->up.policies = {{ScalingPolicy::Type::pods, 2, seconds(60)}};
  for (int i = 0; i < 6; ++i) {
    const Time now = kNow + i * seconds(15);
    sizes_a.push_back(a = decide(s, plain, a, wants(100), now).desired);
    sizes_b.push_back(b = decide(r, ruled, b, wants(100), now).desired);
  }
  CHECK(sizes_a == std::vector<std::int64_t>{4, 8, 16, 32, 64, 100});
  CHECK(sizes_b == std::vector<std::int64_t>{3, 3, 3, 3, 5, 5});  // two a minute
}

}  // namespace
}  // namespace plimsoll::kubernetes
