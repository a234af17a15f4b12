#include "models/eks/cluster_autoscaler/estimator.h"

#include <doctest/doctest.h>

#include "tests/models/eks/fixture.h"

namespace plimsoll::eks::ca {

namespace {

NodeGroup group_of(test::Bed& bed, std::int64_t cpu, std::int64_t memory) {
  NodeGroup g;
  g.node = bed.node("template", test::room(cpu, memory));
  return g;
}
PodGroup pods_of(test::Bed& bed, const PodShape& shape, int count) {
  PodGroup g{bed.shapes.intern(shape), {}};
  for (int i = 0; i < count; ++i) g.pods.push_back(bed.new_pod());
  return g;
}
Limiter at_most(std::int64_t n) { return Limiter(std::span<const std::int64_t>(&n, 1)); }

}  // namespace

TEST_CASE("large pods are packed first and small ones fill the gaps") {
  test::Bed bed;
  const NodeGroup group = group_of(bed, 2000, 8000);
  const std::vector<PodGroup> pods{pods_of(bed, test::shape_of(500, 100), 4),
                                   pods_of(bed, test::shape_of(1500, 100), 4)};
  for (const EstimatorRules rules : {EstimatorRules::pod_by_pod, EstimatorRules::group_by_group}) {
    const std::uint64_t before = bed.sim.cluster_version();
    const Estimate e = estimate(bed.sim, group, pods, {}, rules);
    CHECK(e.nodes == 4);
    CHECK(e.placed == std::vector<std::size_t>{4, 4});
    CHECK(bed.snapshot.live_rows() == 0);
    CHECK(bed.sim.cluster_version() == before);
  }
}

TEST_CASE("a refusal of the limiter ends the old rule, the new one still fills open nodes") {
  test::Bed bed;
  const NodeGroup group = group_of(bed, 2000, 8000);
  const std::vector<PodGroup> pods{pods_of(bed, test::shape_of(1500, 100), 3),
                                   pods_of(bed, test::shape_of(400, 100), 2)};
  const Estimate old_rule = estimate(bed.sim, group, pods, at_most(2), EstimatorRules::pod_by_pod);
  CHECK(old_rule.limited);
  CHECK(old_rule.placed == std::vector<std::size_t>{2, 0});
  const Estimate new_rule = estimate(bed.sim, group, pods, at_most(2), EstimatorRules::group_by_group);
  CHECK(new_rule.placed == std::vector<std::size_t>{2, 2});
  CHECK(new_rule.nodes == 2);
}

TEST_CASE("pods that no new node takes open one empty node and no more") {
  test::Bed bed;
  const NodeGroup group = group_of(bed, 2000, 8000);
  const std::vector<PodGroup> pods{pods_of(bed, test::shape_of(2500, 100), 5),
                                   pods_of(bed, test::shape_of(1000, 100), 2)};
  for (const EstimatorRules rules : {EstimatorRules::pod_by_pod, EstimatorRules::group_by_group_with_spread}) {
    const Estimate e = estimate(bed.sim, group, pods, {}, rules);
    CHECK(e.nodes == 1);
    CHECK(e.placed == std::vector<std::size_t>{0, 2});
  }
}

TEST_CASE("where two nodes would take a pod, the order of the search can decide how many nodes there are") {
  // Scores 1.2, 1.1, 0.5, 0.45. The first two open a node each and leave (4, 4) and (2, 7). Both take the third, (2,
  // 3). On the second it leaves (4, 4) for the fourth, (4, 0.5): 2 nodes. On the first it leaves (2, 1), and (2, 7) is
  // too narrow as well: 3 nodes.
  test::Bed bed;
  const NodeGroup group = group_of(bed, 1000, 1000);
  const std::vector<PodGroup> pods{pods_of(bed, test::shape_of(600, 600), 1), pods_of(bed, test::shape_of(800, 300), 1),
                                   pods_of(bed, test::shape_of(200, 300), 1), pods_of(bed, test::shape_of(400, 50), 1)};
  const auto nodes = [&](NodeOrder order, std::uint64_t seed) {
    const Estimate e = estimate(bed.sim, group, pods, {}, EstimatorRules::pod_by_pod, order, seed);
    CHECK(e.pods == 4);
    return e.nodes;
  };
  CHECK(nodes(NodeOrder::as_added, 0) == 3);
  int two = 0;
  int three = 0;
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    const std::int64_t n = nodes(NodeOrder::shuffled, seed);
    CHECK(nodes(NodeOrder::shuffled, seed) == n);
    two += n == 2 ? 1 : 0;
    three += n == 3 ? 1 : 0;
  }
  // A fair choice of two: 32 each, standard deviation 4.
  CHECK(two + three == 64);
  CHECK(two > 16);
  CHECK(three > 16);
}

TEST_CASE("daemons take their part of every new node and host ports their own node") {
  test::Bed bed;
  NodeGroup group = group_of(bed, 2000, 8000);
  PodShape daemon = test::shape_of(600, 0);
  daemon.is_daemon = true;
  group.daemons.push_back(bed.shapes.intern(daemon));
  const std::vector<PodGroup> two{pods_of(bed, test::shape_of(700, 10), 4)};
  CHECK(estimate(bed.sim, group, two, {}, EstimatorRules::pod_by_pod).nodes == 2);
  PodShape port = test::shape_of(100, 10);
  port.host_ports.push_back({8080, {}, {}});
  const std::vector<PodGroup> ports{pods_of(bed, port, 3)};
  CHECK(estimate(bed.sim, group, ports, {}, EstimatorRules::group_by_group).nodes == 3);
}

}  // namespace plimsoll::eks::ca
