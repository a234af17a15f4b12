#include "models/eks/karpenter/well_known_labels.h"

#include <doctest/doctest.h>

namespace plimsoll::eks::karpenter {

TEST_CASE("labels of instances have the domain of Karpenter's provider, or of EKS in Auto Mode") {
  Names names;
  const WellKnownLabels own(names), by_eks(names, true);
  const auto key = [&](const char* text) { return names.intern(text); };
  for (const char* text : {"topology.kubernetes.io/zone", "topology.k8s.aws/zone-id", "karpenter.sh/capacity-type",
                           "node.kubernetes.io/instance-type", "node.kubernetes.io/windows-build"}) {
    CAPTURE(text);
    CHECK(own.contains(key(text)));
    CHECK(by_eks.contains(key(text)));
  }
  for (const char* name : {"instance-family", "instance-cpu-sustained-clock-speed-mhz", "instance-capability-flex"}) {
    CAPTURE(name);
    CHECK(own.contains(key(own.instance_label(name).c_str())));
    CHECK_FALSE(own.contains(key(by_eks.instance_label(name).c_str())));
    CHECK(by_eks.contains(key(by_eks.instance_label(name).c_str())));
    CHECK_FALSE(by_eks.contains(key(own.instance_label(name).c_str())));
  }
  CHECK(own.contains(key("karpenter.k8s.aws/instance-tenancy")));
  CHECK(by_eks.contains(key("eks.amazonaws.com/compute-type")));
  CHECK_FALSE(own.contains(key("eks.amazonaws.com/compute-type")));
  CHECK(names.text(own.node_class) == "karpenter.k8s.aws/ec2nodeclass");
  CHECK(names.text(by_eks.node_class) == "eks.amazonaws.com/nodeclass");
  CHECK_FALSE(own.contains(key("team")));
}

TEST_CASE("domains of Kubernetes and Karpenter are restricted, with their exceptions") {
  for (const char* key : {"kubernetes.io/colour", "topology.kubernetes.io/rack", "karpenter.sh/pool",
                          "karpenter.k8s.aws/instance-famly", "kubernetes.io/hostname", "beta.kubernetes.io/rack"}) {
    CAPTURE(key);
    CHECK(is_restricted_label(key, false));
  }
  for (const char* key : {"team", "example.com/team", "node.kubernetes.io/team", "node-restriction.kubernetes.io/team",
                          "kops.k8s.io/instancegroup", "eks.amazonaws.com/instance-famly"}) {
    CAPTURE(key);
    CHECK_FALSE(is_restricted_label(key, false));
  }
  CHECK(is_restricted_label("eks.amazonaws.com/instance-famly", true));
}

}  // namespace plimsoll::eks::karpenter
