#include "models/kubernetes/controllers/volume_claims.h"

#include <doctest/doctest.h>

#include "models/kubernetes/controllers/stateful_set_controller.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

/// A StatefulSet of pods with one volume of 10 GiB, on a node in each of three zones. Every five seconds what waits is
/// placed on the first node that its volume allows, from `first` on in the order of the zones.
struct Bench {
  explicit Bench(std::int64_t desired, bool deleted_when_scaled = false) : world(small_world()) {
    auto owned = std::make_unique<billing::Bill>(world.window_start, world.end);
    billing::LineItem item;
    item.item = "ebs/claims";
    item.rate = Rate{1'000'000'000'000};
    const LineItemId line = owned->line(item);
    bill = world.attach(std::move(owned));
    db = add_workload(world, "db", 100, 64, desired);
    PodShape shape = world.shapes[world.workload(db).shape];
    shape.volumes.emplace_back();
    world.edit_workload(db).shape = world.shapes.intern(shape);
    auto volumes = std::make_unique<VolumeClaims>(bill);
    volumes->manage(db, {10, line, deleted_when_scaled});
    claims = world.attach(std::move(volumes));
    auto controller = std::make_unique<StatefulSetController>();
    controller->manage(db, {});
    controller->claim_through(claims);
    world.attach(std::move(controller));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    for (int z = 0; z < 3; ++z) nodes.push_back(ready_node(world, 64'000, 65'536, z));
    for (std::int64_t t = 5; t < 3000; t += 5) {
      script->at(at_s(t), [this](World& w) {
        for (const PodId pod : std::vector<PodId>(w.pending_pods().begin(), w.pending_pods().end())) place(w, pod);
        for (const PodId pod : std::vector<PodId>(w.workload(db).pods)) {
          if (w.pod(pod).state == PodState::stopping) w.pod_ended(pod, plimsoll::Reason::none);
        }
      });
    }
  }
  void place(World& w, PodId pod) {
    const NameId wanted = w.shapes[w.pod(pod).shape].volumes[0].zone;
    for (int i = 0; i < 3; ++i) {
      const NodeId node = nodes[static_cast<std::size_t>((first + i) % 3)];
      if (!wanted.is_none() && w.zones()[w.node(node).zone.index()] != wanted) continue;
      CHECK(w.bind_pod(pod, node) == Applied::yes);
      w.pod_started(pod);
      w.pod_ready(pod);
      return;
    }
  }
  const VolumeClaims& volumes() { return dynamic_cast<VolumeClaims&>(world.component(claims)); }
  std::int64_t open_gib() { return dynamic_cast<billing::Bill&>(world.component(bill)).lines()[0].open_quantity; }

  World world;
  HandlerId bill, claims;
  WorkloadId db;
  std::vector<NodeId> nodes;
  Script* script = nullptr;
  int first = 0;
};

TEST_CASE("a pod comes back in the zone of its volume, wherever there would be room") {
  Bench b(2);
  b.script->at(at_s(30), [](World& w) { w.stop_pod(PodId{0}, plimsoll::Reason::user_initiated); });
  b.world.run_until(at_s(20));
  CHECK(b.volumes().zone_of(b.db, 0) == b.world.zones()[0]);
  CHECK(b.volumes().zone_of(b.db, 1) == b.world.zones()[0]);
  CHECK(b.open_gib() == 20);
  b.first = 1;  // others are preferred from now on
  b.world.run_until(at_s(60));
  REQUIRE(b.world.pods().size() == 3);
  CHECK(b.world.pod(PodId{2}).node == b.nodes[0]);
  CHECK(b.open_gib() == 20);  // the volume that it had
}

TEST_CASE("a class that binds at once makes an ordinal's volume with its pod, in the zone of the provisioner") {
  Bench b(3);
  const std::vector<NameId> zones = {b.world.zones()[1], b.world.zones()[2]};
  const LineItemId line{0};
  dynamic_cast<VolumeClaims&>(b.world.component(b.claims)).manage(b.db, {10, line, false, {{"data-db", zones}}});
  b.world.run_until(at_s(3));  // the first pod is there, and no node has it
  REQUIRE(b.world.pods().size() == 1);
  CHECK(b.open_gib() == 10);
  b.world.run_until(at_s(60));
  REQUIRE(b.world.pods().size() == 3);
  // FNV-1 of "db" is 1,836,525,763, which is odd: the second zone comes first.
  for (std::uint32_t i = 0; i < 3; ++i) {
    const NameId zone = zones[(i + 1) % 2];
    CHECK(b.volumes().zone_of(b.db, i) == zone);
    CHECK(b.world.zones()[b.world.node(b.world.pod(PodId{i}).node).zone.index()] == zone);
  }
  CHECK(b.open_gib() == 30);
}

TEST_CASE("a pod that is being bound is tied to the zone of the volumes of its ordinal") {
  Bench b(1);
  b.world.run_until(at_s(3));
  REQUIRE(b.world.pods().size() == 1);
  const PodId pod{0};
  PodShape open = b.world.shapes[b.world.pod(pod).shape];
  open.volumes[0].allowed = {NodeSelectorTerm{}};
  b.world.edit_pod(pod).shape = b.world.shapes.intern(open);
  tie_own_volumes(b.world, pod, b.world.zones()[1]);
  const PodVolume& v = b.world.shapes[b.world.pod(pod).shape].volumes[0];
  CHECK(v.zone == b.world.zones()[1]);
  CHECK(v.allowed.empty());
  tie_own_volumes(b.world, pod, b.world.zones()[2]);  // it is made already
  CHECK(b.world.shapes[b.world.pod(pod).shape].volumes[0].zone == b.world.zones()[1]);
  // Pods of others have no ordinal: what they have for themselves ends with them.
  const WorkloadId other = add_workload(b.world, "other", 100, 64, 0);
  b.world.edit_workload(other).shape = b.world.shapes.intern(open);
  const PodId free = b.world.create_pod(other);
  tie_own_volumes(b.world, free, b.world.zones()[1]);
  CHECK(b.world.shapes[b.world.pod(free).shape].volumes[0].zone.is_none());
}

TEST_CASE("a claim outlives a pod that is scaled away, unless the set says otherwise") {
  for (const bool deleted : {false, true}) {
    Bench b(2, deleted);
    b.script->at(at_s(30), [id = b.db](World& w) { w.set_desired(id, 1); });
    b.script->at(at_s(60), [&b](World& w) {
      b.first = 2;
      w.set_desired(b.db, 2);
    });
    b.world.run_until(at_s(55));
    CHECK(b.open_gib() == (deleted ? 10 : 20));
    b.world.run_until(at_s(100));
    CHECK(b.open_gib() == 20);
    CHECK(b.volumes().zone_of(b.db, 1) == b.world.zones()[deleted ? 2 : 0]);
  }
}

}  // namespace
}  // namespace plimsoll::kubernetes
