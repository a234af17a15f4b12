#include "models/eks/karpenter/scheduling.h"

#include <doctest/doctest.h>

#include "tests/models/eks/karpenter/karpenter_bed.h"

namespace plimsoll::eks::karpenter {

namespace {
SchedulingResult run(test::KarpenterBed& bed, const std::vector<SchedulingPod>& pods) {
  const Cluster cluster = bed.view();
  const PoolTemplates templates(cluster);
  const Trial trial(bed.sim);
  return schedule(cluster, templates, pods, {});
}
}  // namespace

TEST_CASE("a claim keeps every type that holds its pods and grows until none does") {
  test::KarpenterBed bed;
  // 1500m each: s holds 1, m 2, l 5, xl 10.
  SchedulingResult r = run(bed, bed.pending_pods(test::shape_of(1500, 100), 3));
  REQUIRE(r.claims.size() == 1);
  CHECK(r.claims[0].types == std::vector<std::uint32_t>{2, 3});
  r = run(bed, bed.pending_pods(test::shape_of(1500, 100), 12));
  REQUIRE(r.claims.size() == 2);
  CHECK(r.claims[0].pods.size() == 10);
  CHECK(r.claims[1].pods.size() == 2);
  CHECK(r.unschedulable.empty());
}

TEST_CASE("existing nodes are filled first, initialised ones before launched ones") {
  test::KarpenterBed bed;
  bed.add_claimed(1);
  ClusterNode flying;
  flying.id = NodeId{9};
  flying.name = bed.name("a-first-by-name");
  flying.pool = 0;
  flying.type = 1;
  flying.initialized = false;
  bed.nodes.push_back(flying);
  const SchedulingResult r = run(bed, bed.pending_pods(test::shape_of(1500, 100), 5));
  REQUIRE(r.existing.size() == 4);
  CHECK((r.existing[0].node == NodeId{0} && r.existing[1].node == NodeId{0}));
  CHECK((r.existing[2].node == NodeId{9} && !r.existing[2].initialized));
  CHECK(r.claims.size() == 1);
  CHECK(bed.snapshot.live_rows() == 1);
}

TEST_CASE("daemons take their part and limits count the largest type kept") {
  test::KarpenterBed bed;
  PodShape daemon = test::shape_of(500, 10);
  daemon.is_daemon = true;
  bed.daemons.push_back(bed.shapes.intern(daemon));
  SchedulingResult r = run(bed, bed.pending_pods(test::shape_of(1500, 100), 1));
  REQUIRE(r.claims.size() == 1);
  CHECK(r.claims[0].types.front() == 1);  // 1500 + 500 is more than 1900
  // 20 cores: the first claim may be 16 of them, so the second is left with 4.
  bed.daemons.clear();
  bed.pools[0].cpu_limit = cpu_cores(20);
  r = run(bed, bed.pending_pods(test::shape_of(15'000, 100), 2));
  CHECK(r.claims.size() == 1);
  CHECK(r.unschedulable.size() == 1);
}

TEST_CASE("pools are tried by weight and taints keep pods out") {
  test::KarpenterBed bed;
  NodePool& heavy = bed.add_pool("heavy", {bed.known.spot});
  heavy.weight = 10;
  SchedulingResult r = run(bed, bed.pending_pods(test::shape_of(500, 100), 1));
  CHECK(r.claims.at(0).pool == 1);
  heavy.taints.push_back({bed.name("team"), bed.name("x"), TaintEffect::no_schedule});
  r = run(bed, bed.pending_pods(test::shape_of(500, 100), 1));
  CHECK(r.claims.at(0).pool == 0);
}

TEST_CASE("host ports clash on planned nodes as they do on real ones") {
  test::KarpenterBed bed;
  const auto claims = [&](const HostPort& first, const HostPort& second) {
    PodShape a = test::shape_of(500, 100), b = test::shape_of(400, 100);
    a.host_ports = {first};
    b.host_ports = {second};
    const std::vector<SchedulingPod> pods = {{PodId{0}, bed.shapes.intern(a), kTimeZero},
                                             {PodId{1}, bed.shapes.intern(b), kTimeZero}};
    return run(bed, pods).claims.size();
  };
  const NameId tcp = bed.name("TCP"), udp = bed.name("UDP"), every = bed.name("0.0.0.0"), one = bed.name("10.0.0.1");
  CHECK(claims({80, {}, {}}, {80, tcp, {}}) == 2);  // TCP is the protocol that is not named
  CHECK(claims({80, tcp, {}}, {80, udp, {}}) == 1);
  CHECK(claims({80, tcp, every}, {80, tcp, one}) == 2);
  CHECK(claims({80, tcp, bed.name("10.0.0.2")}, {80, tcp, one}) == 1);
  CHECK(claims({80, tcp, {}}, {81, tcp, {}}) == 1);
}

TEST_CASE("what cannot be had is relaxed, what is required is not") {
  test::KarpenterBed bed;
  PodShape s = test::shape_of(500, 100);
  PreferredNodeTerm wish;
  wish.term.expressions.push_back({bed.known.zone, SelectorOp::in, {bed.name("z9")}, 0});
  s.node_preferred.push_back(wish);
  CHECK(run(bed, bed.pending_pods(s, 2)).claims.size() == 1);
  PodShape must = test::shape_of(500, 100);
  must.node_selector.emplace_back(bed.known.zone, bed.name("z9"));
  CHECK(run(bed, bed.pending_pods(must, 2)).unschedulable.size() == 2);
}

TEST_CASE("a run spends time by its tries, and ends with what it has found when its time is over") {
  test::KarpenterBed bed;
  bed.add_claimed(1);  // holds two of 1500m
  const auto solve = [&](Duration limit, std::size_t pods) {
    const Cluster cluster = bed.view();
    const PoolTemplates templates(cluster);
    const Trial trial(bed.sim);
    SolveTime time{seconds(1), limit, {}};
    const auto wanted = bed.pending_pods(test::shape_of(1500, 100), static_cast<int>(pods));
    SchedulingResult r = schedule(cluster, templates, wanted, {}, &time);
    return std::pair{std::move(r), time.spent};
  };
  // The node takes two at the first try each. The third tries it in vain, then the one pool; the fourth the node and
  // the claim.
  const auto [all, spent] = solve({}, 4);
  CHECK(all.unschedulable.empty());
  CHECK(spent == seconds(1 + 1 + 2 + 2));
  const auto [cut, until] = solve(seconds(3), 4);
  CHECK(until == seconds(4));  // the third pod was begun at 2 s
  CHECK(cut.existing.size() == 2);
  REQUIRE(cut.claims.size() == 1);
  CHECK(cut.claims[0].pods.size() == 1);
  CHECK(cut.unschedulable.size() == 1);
}

}  // namespace plimsoll::eks::karpenter
