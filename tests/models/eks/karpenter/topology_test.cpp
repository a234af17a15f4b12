#include "models/eks/karpenter/topology.h"

#include <doctest/doctest.h>

#include "tests/models/eks/karpenter/karpenter_bed.h"

namespace plimsoll::eks::karpenter {

namespace {

struct Case : test::KarpenterBed {
  DomainUniverse universe{{known.zone, {name("z1"), name("z2")}}};
  PodShape app() {
    PodShape s = test::shape_of(100, 10);
    s.namespace_name = name("default");
    s.labels.set(name("app"), name("a"));
    return s;
  }
  ShapeId spread_shape() {
    PodShape s = app();
    TopologySpreadConstraint c;
    c.topology_key = known.zone;
    c.selector = select("app", "a");
    s.spread.push_back(c);
    return shapes.intern(s);
  }
};

}  // namespace

TEST_CASE("spread sends a planned node to the emptiest zone that the skew allows") {
  Case c;
  c.place(c.add_claimed(0, 0), c.app());
  const ShapeId id = c.spread_shape();
  Topology t(c.sim, c.universe);
  t.announce(id);
  CHECK(t.concerns(id));
  Requirements node;
  CHECK(t.narrow(id, {}, node));
  CHECK(node.find(c.known.zone)->values == std::vector<NameId>{c.name("z2")});
  t.record(id, node);
  t.record(id, node);
  // 1 and 2 now: a third in z2 would be two more than z1.
  Requirements fixed;
  fixed.add(KeyRequirement::in(c.known.zone, c.name("z2")), c.names);
  CHECK_FALSE(t.narrow(id, {}, fixed));
  CHECK(t.allows(id, {}, c.snapshot.node(0).labels));
}

TEST_CASE("anti-affinity blocks every place where a pod may end up, for both sides") {
  Case c;
  PodShape s = c.app();
  s.anti_required.push_back({c.select("app", "a"), c.known.zone, {}});
  const ShapeId id = c.shapes.intern(s);
  const ShapeId plain = c.shapes.intern(c.app());
  Topology t(c.sim, c.universe);
  t.announce(id);
  CHECK(t.concerns(plain));
  Requirements first;
  CHECK(t.narrow(id, {}, first));
  t.record(id, first);  // undecided between both zones: both are taken
  Requirements second;
  CHECK_FALSE(t.narrow(id, {}, second));
  CHECK_FALSE(t.narrow(plain, {}, second));
}

TEST_CASE("affinity follows its pods, and the first of a kind may choose") {
  Case c;
  PodShape s = c.app();
  s.pod_required.push_back({c.select("app", "a"), c.known.zone, {}});
  const ShapeId id = c.shapes.intern(s);
  Topology t(c.sim, c.universe);
  t.announce(id);
  Requirements node;
  REQUIRE(t.narrow(id, {}, node));
  t.record(id, node);
  Requirements next;
  REQUIRE(t.narrow(id, {}, next));
  CHECK(next.find(c.known.zone)->values == node.find(c.known.zone)->values);
  PodShape stranger = test::shape_of(100, 10);
  stranger.namespace_name = c.name("default");
  stranger.pod_required.push_back({c.select("app", "b"), c.known.zone, {}});
  const ShapeId lonely = c.shapes.intern(stranger);
  t.announce(lonely);
  CHECK_FALSE(t.narrow(lonely, {}, next));
}

}  // namespace plimsoll::eks::karpenter
