#include "models/eks/cluster_autoscaler/template_node.h"

#include <doctest/doctest.h>

namespace plimsoll::eks::ca {

TEST_CASE("an empty group is overestimated: nominal memory, 110 pods, nothing reserved") {
  aws::InstanceType type;
  type.name = "m5.large";
  type.vcpu = 2;
  type.memory = gibibytes(8);
  type.eks_max_pods = 29;
  Names names;
  const SnapshotNode node = template_from_type(type, "us-east-1", "us-east-1a", names);
  CHECK(node.allocatable.cpu() == cpu_cores(2));
  CHECK(node.allocatable.memory() == gibibytes(8));
  CHECK(node.allocatable[Resource::pods] == 110);
  CHECK(node.labels.find(names.find("topology.kubernetes.io/zone")) == names.find("us-east-1a"));
  CHECK(node.labels.find(names.find("kubernetes.io/arch")) == names.find("amd64"));
}

}  // namespace plimsoll::eks::ca
