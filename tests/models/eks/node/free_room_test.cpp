#include "models/eks/node/free_room.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "sim/core/random.h"
#include "tests/models/eks/fixture.h"

namespace plimsoll::eks {

namespace {

/// Two sizes, the second also as a pod that tolerates the taint and as one that selects a label.
std::vector<ShapeId> room_shapes(test::Bed& bed) {
  PodShape tolerant = test::shape_of(700, 300), choosy = tolerant, idle;
  tolerant.tolerations.push_back({bed.name("dedicated"), {}, true, {}, {}});
  choosy.node_selector.emplace_back(bed.name("disk"), bed.name("ssd"));
  idle.requests[Resource::pods] = 1;
  return {bed.shapes.intern(test::shape_of(300, 1200)), bed.shapes.intern(test::shape_of(700, 300)),
          bed.shapes.intern(tolerant), bed.shapes.intern(choosy), bed.shapes.intern(idle)};
}

}  // namespace

TEST_CASE("free room answers as the predicates do while pods are placed, taken back and nodes change") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Stream stream(seed, "free-room", Purpose::tie_break);
    std::uint64_t item = 0;
    const auto dice = [&](std::size_t sides) { return static_cast<std::size_t>(stream.below(sides, item++)); };
    test::Bed bed;
    const std::vector<ShapeId> shapes = room_shapes(bed);
    const auto grow = [&] {
      SnapshotNode node =
          bed.node("n" + std::to_string(bed.snapshot.rows()),
                   test::room(static_cast<std::int64_t>(dice(4)) * 700, static_cast<std::int64_t>(dice(4)) * 900, 4),
                   NodeId{bed.snapshot.rows()});
      if (dice(3) == 0) node.labels.set(bed.name("disk"), bed.name("ssd"));
      bed.snapshot.add_node(std::move(node));
    };
    for (std::size_t n = 1 + dice(200); n > 0; --n) grow();
    FreeRoom room;
    std::uint32_t next_pod = 0;
    for (int round = 0; round < 12; ++round) {
      // The cluster goes on.
      const auto row = static_cast<Row>(dice(bed.snapshot.rows()));
      switch (dice(5)) {
        case 0:
          grow();
          break;
        case 1:
          if (bed.snapshot.alive(row)) bed.snapshot.remove_node(row);
          break;
        case 2:
          bed.snapshot.set_unschedulable(row, dice(2) == 0);
          break;
        case 3:
          bed.snapshot.add_taint(row, {bed.name("dedicated"), {}, TaintEffect::no_schedule});
          break;
        default:
          if (bed.snapshot.alive(row)) bed.sim.place(row, PodId{next_pod++}, shapes[1]);
          break;
      }
      room.follow(bed.sim);
      const Trial trial(bed.sim);
      struct Mark {
        std::size_t mark;
        Snapshot::Level level;
      };
      std::vector<Mark> marks;
      std::vector<bool> closed(bed.snapshot.rows(), false);
      for (int step = 0; step < 120; ++step) {
        const ShapeId shape = shapes[dice(shapes.size())];
        const FreeRoom::Kind kind = room.kind_of(bed.sim, shape);
        REQUIRE(kind != FreeRoom::kNoKind);
        const auto takes = [&](std::size_t at) {
          const Row r = static_cast<Row>(at);
          return bed.snapshot.alive(r) && !bed.snapshot.node(r).unschedulable && !closed[at] && bed.sim.fits(shape, r);
        };
        const std::size_t first = dice(room.rows() + 1), last = first + dice(room.rows() + 1 - first);
        std::size_t plain = first, found = first;
        while (plain < last && !takes(plain)) ++plain;
        while ((found = room.next(found, last, kind)) < last && !room.fits(bed.sim, kind, static_cast<Row>(found)))
          ++found;
        REQUIRE(found == plain);
        const std::size_t what = dice(10);
        if (what == 0) {
          marks.push_back({room.mark(), bed.snapshot.checkpoint()});
        } else if (what == 1 && !marks.empty()) {
          room.undo(marks.back().mark);
          bed.snapshot.rollback(marks.back().level);
          marks.pop_back();
        } else if (what == 2 && marks.empty()) {
          const std::size_t at = dice(room.rows());
          room.close(static_cast<Row>(at));
          closed[at] = true;
        } else if (plain < last) {
          room.place(kind, static_cast<Row>(plain));
          bed.sim.place(static_cast<Row>(plain), PodId{100'000u + static_cast<std::uint32_t>(step)}, shape);
        }
      }
      room.undo(0);
    }
  }
}

TEST_CASE("shapes that look at other pods, ports, volumes or hosts are of no kind, and equal needs share one") {
  test::Bed bed;
  bed.add_node("n0", test::room(1000, 1000), 0);
  FreeRoom room;
  room.follow(bed.sim);
  const auto kind = [&](const PodShape& shape) { return room.kind_of(bed.sim, bed.shapes.intern(shape)); };
  PodShape plain = test::shape_of(100, 100), labelled = plain, ports = plain, volume = plain, named = plain,
           spread = plain, device = plain;
  labelled.labels.set(bed.name("app"), bed.name("a"));
  ports.host_ports.push_back({80, {}, {}});
  volume.volumes.emplace_back();
  named.node_name = bed.name("n0");
  TopologySpreadConstraint zones;
  zones.topology_key = bed.name("zone");
  spread.spread.push_back(zones);
  device.extended.emplace_back(bed.name("fpga"), 1);
  CHECK(kind(plain) == kind(labelled));
  CHECK(kind(plain) != kind(test::shape_of(200, 100)));
  for (const PodShape& s : {ports, volume, named, spread, device}) CHECK(kind(s) == FreeRoom::kNoKind);
}

TEST_CASE("a row of its own takes pods by what is free on it and whom it admits, until it is taken back") {
  test::Bed bed;
  bed.add_node("n0", test::room(100, 1000), 0);
  const ShapeId shape = bed.shapes.intern(test::shape_of(400, 100));
  FreeRoom room;
  room.follow(bed.sim);
  const FreeRoom::Kind kind = room.kind_of(bed.sim, shape);
  const std::uint8_t yes[] = {1}, no[] = {0};
  room.add_row(test::room(1000, 1000), yes);
  room.add_row(test::room(1000, 1000), no);
  CHECK(room.next(0, room.rows(), kind) == 1);
  CHECK(room.fits(bed.sim, kind, 1));
  CHECK_FALSE(room.fits(bed.sim, kind, 2));
  room.place(kind, 1);
  room.place(kind, 1);
  CHECK(room.next(0, room.rows(), kind) == 2);  // 1000 less 2 x 400 is less than 400
  room.undo(0);
  CHECK(room.rows() == 1);
  CHECK(room.next(0, room.rows(), kind) == 1);
}

}  // namespace plimsoll::eks
