#include "models/eks/cluster_autoscaler/template_node.h"

#include "models/aws/gpus.h"

namespace plimsoll::eks::ca {

SnapshotNode template_from_type(const aws::InstanceType& type, std::string_view region, std::string_view zone,
                                Names& names) {
  SnapshotNode node;
  node.capacity.set_cpu(cpu_cores(type.vcpu));
  node.capacity.set_memory(type.memory);
  node.capacity[Resource::pods] = kDefaultMaxPods;
  node.capacity[Resource::gpus] = aws::nvidia_gpus(type);
  node.allocatable = node.capacity;
  const auto label = [&](std::string_view key, std::string_view value) {
    node.labels.set(names.intern(key), names.intern(value));
  };
  const std::string_view arch = type.arch == aws::Architecture::arm64 ? "arm64" : "amd64";
  label("kubernetes.io/arch", arch);
  label("kubernetes.io/os", "linux");
  label("beta.kubernetes.io/arch", arch);
  label("beta.kubernetes.io/os", "linux");
  label("node.kubernetes.io/instance-type", type.name);
  label("beta.kubernetes.io/instance-type", type.name);
  label("topology.kubernetes.io/region", region);
  if (!zone.empty()) {
    label("topology.kubernetes.io/zone", zone);
    label("failure-domain.beta.kubernetes.io/zone", zone);
  }
  return node;
}

}  // namespace plimsoll::eks::ca
