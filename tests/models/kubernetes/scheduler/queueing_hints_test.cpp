#include "models/kubernetes/scheduler/queueing_hints.h"

#include <doctest/doctest.h>

#include "tests/models/kubernetes/scheduler/plugin_fixture.h"

namespace plimsoll::kubernetes {
namespace {

using Kind = ClusterEvent::Kind;

struct Hints : PluginFixture {
  bool helps(KubernetesVersion version, PodShape shape, std::initializer_list<PluginId> rejected, ClusterEvent event) {
    QueuedPod pod;
    pod.shape = shapes.intern(std::move(shape));
    for (const PluginId id : rejected) pod.rejected |= 1u << static_cast<unsigned>(id);
    const Framework framework(default_profile(version), names);
    return may_help(framework, {snapshot, shapes, names}, pod, event);
  }
  ClusterEvent of_node(Kind kind, Row row) { return {kind, row, {}}; }
  ClusterEvent of_pod(Kind kind, PodShape shape) { return {kind, kNoRow, shapes.intern(std::move(shape))}; }
};

constexpr auto kOld = KubernetesVersion::v1_20, kMiddle = KubernetesVersion::v1_26, kNew = KubernetesVersion::current;

TEST_CASE("a new node helps a pod short of resources when it could hold it empty") {
  Hints f;
  f.snapshot.add_node(f.node("z1", 1000));
  f.snapshot.add_node(f.node("z1", 4000));
  const PodShape big = f.pod("a", 2000);
  const auto fit = {PluginId::node_resources_fit};
  CHECK_FALSE(f.helps(kNew, big, fit, f.of_node(Kind::node_added, 0)));
  CHECK(f.helps(kNew, big, fit, f.of_node(Kind::node_added, 1)));
  CHECK(f.helps(kMiddle, big, fit, f.of_node(Kind::node_added, 0)));
  CHECK(f.helps(kOld, big, fit, f.of_node(Kind::node_added, 0)));
  // A node that is full still counts by its whole size.
  f.put(1, f.pod("b", 4000));
  CHECK(f.helps(kNew, big, fit, f.of_node(Kind::node_added, 1)));
}

TEST_CASE("a pod that leaves helps those short of room, not those whose affinity no node meets") {
  Hints f;
  f.snapshot.add_node(f.node("z1"));
  const ClusterEvent gone = f.of_pod(Kind::pod_deleted, f.pod("b", 500));
  CHECK(f.helps(kNew, f.pod("a", 100), {PluginId::node_resources_fit}, gone));
  CHECK_FALSE(f.helps(kNew, f.pod("a", 100), {PluginId::node_affinity}, gone));
  CHECK_FALSE(f.helps(kMiddle, f.pod("a", 100), {PluginId::node_affinity}, gone));
  CHECK(f.helps(kOld, f.pod("a", 100), {PluginId::node_affinity}, gone));
  CHECK(f.helps(kNew, f.pod("a", 100), {PluginId::node_affinity, PluginId::node_resources_fit}, gone));
}

TEST_CASE("taints, node affinity and cordons are looked at on the node of the event") {
  Hints f;
  SnapshotNode tainted = f.node("z1");
  tainted.taints.push_back({f.name("dedicated"), {}, TaintEffect::no_schedule});
  f.snapshot.add_node(std::move(tainted));
  f.snapshot.add_node(f.node("z2"));
  f.snapshot.set_unschedulable(0, true);
  PodShape p = f.pod("a", 100);
  p.node_selector = {{f.name("topology.kubernetes.io/zone"), f.name("z2")}};
  for (const PluginId id : {PluginId::taint_toleration, PluginId::node_affinity, PluginId::node_unschedulable}) {
    CAPTURE(plugin_name(id));
    CHECK_FALSE(f.helps(kNew, p, {id}, f.of_node(Kind::node_added, 0)));
    CHECK(f.helps(kNew, p, {id}, f.of_node(Kind::node_added, 1)));
  }
  f.snapshot.set_unschedulable(0, false);
  CHECK(f.helps(kNew, p, {PluginId::node_unschedulable}, f.of_node(Kind::node_uncordoned, 0)));
}

TEST_CASE("an assigned pod helps those with an affinity term that it matches") {
  Hints f;
  f.snapshot.add_node(f.node("z1"));
  PodShape p = f.pod("a", 100);
  p.pod_required = {f.near("b", "topology.kubernetes.io/zone")};
  for (const auto version : {kOld, kMiddle, kNew}) {
    CHECK(f.helps(version, p, {PluginId::inter_pod_affinity}, f.of_pod(Kind::pod_assigned, f.pod("b"))));
    CHECK_FALSE(f.helps(version, p, {PluginId::inter_pod_affinity}, f.of_pod(Kind::pod_assigned, f.pod("c"))));
  }
}

TEST_CASE("a pod that leaves helps the spread and the anti-affinity that count it") {
  Hints f;
  f.snapshot.add_node(f.node("z1"));
  PodShape spread = f.pod("a", 100);
  TopologySpreadConstraint c;
  c.topology_key = f.name("topology.kubernetes.io/zone");
  c.selector = f.app("a");
  spread.spread = {c};
  const auto leaves = [&](const char* app) { return f.of_pod(Kind::pod_deleted, f.pod(app)); };
  CHECK(f.helps(kNew, spread, {PluginId::pod_topology_spread}, leaves("a")));
  CHECK_FALSE(f.helps(kNew, spread, {PluginId::pod_topology_spread}, leaves("b")));
  PodShape apart = f.pod("a", 100);
  apart.anti_required = {f.near("b", "kubernetes.io/hostname")};
  CHECK(f.helps(kNew, apart, {PluginId::inter_pod_affinity}, leaves("b")));
  CHECK_FALSE(f.helps(kNew, apart, {PluginId::inter_pod_affinity}, leaves("c")));
}

TEST_CASE("the rejecting filters are read off the reasons of a decision") {
  Decision d;
  d.failed[static_cast<std::size_t>(Reason::insufficient_memory)] = 3;
  d.failed[static_cast<std::size_t>(Reason::taint)] = 1;
  CHECK(rejecting_plugins(d) == (1u << static_cast<unsigned>(PluginId::node_resources_fit) |
                                 1u << static_cast<unsigned>(PluginId::taint_toleration)));
}

}  // namespace
}  // namespace plimsoll::kubernetes
