#include "models/eks/karpenter/candidates.h"

#include <doctest/doctest.h>

#include "tests/models/eks/karpenter/karpenter_bed.h"

namespace plimsoll::eks::karpenter {

namespace {
KeepReason why(test::KarpenterBed& bed, const DisruptionInput& in, std::size_t node = 0, bool drift = false) {
  KeepReason reason = KeepReason::none;
  make_candidate(bed.view(), in, node, drift, reason);
  return reason;
}
}  // namespace

TEST_CASE("what keeps a node from being a candidate") {
  test::KarpenterBed bed;
  const Row row = bed.add_claimed(1);
  DisruptionInput in;
  in.pods = &bed.facts;
  CHECK(why(bed, in) == KeepReason::none);
  ClusterNode& n = bed.nodes[0];
  n.nominated = true;
  CHECK(why(bed, in) == KeepReason::nominated);
  n.nominated = false;
  n.do_not_disrupt = true;
  CHECK(why(bed, in) == KeepReason::node_do_not_disrupt);
  n.do_not_disrupt = false;
  n.initialized = false;
  CHECK(why(bed, in) == KeepReason::not_initialized);
  n.initialized = true;
  PodShape s = test::shape_of(100, 10);
  s.namespace_name = bed.name("default");
  s.labels.set(bed.name("app"), bed.name("a"));
  bed.place(row, s);
  std::vector<DisruptionBudget> budgets{{bed.name("default"), bed.select("app", "a"), 1}};
  in.pod_budgets = budgets;
  CHECK(why(bed, in) == KeepReason::none);
  budgets.push_back(budgets[0]);
  in.pod_budgets = budgets;
  CHECK(why(bed, in) == KeepReason::pod_disruption_budget);  // two budgets: never evictable
  const PodId held = bed.snapshot.pods(row).back().id;
  CHECK(blocking_pod(bed.view(), in, 0, KeepReason::pod_disruption_budget) == held);
  CHECK(blocking_pod(bed.view(), in, 0, KeepReason::node_budget).is_none());
  bed.pools[0].termination_grace_period = hours(1);
  CHECK(why(bed, in, 0, true) == KeepReason::none);
  in.pod_budgets = {};
  bed.facts.list[0].do_not_disrupt = true;
  CHECK(why(bed, in) == KeepReason::pod_do_not_disrupt);
  CHECK_FALSE(blocking_pod(bed.view(), in, 0, KeepReason::pod_do_not_disrupt).is_none());
  CHECK(blocking_pod(bed.view(), in, 0, KeepReason::pod_disruption_budget).is_none());
}

TEST_CASE("a pod that asks for a time is protected so long from its start, from 1.14 on") {
  PodFacts pod;
  pod.do_not_disrupt_for = minutes(30);
  const Time start = kTimeZero + hours(1);
  CHECK(is_protected(pod, start, start + minutes(30) - seconds(1), {1, 14}));
  CHECK_FALSE(is_protected(pod, start, start + minutes(30), {1, 14}));
  CHECK_FALSE(is_protected(pod, start, start, {1, 13}));
  pod.do_not_disrupt = true;
  CHECK(is_protected(pod, start, start + hours(9), {1, 13}));
}

TEST_CASE("an empty node is one whose pods cost nothing to evict, from 1.14 on") {
  Candidate c;
  c.pods.push_back({PodId{0}, ShapeId{0}, kTimeZero});
  CHECK_FALSE(is_empty(c, {1, 13}));
  CHECK(is_empty(c, {1, 14}));  // its eviction cost is zero
  c.eviction_cost = 1;
  CHECK_FALSE(is_empty(c, {1, 14}));
}

TEST_CASE("candidates are ordered by cost up to 1.13 and by price over disturbance from 1.14") {
  test::KarpenterBed bed;
  bed.add_claimed(3);
  bed.add_claimed(0);
  bed.add_claimed(1);
  std::vector<Candidate> list(3);
  for (std::size_t i = 0; i < 3; ++i) list[i].node = i;
  list[0].disruption_cost = list[0].eviction_cost = 3;
  list[0].price = 0.8;  // 0.2
  list[1].disruption_cost = list[1].eviction_cost = 1;
  list[1].price = 0.1;  // 0.05
  list[2].disruption_cost = list[2].eviction_cost = 2;
  list[2].price = 0.9;  // 0.3
  const auto order = [&](Release release) {
    std::vector<Candidate> copy = list;
    sort_candidates(copy, bed.view(), release);
    return std::vector<std::size_t>{copy[0].node, copy[1].node, copy[2].node};
  };
  CHECK(order({1, 13}) == std::vector<std::size_t>{1, 2, 0});
  CHECK(order({1, 14}) == std::vector<std::size_t>{2, 0, 1});
}

TEST_CASE("pools take turns") {
  test::KarpenterBed bed;
  bed.add_pool("other", {bed.known.spot});
  std::vector<Candidate> list(4);
  for (std::size_t i = 0; i < 4; ++i) {
    bed.add_claimed(0);
    list[i].node = i;
  }
  bed.nodes[3].pool = 1;
  const std::vector<Candidate> out = interleave_pools(list, bed.view());
  CHECK((out[0].node == 0 && out[1].node == 3 && out[2].node == 1 && out[3].node == 2));
}

}  // namespace plimsoll::eks::karpenter
