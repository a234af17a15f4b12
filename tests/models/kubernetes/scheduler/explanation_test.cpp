// Also tests: reason_text
#include "models/kubernetes/scheduler/explanation.h"

#include <doctest/doctest.h>

#include "models/kubernetes/scheduler/reason_text.h"
#include "tests/models/kubernetes/scheduler/plugin_fixture.h"

namespace plimsoll::kubernetes {
namespace {

struct Explained : PluginFixture {
  Explanation ask(PodShape shape, KubernetesVersion version = KubernetesVersion::current,
                  std::vector<PreemptionBudget> budgets = {}) {
    const ShapeId id = shapes.intern(std::move(shape));
    const Framework framework(default_profile(version), names);
    Scratch scratch;
    return explain(framework, snapshot, shapes, names, id, budgets, scratch);
  }
  void put_of_priority(Row row, std::int64_t millis, std::int32_t priority) {
    PodShape s = pod("b", millis);
    s.priority = priority;
    const ShapeId id = shapes.intern(std::move(s));
    snapshot.add_pod(row, {PodId{next++}, id, priority, false, Time{}}, shapes[id]);
  }
};

TEST_CASE("scores stand by plugin, weighted, and sum to the total") {
  Explained f;
  f.snapshot.add_node(f.node("z1", 4000));
  f.snapshot.add_node(f.node("z1", 8000));
  const Explanation e = f.ask(f.pod("a", 1000, kGiB));
  REQUIRE(e.feasible == 2);
  CHECK(e.message.empty());
  for (const NodeExplanation& n : e.nodes) {
    std::int64_t sum = 0;
    for (const ScoreExplanation& s : n.scores) {
      CHECK(s.weighted == s.weight * s.normalized);
      sum += s.weighted;
    }
    CHECK(sum == n.total);
    CHECK(n.reasons.empty());
  }
  // Least allocated: (75 + 87) / 2 = 81 of 4 vCPU, (87 + 87) / 2 = 87 of 8 vCPU.
  const auto fit = [&](std::size_t node) {
    for (const ScoreExplanation& s : e.nodes[node].scores) {
      if (s.plugin == PluginId::node_resources_fit) return s.raw;
    }
    return std::int64_t{-1};
  };
  CHECK(fit(0) == 81);
  CHECK(fit(1) == 87);
  CHECK(e.best == std::vector<std::size_t>{1});
}

TEST_CASE("the message counts reasons, sorts them as text and tells what preemption found") {
  Explained f;
  for (int i = 0; i < 10; ++i) f.snapshot.add_node(f.node("z1", 1000));  // too small
  SnapshotNode tainted = f.node("z1", 8000);
  tainted.taints.push_back({f.name("dedicated"), f.name("gpu"), TaintEffect::no_schedule});
  f.snapshot.add_node(std::move(tainted));
  const Row cordoned = f.snapshot.add_node(f.node("z1", 8000));
  f.snapshot.set_unschedulable(cordoned, true);
  const PodShape big = f.pod("a", 2000);
  // A request beyond what the nodes have at all is unresolvable in the newest rules, so preemption does not try.
  CHECK(f.ask(big).message ==
        "0/12 nodes are available: 1 node(s) had untolerated taint {dedicated: gpu}, 1 node(s) were unschedulable, "
        "10 Insufficient cpu. preemption: 0/12 nodes are available: 12 Preemption is not helpful for scheduling.");
  CHECK(f.ask(big, KubernetesVersion::v1_26).message ==
        "0/12 nodes are available: 1 node(s) had untolerated taint {dedicated: gpu}, 1 node(s) were unschedulable, "
        "10 Insufficient cpu. preemption: 0/12 nodes are available: 10 No preemption victims found for incoming pod, "
        "2 Preemption is not helpful for scheduling..");
  CHECK(f.ask(big, KubernetesVersion::v1_20).message ==
        "0/12 nodes are available: 1 node(s) had taint {dedicated: gpu}, that the pod didn't tolerate, "
        "1 node(s) were unschedulable, 10 Insufficient cpu.");
  PodShape polite = big;
  polite.preempts = false;
  CHECK(f.ask(polite).message ==
        "0/12 nodes are available: 1 node(s) had untolerated taint {dedicated: gpu}, 1 node(s) were unschedulable, "
        "10 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.");
}

TEST_CASE("several short resources of a node count each, extended ones by name") {
  Explained f;
  f.snapshot.add_node(f.node("z1", 1000, kGiB));
  PodShape p = f.pod("a", 2000, 2 * kGiB);
  p.extended = {{f.name("example.com/widget"), 1}};
  const Explanation e = f.ask(p);
  CHECK(e.nodes[0].reasons ==
        std::vector<std::string>{"Insufficient cpu", "Insufficient memory", "Insufficient example.com/widget"});
  CHECK(e.message.starts_with(
      "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient example.com/widget, 1 Insufficient memory. "));
}

TEST_CASE("filters after the one that failed are not asked") {
  Explained f;
  SnapshotNode n = f.node("z1", 1000);
  n.taints.push_back({f.name("dedicated"), {}, TaintEffect::no_schedule});
  f.snapshot.add_node(std::move(n));
  const Explanation e = f.ask(f.pod("a", 100));
  for (std::size_t i = 0; i < e.filters.size(); ++i) {
    const FilterAnswer expected = e.filters[i] == PluginId::taint_toleration  ? FilterAnswer::failed
                                  : e.filters[i] < PluginId::taint_toleration ? FilterAnswer::passed
                                                                              : FilterAnswer::not_asked;
    CHECK(e.nodes[0].filters[i] == expected);
  }
  CHECK(e.message ==
        "0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: }. preemption: 0/1 nodes are available: "
        "1 Preemption is not helpful for scheduling.");
}

TEST_CASE("preemption that helps names the node and the victims, and leaves the snapshot alone") {
  Explained f;
  f.snapshot.add_node(f.node("z1", 2000));
  f.snapshot.add_node(f.node("z1", 2000));
  f.put_of_priority(0, 1500, 100);
  f.put_of_priority(1, 1500, 5);
  PodShape urgent = f.pod("a", 1000);
  urgent.priority = 50;
  const Explanation e = f.ask(urgent);
  CHECK(e.message == "0/2 nodes are available: 2 Insufficient cpu.");
  CHECK(e.nominated == 1);
  CHECK(e.victims == std::vector<PodId>{PodId{1}});
  CHECK(f.snapshot.pods(1).size() == 1);
}

TEST_CASE("1.20 gives two reasons for an inter-pod affinity that fails") {
  Explained f;
  f.snapshot.add_node(f.node("z1"));
  PodShape p = f.pod("a", 100);
  p.pod_required = {f.near("nobody", "topology.kubernetes.io/zone")};
  CHECK(f.ask(p, KubernetesVersion::v1_20).message ==
        "0/1 nodes are available: 1 node(s) didn't match pod affinity rules, "
        "1 node(s) didn't match pod affinity/anti-affinity rules.");
  CHECK(f.ask(p, KubernetesVersion::current).nodes[0].reasons ==
        std::vector<std::string>{"node(s) didn't match pod affinity rules"});
}

TEST_CASE("a cluster without nodes has a message of its own") {
  Explained f;
  CHECK(f.ask(f.pod("a", 100)).message == "no nodes available to schedule pods");
}

}  // namespace
}  // namespace plimsoll::kubernetes
