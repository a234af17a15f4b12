#include "models/kubernetes/workloads/revision_label.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

TEST_CASE("pods of two revisions differ by their label only where a constraint goes by it") {
  World world = plimsoll::testing::small_world();
  const WorkloadId web = plimsoll::testing::add_workload(world, "web", 100, 64);
  const ShapeId plain = world.workload(web).shape;
  CHECK(shape_of_revision(world, plain, 2, kPodTemplateHash) == plain);
  PodShape shape = world.shapes[plain];
  TopologySpreadConstraint c;
  c.topology_key = world.names.intern("topology.kubernetes.io/zone");
  c.match_label_keys = {world.names.intern(kPodTemplateHash)};
  shape.spread.push_back(c);
  const ShapeId keyed = world.shapes.intern(shape);
  const ShapeId one = shape_of_revision(world, keyed, 1, kPodTemplateHash);
  const ShapeId two = shape_of_revision(world, keyed, 2, kPodTemplateHash);
  CHECK(one != two);
  CHECK(one == shape_of_revision(world, keyed, 1, kPodTemplateHash));
  CHECK(world.shapes[two].labels.has(world.names.find(kPodTemplateHash)));
  CHECK(shape_of_revision(world, keyed, 1, kControllerRevision) == keyed);
}

}  // namespace
}  // namespace plimsoll::kubernetes
