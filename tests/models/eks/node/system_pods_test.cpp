#include "models/eks/node/system_pods.h"

#include <doctest/doctest.h>

namespace plimsoll::eks {

TEST_CASE("every node pays 150m for its daemons") {
  Cpu cpu;
  for (const SystemPod& pod : system_pods()) {
    CHECK_FALSE(pod.source.empty());
    CHECK(pod.containers >= 1);
    if (pod.daemon && pod.use == SystemPodUse::always) cpu += pod.cpu;
  }
  CHECK(cpu == cpu_millis(150));
}

TEST_CASE("components are found by name") {
  REQUIRE(find_system_pod("coredns") != nullptr);
  CHECK(find_system_pod("coredns")->replicas == 2);
  CHECK(find_system_pod("karpenter")->memory == gibibytes(1));
  CHECK(find_system_pod("tiller") == nullptr);
}

}  // namespace plimsoll::eks
