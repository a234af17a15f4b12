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
PackingParams priced(Duration check, bool fastpath = false) {
  PackingParams p;
  p.check_cost = check;
  p.fastpath = fastpath;
  return p;
}
PodShape apart_by(test::Bed& bed, std::string_view topology, std::int64_t cpu) {
  PodShape shape = test::shape_of(cpu, 100);
  shape.labels.set(bed.name("app"), bed.name("apart"));
  PodAffinityTerm term;
  term.selector = bed.select("app", "apart");
  term.topology_key = bed.name(topology);
  shape.anti_required = {term};
  return shape;
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
    const Estimate e = estimate(bed.sim, group, pods, {}, EstimatorRules::pod_by_pod, {.order = order, .seed = seed});
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

TEST_CASE("packing takes time by the tries of pods on new nodes, and beyond its limit no node is added") {
  test::Bed bed;
  const NodeGroup group = group_of(bed, 2000, 8000);
  // One pod a node, ten nodes. By the old rule pod k tries the k - 1 nodes before it and then its own: 0 + 1 + ... + 9
  // tries and ten: 55. By the new one each but the first tries the last node, and then its own: 9 + 10.
  const std::vector<PodGroup> pods{pods_of(bed, test::shape_of(1500, 100), 10)};
  const Estimate old_rule = estimate(bed.sim, group, pods, {}, EstimatorRules::pod_by_pod, priced(seconds(1)));
  CHECK(old_rule.nodes == 10);
  CHECK(old_rule.spent == seconds(55));
  const Estimate new_rule = estimate(bed.sim, group, pods, {}, EstimatorRules::group_by_group, priced(seconds(1)));
  CHECK(new_rule.nodes == 10);
  CHECK(new_rule.spent == seconds(19));
  // With n nodes open, 2n - 1 s are spent before the next try of the last one: 7 s, and 8 with it, when the fifth is
  // asked for; 10 when the sixth is.
  for (const auto& [longest, nodes] : {std::pair{7, 4}, std::pair{8, 5}, std::pair{60, 10}}) {
    CAPTURE(longest);
    const Estimate cut = estimate(bed.sim, group, pods, Limiter(std::span<const std::int64_t>{}, seconds(longest)),
                                  EstimatorRules::group_by_group, priced(seconds(1)));
    CHECK(cut.nodes == nodes);
    CHECK(cut.limited == (nodes < 10));
  }
}

TEST_CASE("the fast path packs one node of the last group and divides") {
  test::Bed bed;
  const NodeGroup group = group_of(bed, 2000, 8000);
  // Six pods of 600m: three a node. The large pod comes first and leaves room for one of them.
  const std::vector<PodGroup> pods{pods_of(bed, test::shape_of(1400, 100), 1),
                                   pods_of(bed, test::shape_of(600, 100), 6)};
  const EstimatorRules rules = EstimatorRules::group_by_group_with_spread;
  const Estimate plain = estimate(bed.sim, group, pods, {}, rules, priced(seconds(1)));
  const Estimate fast = estimate(bed.sim, group, pods, {}, rules, priced(seconds(1), true));
  CHECK(plain.nodes == 3);  // one with both, and ceil(5 / 3)
  CHECK(fast.nodes == 3);
  CHECK(fast.placed == std::vector<std::size_t>{1, 6});
  CHECK(fast.spent < plain.spent);
  // The limiter is asked for the nodes that nothing stands for as well: one for the large pod, one of the two.
  const Estimate cut = estimate(bed.sim, group, pods, at_most(2), rules, priced(seconds(1), true));
  CHECK(cut.nodes == 2);
  CHECK(cut.limited);
  CHECK(cut.placed == std::vector<std::size_t>{1, 4});
  // A node for one pod each, of many: this group goes last, whatever its size.
  const std::vector<PodGroup> apart{pods_of(bed, apart_by(bed, "kubernetes.io/hostname", 1400), 5),
                                    pods_of(bed, test::shape_of(500, 100), 4)};
  const Estimate last = estimate(bed.sim, group, apart, {}, rules, priced(seconds(1), true));
  // The small ones fill one node, which leaves no room for a large one: five more.
  CHECK(last.nodes == 6);
  CHECK(estimate(bed.sim, group, apart, {}, rules).nodes == 5);
  // Apart by zone: what one node takes does not tell what the others will.
  const std::vector<PodGroup> zonal{pods_of(bed, apart_by(bed, "topology.kubernetes.io/zone", 500), 4)};
  NodeGroup in_zone = group;
  in_zone.node.labels.set(bed.name("topology.kubernetes.io/zone"), bed.name("a"));
  CHECK(estimate(bed.sim, in_zone, zonal, {}, rules, priced(seconds(1), true)).placed == std::vector<std::size_t>{1});
}

TEST_CASE("new nodes are named apart from those that are on their way") {
  test::Bed bed;
  const NodeGroup group = group_of(bed, 2000, 8000);
  const PodShape shape = apart_by(bed, "kubernetes.io/hostname", 500);
  const Trial trial(bed.sim);
  const Row upcoming = add_template_node(bed.sim, group, 0);
  bed.sim.place(upcoming, bed.new_pod(), bed.shapes.intern(shape));
  PackingParams params;
  params.first_name = 1;
  const std::vector<PodGroup> pods{pods_of(bed, shape, 2)};
  CHECK(estimate(bed.sim, group, pods, {}, EstimatorRules::group_by_group, params).nodes == 2);
}

}  // namespace plimsoll::eks::ca
