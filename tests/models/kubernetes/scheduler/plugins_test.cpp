// Also tests: balanced_allocation, image_locality, inter_pod_affinity, least_allocated, match, most_allocated
// Also tests: node_affinity, node_name, node_ports, node_resources_fit, node_unschedulable, plugin, pod_requests
// Also tests: pod_topology_spread, profile, requested_to_capacity_ratio, resource_amounts, taint_toleration
#include <doctest/doctest.h>

#include "models/kubernetes/scheduler/image_locality.h"
#include "models/kubernetes/scheduler/match.h"
#include "models/kubernetes/scheduler/num_feasible_nodes.h"
#include "tests/models/kubernetes/scheduler/plugin_fixture.h"

namespace plimsoll::kubernetes {
namespace {

using Scores = std::vector<std::int64_t>;

TEST_CASE("least and most allocated are weighted means of shares") {
  PluginFixture f;
  f.snapshot.add_node(f.node("", 4000, 10'000));
  // cpu (4000 - 3000) * 100 / 4000 = 25; memory (10000 - 5000) * 100 / 10000 = 50.
  Profile p = f.only(PluginId::least_allocated);
  CHECK(f.ask(p, f.pod("a", 3000, 5000)).totals == Scores{37});
  p.fit_resources[1].weight = 3;
  CHECK(f.ask(p, f.pod("a", 3000, 5000)).totals == Scores{43});  // (25 + 150) / 4
  CHECK(f.ask(f.only(PluginId::most_allocated), f.pod("a", 3000, 5000)).totals == Scores{62});
  // Above allocatable: 0 in 1.20, 100 later.
  CHECK(f.ask(f.only(PluginId::most_allocated, KubernetesVersion::v1_20, false), f.pod("a", 5000, 5000)).totals ==
        Scores{25});
  CHECK(f.ask(f.only(PluginId::most_allocated, KubernetesVersion::v1_26, false), f.pod("a", 5000, 5000)).totals ==
        Scores{75});
}

TEST_CASE("a container that names nothing counts 100m and 200 MiB in scores, one that names 0 counts nothing") {
  PluginFixture f;
  f.snapshot.add_node(f.node("", 1000, 2000 * kMiB));
  PodShape silent = f.pod();
  const ContainerRequests nothing;
  set_requests(silent, {&nothing, 1}, {}, {});
  CHECK_FALSE(silent.requests_anything);
  CHECK(f.ask(f.only(PluginId::least_allocated), silent).totals == Scores{90});
  CHECK(f.ask(f.only(PluginId::least_allocated), f.pod()).totals == Scores{100});
}

TEST_CASE("the incoming pod's overhead is read in whole cores by 1.20 and 1.26") {
  PluginFixture f;
  f.snapshot.add_node(f.node("", 1000, 1000));
  PodShape s = f.pod();
  ContainerRequests main, overhead;
  main.cpu = cpu_millis(100);
  main.memory = Bytes{0};
  overhead.cpu = cpu_millis(500);
  set_requests(s, {&main, 1}, {}, overhead);
  Profile p = f.only(PluginId::least_allocated, KubernetesVersion::v1_26);
  p.fit_resources.resize(1);
  CHECK(f.ask(p, s).totals == Scores{89});  // 100m + 1m
  p.version = KubernetesVersion::current;
  CHECK(f.ask(p, s).totals == Scores{40});
}

TEST_CASE("balance is the difference of shares in 1.20, half of it later") {
  PluginFixture f;
  f.snapshot.add_node(f.node("", 1000, 1000));
  // shares 0.5 and 0.1
  CHECK(f.ask(f.only(PluginId::balanced_allocation, KubernetesVersion::v1_20), f.pod("a", 500, 100)).totals ==
        Scores{60});
  CHECK(f.ask(f.only(PluginId::balanced_allocation, KubernetesVersion::v1_26), f.pod("a", 500, 100)).totals ==
        Scores{80});
  CHECK(f.ask(f.only(PluginId::balanced_allocation), f.pod()).totals == Scores{0});
}

TEST_CASE("balance is not scored for a pod that asks for GPUs alone in the newest releases") {
  PluginFixture f;
  f.snapshot.add_node(f.node("", 1000, 1000));
  PodShape s = f.pod();
  s.requests[Resource::gpus] = 1;
  s.requests_anything = true;
  CHECK(f.ask(f.only(PluginId::balanced_allocation, KubernetesVersion::current, false), s).totals == Scores{0});
  CHECK(f.ask(f.only(PluginId::balanced_allocation, KubernetesVersion::v1_26, false), s).totals == Scores{100});
}

TEST_CASE("requested to capacity ratio interpolates the user's points") {
  PluginFixture f;
  f.snapshot.add_node(f.node("", 1000, 1000));
  Profile p = f.only(PluginId::requested_to_capacity_ratio);
  p.capacity_shape = {{0, 0}, {50, 8}, {100, 10}};
  // 25 % is 40, 75 % is 90; their mean 65.
  CHECK(f.ask(p, f.pod("a", 250, 750)).totals == Scores{65});
}

TEST_CASE("the fit filter names every resource that is short") {
  PluginFixture f;
  SnapshotNode n = f.node("", 1000, 1000);
  n.allocatable[Resource::pods] = 0;
  f.snapshot.add_node(std::move(n));
  PodShape s = f.pod("a", 2000, 2000);
  s.extended = {{f.name("example.com/widget"), 1}};
  const Grid g = f.ask(f.only(PluginId::node_resources_fit, KubernetesVersion::v1_26), s);
  const Verdict& v = g.verdicts[0];
  CHECK(v.code == Code::unschedulable);
  CHECK(v.has(Reason::too_many_pods));
  CHECK(v.has(Reason::insufficient_cpu));
  CHECK(v.has(Reason::insufficient_memory));
  CHECK(v.has(Reason::insufficient_extended));
  CHECK(v.detail == f.name("example.com/widget"));
  Profile p = f.only(PluginId::node_resources_fit);
  p.ignored_resource_groups = {"example.com"};
  CHECK_FALSE(f.ask(p, s).verdicts[0].has(Reason::insufficient_extended));
  // Without requests only the pod slot counts.
  CHECK(f.ask(f.only(PluginId::node_resources_fit), f.pod()).verdicts[0].reasons ==
        1u << static_cast<unsigned>(Reason::too_many_pods));
}

TEST_CASE("taints keep pods away, prefer, or are tolerated") {
  PluginFixture f;
  SnapshotNode hard = f.node(), soft = f.node();
  hard.taints = {{f.name("k"), f.name("v"), TaintEffect::no_execute}};
  soft.taints = {{f.name("k"), f.name("v"), TaintEffect::prefer_no_schedule}};
  f.snapshot.add_node(f.node());
  f.snapshot.add_node(hard);
  f.snapshot.add_node(soft);
  PodShape s = f.pod();
  Grid g = f.ask(f.only(PluginId::taint_toleration), s);
  CHECK(g.verdicts[1].code == Code::unresolvable);
  CHECK(g.verdicts[1].detail == f.name("k"));
  CHECK(g.totals == Scores{100, 0});
  s.tolerations = {{f.name("k"), f.name("v"), false, TaintEffect::no_execute, {}}};
  g = f.ask(f.only(PluginId::taint_toleration), s);
  CHECK(g.totals == Scores{100, 100, 0});
  s.tolerations = {{{}, {}, true, {}, {}}};
  CHECK(f.ask(f.only(PluginId::taint_toleration), s).totals == Scores{100, 100, 100});
  CHECK_FALSE(tolerates({f.name("k"), f.name("w"), false, {}, {}}, hard.taints[0]));
}

TEST_CASE("cordoned nodes, names and host ports") {
  PluginFixture f;
  f.snapshot.add_node(f.node());
  f.snapshot.add_node(f.node());
  f.snapshot.set_unschedulable(0, true);
  Profile p = f.only(PluginId::node_unschedulable);
  p.scores.clear();
  CHECK(f.ask(p, f.pod()).feasible == std::vector<Row>{1});
  PodShape tolerant = f.pod();
  tolerant.tolerations = {{f.name("node.kubernetes.io/unschedulable"), {}, true, TaintEffect::no_schedule, {}}};
  CHECK(f.ask(p, tolerant).feasible.size() == 2);
  p.filters = {PluginId::node_name};
  PodShape named = f.pod();
  named.node_name = f.name("n1");
  CHECK(f.ask(p, named).feasible == std::vector<Row>{1});
  p.filters = {PluginId::node_ports};
  PodShape port = f.pod();
  port.host_ports = {{80, {}, f.name("10.0.0.1")}};
  f.put(0, port);
  PodShape any = f.pod();
  any.host_ports = {{80, {}, {}}};
  CHECK(f.ask(p, any).feasible == std::vector<Row>{1});
  PodShape other = f.pod();
  other.host_ports = {{80, {}, f.name("10.0.0.2")}};
  CHECK(f.ask(p, other).feasible.size() == 2);
  PodShape udp = f.pod();
  udp.host_ports = {{80, f.name("UDP"), {}}};
  CHECK(f.ask(p, udp).feasible.size() == 2);
}

TEST_CASE("node affinity: terms are alternatives, expressions all hold, numbers compare as numbers") {
  PluginFixture f;
  for (const char* gen : {"5", "10", "x"}) {
    SnapshotNode n = f.node();
    n.labels.set(f.name("gen"), f.name(gen));
    f.snapshot.add_node(std::move(n));
  }
  PodShape s = f.pod();
  s.node_required = {{{{f.name("gen"), SelectorOp::gt, {}, 7}}, {}}};
  CHECK(f.ask(f.only(PluginId::node_affinity), s).feasible == std::vector<Row>{1});
  s.node_required->push_back({{}, {{f.name("metadata.name"), SelectorOp::in, {f.name("n0")}, 0}}});
  CHECK(f.ask(f.only(PluginId::node_affinity), s).feasible == std::vector<Row>{0, 1});
  s.node_required = std::vector<NodeSelectorTerm>{};
  CHECK(f.ask(f.only(PluginId::node_affinity), s).feasible.empty());
  s.node_required = {{{{f.name("gen"), SelectorOp::not_in, {f.name("not a label!")}, 0}}, {}}};
  CHECK(f.ask(f.only(PluginId::node_affinity), s).feasible.empty());
  s.node_required = {{{{f.name("gen"), SelectorOp::in, {f.name("5"), f.name("not a label!")}, 0}}, {}}};
  CHECK(f.ask(f.only(PluginId::node_affinity), s).feasible.empty());
  s.node_required.reset();
  s.node_preferred = {{20, {{{f.name("gen"), SelectorOp::in, {f.name("5")}, 0}}, {}}},
                      {5, {{{f.name("gen"), SelectorOp::exists, {}, 0}}, {}}}};
  CHECK(f.ask(f.only(PluginId::node_affinity), s).totals == Scores{100, 20, 20});
}

TEST_CASE("images count by size and by how many nodes hold them") {
  PluginFixture f;
  SnapshotNode with = f.node();
  with.images = {{f.name("big:1"), 523 * kMiB * 2}};
  f.snapshot.add_node(with);
  f.snapshot.add_node(f.node());
  PodShape s = f.pod();
  s.images = {f.name("big:1")};
  // 1046 MiB x 1/2 = 523 MiB; (523 - 23) / (1000 - 23) = 51 %.
  CHECK(f.ask(f.only(PluginId::image_locality), s).totals == Scores{51, 0});
  // With an init container of another image: (523 - 23) / (2000 - 23) = 25 %; before, its image is not looked at.
  s.images.push_back(f.name("small:1"));
  CHECK(f.ask(f.only(PluginId::image_locality), s).totals == Scores{25, 0});
  CHECK(f.ask(f.only(PluginId::image_locality, KubernetesVersion::v1_26), s).totals == Scores{51, 0});
  CHECK(normalized_image_name("nginx") == "nginx:latest");
  CHECK(normalized_image_name("host:5000/nginx") == "host:5000/nginx:latest");
  CHECK(normalized_image_name("host:5000/nginx:1") == "host:5000/nginx:1");
}

TopologySpreadConstraint spread(PluginFixture& f, std::int32_t skew, const char* key, WhenUnsatisfiable when) {
  TopologySpreadConstraint c;
  c.max_skew = skew;
  c.topology_key = f.name(key);
  c.when = when;
  c.selector = f.app("a");
  return c;
}

TEST_CASE("a hard spread compares each domain with the emptiest") {
  PluginFixture f;
  for (const char* zone : {"z0", "z0", "z1", ""}) f.snapshot.add_node(f.node(zone));
  f.put(0, f.pod());
  f.put(1, f.pod());
  f.put(2, f.pod());
  f.put(2, f.pod("a"), true);  // terminating: not counted
  PodShape s = f.pod();
  s.spread = {spread(f, 1, "topology.kubernetes.io/zone", WhenUnsatisfiable::do_not_schedule)};
  const Grid g = f.ask(f.only(PluginId::pod_topology_spread), s);
  CHECK(g.feasible == std::vector<Row>{2});  // z0 would have 3, z1 has 1
  CHECK(g.verdicts[0].has(Reason::spread_skew));
  CHECK(g.verdicts[3].code == Code::unresolvable);
  s.spread[0].min_domains = 3;  // a third zone is wanted, so the least is 0
  CHECK(f.ask(f.only(PluginId::pod_topology_spread), s).feasible.empty());
  CHECK(f.ask(f.only(PluginId::pod_topology_spread, KubernetesVersion::v1_20), s).feasible == std::vector<Row>{2});
}

TEST_CASE("default constraints follow services and owners") {
  PluginFixture f;
  f.snapshot.add_node(f.node("z0"));
  f.snapshot.add_node(f.node("z1"));
  f.put(0, f.pod());
  const Profile p = f.only(PluginId::pod_topology_spread);
  CHECK(f.ask(p, f.pod()).totals == Scores{0, 0});  // left out today
  CHECK(f.ask(f.only(PluginId::pod_topology_spread, KubernetesVersion::v1_26), f.pod()).totals == Scores{100, 100});
  const ServiceSelector service{{}, {{f.name("app"), f.name("a")}}};
  const Grid g = f.ask(p, f.pod(), {service});
  CHECK(g.totals[0] < g.totals[1]);
  PodShape owned = f.pod();
  owned.owner_selector = f.app("a");
  CHECK(f.ask(p, owned).totals == g.totals);
  CHECK(f.ask(p, f.pod("b"), {service}).totals == Scores{0, 0});
}

TEST_CASE("required pod affinity: with the matching pod, or anywhere for the first of its kind") {
  PluginFixture f;
  for (const char* zone : {"z0", "z0", "z1"}) f.snapshot.add_node(f.node(zone));
  PodShape s = f.pod();
  s.pod_required = {f.near("a", "topology.kubernetes.io/zone")};
  const Profile p = f.only(PluginId::inter_pod_affinity);
  CHECK(f.ask(p, s).feasible.size() == 3);
  s.pod_required = {f.near("b", "topology.kubernetes.io/zone")};
  CHECK(f.ask(p, s).feasible.empty());
  f.put(0, f.pod("b"));
  CHECK(f.ask(p, s).feasible == std::vector<Row>{0, 1});
}

TEST_CASE("anti-affinity holds in both directions") {
  PluginFixture f;
  for (const char* zone : {"z0", "z0", "z1"}) f.snapshot.add_node(f.node(zone));
  PodShape hermit = f.pod("b");
  hermit.anti_required = {f.near("a", "topology.kubernetes.io/zone")};
  f.put(0, hermit);
  const Grid g = f.ask(f.only(PluginId::inter_pod_affinity), f.pod());
  CHECK(g.feasible == std::vector<Row>{2});
  CHECK(g.verdicts[1].has(Reason::existing_anti_affinity));
  PodShape s = f.pod("c");
  s.anti_required = {f.near("b", "kubernetes.io/hostname")};
  CHECK(f.ask(f.only(PluginId::inter_pod_affinity), s).feasible == std::vector<Row>{1, 2});
}

TEST_CASE("preferred affinity: 1.20 anchors the scale at zero, later releases at the least") {
  PluginFixture f;
  for (int i = 0; i < 3; ++i) f.snapshot.add_node(f.node());
  f.put(0, f.pod("b"));
  f.put(1, f.pod("b"));
  f.put(1, f.pod("b"));
  f.put(2, f.pod("b"));
  PodShape s = f.pod();
  s.pod_preferred = {{10, f.near("b", "kubernetes.io/hostname")}};
  CHECK(f.ask(f.only(PluginId::inter_pod_affinity, KubernetesVersion::v1_20), s).totals == Scores{50, 100, 50});
  CHECK(f.ask(f.only(PluginId::inter_pod_affinity), s).totals == Scores{0, 100, 0});
}

TEST_CASE("how many feasible nodes are enough") {
  CHECK(num_feasible_nodes(99, 10) == 99);
  CHECK(num_feasible_nodes(1000, 0) == 420);
  CHECK(num_feasible_nodes(5000, 0) == 500);
  CHECK(num_feasible_nodes(6000, 0) == 300);
  CHECK(num_feasible_nodes(200, 10) == 100);
  CHECK(num_feasible_nodes(200, 100) == 200);
}

}  // namespace
}  // namespace plimsoll::kubernetes
