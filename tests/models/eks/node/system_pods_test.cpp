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

TEST_CASE("system pods bear the labels by which a Fargate profile finds them") {
  Names names;
  const auto value = [&](std::string_view pod, std::string_view key) {
    const NameId label = labels_of(*find_system_pod(pod), names).find(names.intern(key));
    return label.is_none() ? std::string() : std::string(names.text(label));
  };
  CHECK(value("coredns", "k8s-app") == "kube-dns");
  CHECK(value("coredns", "eks.amazonaws.com/component") == "coredns");
  CHECK(value("metrics-server", "k8s-app") == "metrics-server");
  CHECK(value("aws-load-balancer-controller", "app.kubernetes.io/name") == "aws-load-balancer-controller");
  CHECK(value("karpenter", "k8s-app").empty());
}

TEST_CASE("components are found by name") {
  REQUIRE(find_system_pod("coredns") != nullptr);
  CHECK(find_system_pod("coredns")->replicas == 2);
  CHECK(find_system_pod("karpenter")->memory == gibibytes(1));
  CHECK(find_system_pod("tiller") == nullptr);
}

}  // namespace plimsoll::eks
