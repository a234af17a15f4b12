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

TEST_CASE("a volume that is yet to be made has its node in the first of the topologies of its class") {
  test::KarpenterBed bed;
  const auto term = [&](std::string_view key, std::string_view zone) {
    return NodeSelectorTerm{{{bed.name(key), SelectorOp::in, {bed.name(zone)}, 0}}, {}};
  };
  PodShape s = test::shape_of(500, 100);
  s.volumes.emplace_back();
  s.volumes[0].allowed = {term("topology.ebs.csi.aws.com/zone", "z2"), term("topology.kubernetes.io/zone", "z1")};
  SchedulingResult r = run(bed, bed.pending_pods(s, 2));
  REQUIRE(r.claims.size() == 1);
  const KeyRequirement* zone = r.claims[0].requirements.find(bed.known.zone);
  REQUIRE(zone != nullptr);
  CHECK(zone->values == std::vector<NameId>{bed.name("z2")});
  s.volumes[0].allowed = {term("topology.kubernetes.io/zone", "z9")};
  CHECK(run(bed, bed.pending_pods(s, 1)).unschedulable.size() == 1);
  s.volumes[0].allowed.clear();
  s.volumes[0].zone = bed.name("z1");
  r = run(bed, bed.pending_pods(s, 1));
  CHECK(r.claims.at(0).requirements.find(bed.known.zone)->values == std::vector<NameId>{bed.name("z1")});
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

TEST_CASE("a label of the user's own has the value that the claim's pods need, on the node and while it starts") {
  test::KarpenterBed bed;
  const NameId team = bed.name("team");
  bed.pools[0].requirements.add(KeyRequirement::in(team, {bed.name("web"), bed.name("api")}), bed.names);
  PodShape web = test::shape_of(500, 100);
  web.node_selector.emplace_back(team, bed.name("web"));
  const SchedulingResult r = run(bed, bed.pending_pods(web, 1));
  REQUIRE(r.claims.size() == 1);
  const Cluster cluster = bed.view();
  SnapshotNode node =
      node_of(cluster, 0, 0, 0, CapacityType::on_demand, NodeId{1}, bed.name("n1"), &r.claims[0].requirements);
  CHECK(node.labels.find(team) == bed.name("web"));
  CHECK(node_of(cluster, 0, 0, 0, CapacityType::on_demand, NodeId{1}, bed.name("n1")).labels.find(team) ==
        bed.name("api"));
  CHECK(node.labels.find(bed.name("failure-domain.beta.kubernetes.io/zone")) == bed.types.zones[0]);
  ClusterNode flying;
  flying.id = NodeId{9};
  flying.name = bed.name("flying");
  flying.pool = 0;
  flying.initialized = false;
  flying.labels = node.labels;
  bed.nodes.push_back(flying);
  CHECK(run(bed, bed.pending_pods(web, 2)).claims.empty());
}

TEST_CASE("a pod that selects another node class, or a key that the pool does not define, has no place") {
  test::KarpenterBed bed;
  bed.pools[0].node_class_id = bed.name("default");
  const auto claims = [&](std::string_view key, std::string_view value) {
    PodShape s = test::shape_of(500, 100);
    s.node_selector.emplace_back(bed.name(key), bed.name(value));
    return run(bed, bed.pending_pods(s, 1)).claims.size();
  };
  CHECK(claims("karpenter.k8s.aws/ec2nodeclass", "default") == 1);
  CHECK(claims("karpenter.k8s.aws/ec2nodeclass", "other") == 0);
  CHECK(claims("team", "web") == 0);
  CHECK(claims("beta.kubernetes.io/arch", "amd64") == 1);
  CHECK(claims("beta.kubernetes.io/arch", "arm64") == 0);
  // What its nodes say in any case is not what it requires: there is no such node.
  bed.pools[0].requirements.add(KeyRequirement::in(bed.known.node_class, bed.name("other")), bed.names);
  CHECK(PoolTemplates(bed.view()).of(0).types.empty());
  CHECK(claims("kubernetes.io/os", "linux") == 0);
  bed.pools[0].node_class_id = bed.name("other");
  CHECK(claims("kubernetes.io/os", "linux") == 1);
}

TEST_CASE("limits count every resource, and of a claim the most that its types have") {
  test::KarpenterBed bed;
  for (InstanceType& t : bed.types.types) {
    t.capacity[Resource::ephemeral_storage] = gibibytes(20).raw();
    t.extended = {{bed.name("aws.amazon.com/neuron"), t.capacity.cpu() >= cpu_cores(8) ? 2 : 0}};
  }
  // Pods of 15 cores take a d.xl each.
  const auto nodes = [&] { return run(bed, bed.pending_pods(test::shape_of(15'000, 100), 6)).claims.size(); };
  CHECK(nodes() == 6);
  bed.pools[0].storage_limit = gibibytes(50);
  CHECK(nodes() == 2);
  bed.pools[0].storage_limit.reset();
  bed.pools[0].pods_limit = 330;  // 110 a node
  CHECK(nodes() == 3);
  bed.pools[0].pods_limit.reset();
  bed.pools[0].extended_limits = {{bed.name("aws.amazon.com/neuron"), 8}};
  CHECK(nodes() == 4);
  bed.pools[0].extended_limits = {{bed.name("example.com/none-has"), 0}};
  CHECK(nodes() == 6);
  bed.pools[0].extended_limits = {{bed.name("aws.amazon.com/neuron"), 0}};
  CHECK(run(bed, bed.pending_pods(test::shape_of(1500, 100), 2)).claims.size() == 1);  // those without are left
  CHECK_FALSE(within_limits(bed.pools[0], bed.types[3]));
  CHECK(within_limits(bed.pools[0], bed.types[0]));
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
