#include "models/eks/cluster_autoscaler/utilization.h"

#include <doctest/doctest.h>

#include "tests/models/eks/fixture.h"

namespace plimsoll::eks::ca {

TEST_CASE("the larger share counts and daemons do by default") {
  const ResourceVector node = test::room(2000, 8000);
  std::vector<UtilizationPod> pods(3);
  pods[0].requests = test::room(500, 1000);
  pods[1].requests = test::room(100, 200);
  pods[1].daemonset = true;
  pods[2].requests = test::room(400, 400);
  pods[2].long_terminating = true;
  const Utilization all = node_utilization(node, pods, {});
  CHECK(all.cpu == doctest::Approx(600.0 / 2000));
  CHECK(all.memory == doctest::Approx(1200.0 / 8000));
  CHECK(all.resource == Resource::cpu);
  // Ignored daemons leave both sides: 500 of 1900.
  const Utilization without = node_utilization(node, pods, {.ignore_daemonsets = true});
  CHECK(without.value == doctest::Approx(500.0 / 1900));
  CHECK(node_utilization(node, {}, {}).resource == Resource::memory);
}

TEST_CASE("GPU nodes are judged by their GPUs alone") {
  ResourceVector node = test::room(2000, 8000);
  node[Resource::gpus] = 4;
  UtilizationPod pod;
  pod.requests = test::room(1900, 100);
  pod.requests[Resource::gpus] = 1;
  CHECK(node_utilization(node, std::span(&pod, 1), {}).value == doctest::Approx(0.25));
}

TEST_CASE("a row of the snapshot gives the same as its list of pods") {
  test::Bed bed;
  const Row row = bed.add_node("n0", test::room(4000, 8000), 0);
  bed.place(row, test::shape_of(700, 512));
  PodShape daemon = test::shape_of(150, 64);
  daemon.is_daemon = true;
  bed.place(row, daemon);
  const Utilization plain = node_utilization(bed.snapshot, row, bed.shapes, bed.facts, {}, kTimeZero);
  CHECK(plain.cpu == doctest::Approx(850.0 / 4000));
  const Utilization ignoring = node_utilization(bed.snapshot, row, bed.shapes, bed.facts, {true, false}, kTimeZero);
  CHECK(ignoring.cpu == doctest::Approx(700.0 / 3850));
}

}  // namespace plimsoll::eks::ca
