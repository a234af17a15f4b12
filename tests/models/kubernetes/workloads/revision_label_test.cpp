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

TEST_CASE("a term of pod affinity that goes by the revision tells them apart too") {
  World world = plimsoll::testing::small_world();
  const WorkloadId web = plimsoll::testing::add_workload(world, "web", 100, 64);
  PodShape shape = world.shapes[world.workload(web).shape];
  PodAffinityTerm term;
  term.topology_key = world.names.intern("kubernetes.io/hostname");
  term.mismatch_label_keys = {world.names.intern(kPodTemplateHash)};
  shape.anti_preferred = {{10, term}};
  const ShapeId keyed = world.shapes.intern(shape);
  CHECK(shape_of_revision(world, keyed, 1, kPodTemplateHash) != shape_of_revision(world, keyed, 2, kPodTemplateHash));
}

TEST_CASE("pods of a revision with another image say so to the scheduler") {
  World world = plimsoll::testing::small_world();
  const WorkloadId web = plimsoll::testing::add_workload(world, "web", 100, 64);
  PodShape shape = world.shapes[world.workload(web).shape];
  shape.images = {world.names.intern("web:latest"), world.names.intern("sidecar:1")};
  world.edit_workload(web).shape = world.shapes.intern(shape);
  world.edit_workload(web).images = {{world.names.intern("web"), mebibytes(10)}};
  PodTemplate next = world.workload(web);
  next.images = {{world.names.intern("web:2"), mebibytes(10)}};
  world.deploy(web, next);
  const ShapeId first = world.workload(web).shape;
  CHECK(shape_of_revision(world, web, first, 1, kPodTemplateHash) == first);
  const ShapeId second = shape_of_revision(world, web, first, 2, kPodTemplateHash);
  CHECK(world.names.text(world.shapes[second].images[0]) == "web:2");
  CHECK(world.names.text(world.shapes[second].images[1]) == "sidecar:1");
}

}  // namespace
}  // namespace plimsoll::kubernetes
