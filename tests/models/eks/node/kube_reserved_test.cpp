#include "models/eks/node/kube_reserved.h"

#include <doctest/doctest.h>

namespace plimsoll::eks {

TEST_CASE("kube-reserved CPU follows the ranges of the image") {
  // 60 + 10 + 2 x 5 + (n - 4) x 2.5
  CHECK(kube_reserved(1, 8).cpu == cpu_millis(60));
  CHECK(kube_reserved(2, 29).cpu == cpu_millis(70));
  CHECK(kube_reserved(4, 58).cpu == cpu_millis(80));
  CHECK(kube_reserved(8, 58).cpu == cpu_millis(90));
  CHECK(kube_reserved(48, 234).cpu == cpu_millis(190));
  CHECK(kube_reserved(96, 737).cpu == cpu_millis(310));
  CHECK(kube_reserved(2, 29).memory == mebibytes(11 * 29 + 255));
}

TEST_CASE("an m5.large gives at most 1930m and 7518 MiB to 29 pods") {
  const NodeSize size = node_size({.vcpu = 2, .memory = gibibytes(8), .ephemeral_storage = {}, .eni_max_pods = 29});
  CHECK(size.allocatable.cpu() == cpu_millis(1930));
  CHECK(size.allocatable.memory() == mebibytes(8192 - 574 - 100));
  CHECK(size.allocatable[Resource::pods] == 29);
  CHECK(size.capacity.memory() == gibibytes(8));
  // 20 GiB - 1 GiB - 2 GiB
  CHECK(size.allocatable[Resource::ephemeral_storage] == 17 * kGiB);
}

TEST_CASE("a user's maxPods changes the pods and not the reserve") {
  const NodeSize plain = node_size({.vcpu = 2, .memory = gibibytes(8), .ephemeral_storage = {}, .eni_max_pods = 29});
  const NodeSize dense =
      node_size({.vcpu = 2, .memory = gibibytes(8), .ephemeral_storage = {}, .eni_max_pods = 29, .max_pods = 110});
  CHECK(dense.allocatable[Resource::pods] == 110);
  CHECK(dense.allocatable.memory() == plain.allocatable.memory());
}

TEST_CASE("Karpenter takes 7.5 % of the memory away, rounded up, and 64 MiB on arm64 before") {
  // 16384 - 64 = 16320; 7.5 % = 1224 exactly
  CHECK(karpenter_memory_capacity(gibibytes(16), true) == mebibytes(15096));
  // 8192 x 0.075 = 614.4
  CHECK(karpenter_memory_capacity(gibibytes(8), false) == mebibytes(8192 - 615));
  CHECK(karpenter_memory_allocatable(gibibytes(8), false, 2, 29) == mebibytes(8192 - 615 - 574 - 100));
}

}  // namespace plimsoll::eks
