#include "models/kubernetes/hpa/replica_calculator.h"

#include <doctest/doctest.h>

#include <vector>

namespace plimsoll::kubernetes {
namespace {

constexpr Time kNow{hours(2)};

MeasuredPod pod(std::int64_t usage, std::int64_t request = 1000) {
  MeasuredPod p;
  p.start = kTimeZero;
  p.ready_transition = kTimeZero;
  p.request_milli = request;
  p.metric = {usage, kNow, seconds(30)};
  return p;
}

ReplicaCalculator calculator(KubernetesVersion version = KubernetesVersion::current) {
  CalculatorSettings s;
  s.version = version;
  return ReplicaCalculator(s);
}

TEST_CASE("utilisation scales by the ratio of use to target") {
  // 300 + 500 + 700 = 1500 of 3000 is 50 %; 50/30 x 3 = 5.
  const std::vector<MeasuredPod> pods = {pod(300), pod(500), pod(700)};
  const ReplicaProposal p = calculator().utilization(3, 30, true, pods, {}, kNow);
  REQUIRE(p.ok());
  CHECK(p.utilization == 50);
  CHECK(p.raw_average_milli == 500);
  CHECK(p.replicas == 5);
}

TEST_CASE("pods that are alike ask for what each of them counted alone asks for") {
  for (const KubernetesVersion version : {KubernetesVersion::v1_20, KubernetesVersion::current}) {
    for (const std::int64_t count : {1, 2, 7, 40}) {
      for (const std::int64_t use : {0, 1, 269, 270, 300, 329, 330, 331, 2'000}) {
        const std::vector<MeasuredPod> each(static_cast<std::size_t>(count), pod(use, 500));
        const ReplicaProposal a = calculator(version).utilization(count, 60, true, each, {}, kNow);
        const ReplicaProposal b = calculator(version).utilization_of_alike(count, 60, count, use, 500);
        REQUIRE(a.ok());
        REQUIRE(b.ok());
        CHECK(a.replicas == b.replicas);
        CHECK(a.utilization == b.utilization);
        CHECK(a.raw_average_milli == b.raw_average_milli);
      }
    }
  }
  // Without a request there is nothing to be a part of.
  CHECK(calculator().utilization_of_alike(3, 60, 3, 100, 0).error == ReplicaError::disjoint);
}

TEST_CASE("a ratio of exactly 1.1 is outside the tolerance in 1.20 and inside today") {
  const std::vector<MeasuredPod> pods = {pod(550), pod(550)};  // 55 % of 50 %
  CHECK(calculator(KubernetesVersion::v1_20).utilization(2, 50, true, pods, {}, kNow).replicas == 3);
  CHECK(calculator().utilization(2, 50, true, pods, {}, kNow).replicas == 2);
}

TEST_CASE("pods without a sample are taken at their whole request when scaling down, at nothing when scaling up") {
  std::vector<MeasuredPod> pods = {pod(200), pod(200), pod(0), pod(0)};
  pods[2].metric.reset();
  pods[3].metric.reset();
  // 20 % of 80 % says down; with two pods at 100 %: (400 + 2000) / 4000 = 60 %, 0.75 x 4 = 3.
  CHECK(calculator(KubernetesVersion::v1_20).utilization(4, 80, true, pods, {}, kNow).replicas == 3);
  pods[0].metric->milli = pods[1].metric->milli = 1000;
  // 100 % of 40 % says up; with two pods at 0: 2000 / 4000 = 50 %, 1.25 x 4 = 5.
  CHECK(calculator().utilization(4, 40, true, pods, {}, kNow).replicas == 5);
}

TEST_CASE("above 100 percent of target the newest release counts missing pods at the target") {
  std::vector<MeasuredPod> pods = {pod(1000), pod(0)};
  pods[1].metric.reset();
  // 100 % of 200 % says down. 1.20: (1000 + 1000)/2000 = 100 %, 0.5 x 2 = 1. Today: (1000 + 2000)/2000 = 150 %, 0.75 x
  // 2 = 2.
  CHECK(calculator(KubernetesVersion::v1_20).utilization(2, 200, true, pods, {}, kNow).replicas == 1);
  CHECK(calculator().utilization(2, 200, true, pods, {}, kNow).replicas == 2);
}

TEST_CASE("a pod that is starting is left out, and counted at nothing before scaling up") {
  std::vector<MeasuredPod> pods = {pod(900), pod(900), pod(1000)};
  pods[2].start = kNow - seconds(60);  // inside the 300 s of start-up
  pods[2].ready = ReadyCondition::no;
  // 90 % of 45 % is 2; with the starting pod at 0: 1800 / 3000 = 60 %, 1.33 x 3 = 4.
  CHECK(calculator().utilization(3, 45, true, pods, {}, kNow).replicas == 4);
  // Memory has no start-up rule: 2800 / 3000 = 93 %, 93/45 x 3 = 6.2.
  CHECK(calculator().utilization(3, 45, false, pods, {}, kNow).replicas == 7);
}

TEST_CASE("without anything to go by the answer is an error") {
  CHECK(calculator().utilization(1, 50, true, {}, {}, kNow).error == ReplicaError::no_samples);
  std::vector<MeasuredPod> pods = {pod(100)};
  pods[0].request_milli.reset();
  CHECK(calculator().utilization(1, 50, true, pods, {}, kNow).error == ReplicaError::missing_request);
  pods[0] = pod(100);
  pods[0].phase = PodPhase::failed;
  CHECK(calculator().utilization(1, 50, true, pods, {}, kNow).error == ReplicaError::no_metrics);
  pods[0] = pod(100);
  pods[0].metric.reset();
  CHECK(calculator().utilization(1, 50, true, pods, {2, 500}, kNow).error == ReplicaError::disjoint);
}

TEST_CASE("object and external values scale by ready pods, and from zero by the ratio alone") {
  std::vector<MeasuredPod> pods = {pod(0), pod(0), pod(0)};
  CHECK(calculator().value(3, 15'000, 20'000, pods).replicas == 4);
  pods[2].ready = ReadyCondition::no;
  CHECK(calculator().value(3, 15'000, 30'000, pods).replicas == 4);  // 2 x 2
  CHECK(calculator().value(0, 1'000, 2'500, {}).replicas == 3);
  CHECK(calculator().value_per_pod(3, 2'150, 8'600).replicas == 4);
  CHECK(calculator().value_per_pod(4, 2'150, 8'600).utilization == 2'150);
  CHECK(calculator().value_per_pod(0, 100, 0).replicas == 0);
}

}  // namespace
}  // namespace plimsoll::kubernetes
