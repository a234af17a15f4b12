#include "models/eks/node/simulation.h"

#include <doctest/doctest.h>

#include "sim/core/random.h"
#include "tests/models/eks/fixture.h"

namespace plimsoll::eks {

TEST_CASE("a trial leaves the snapshot and the cluster version as they were") {
  test::Bed bed;
  const Row row = bed.add_node("n0", test::room(2000, 4000), 0);
  const std::uint64_t before = bed.sim.cluster_version();
  {
    const Trial outer(bed.sim);
    bed.place(row, test::shape_of(500, 100));
    {
      const Trial inner(bed.sim);
      bed.snapshot.remove_node(row);
    }
    CHECK(bed.snapshot.pods(row).size() == 1);
  }
  CHECK(bed.snapshot.pods(row).empty());
  CHECK(bed.sim.cluster_version() == before);
  bed.place(row, test::shape_of(500, 100));
  CHECK(bed.sim.cluster_version() == before + 1);
}

TEST_CASE("the short way and the scheduler's own give the same verdicts") {
  test::Bed bed;
  const Stream draw(5, std::uint64_t{3}, Purpose::tie_break);
  for (std::size_t n = 0; n < 12; ++n) {
    SnapshotNode node = bed.node("n" + std::to_string(n), test::room(1000, 2000, 4), NodeId{n});
    if (n % 3 == 0) node.taints.push_back({bed.name("team"), {}, TaintEffect::no_schedule});
    if (n % 2 == 0) node.labels.set(bed.name("disk"), bed.name("ssd"));
    node.unschedulable = n == 7;
    bed.snapshot.add_node(node);
  }
  for (std::uint64_t step = 0; step < 400; ++step) {
    PodShape s = test::shape_of(100 * (1 + static_cast<std::int64_t>(draw.below(6, step, 0))), 300);
    if (draw.below(3, step, 1) == 0) s.node_selector.emplace_back(bed.name("disk"), bed.name("ssd"));
    if (draw.below(4, step, 2) == 0) s.tolerations.push_back({bed.name("team"), {}, true, {}, {}});
    if (draw.below(5, step, 3) == 0) s.host_ports.push_back({8080, {}, {}});
    const ShapeId shape = bed.shapes.intern(s);
    const auto row = static_cast<Row>(draw.below(12, step, 4));
    const bool fits = bed.sim.fits(shape, row);
    CHECK(fits == bed.framework.filter_row({bed.snapshot, bed.shapes, bed.names}, shape, row, bed.scratch).ok());
    if (fits) bed.sim.place(row, bed.new_pod(), shape);
  }
}

}  // namespace plimsoll::eks
