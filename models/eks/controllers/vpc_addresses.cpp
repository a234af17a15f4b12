#include "models/eks/controllers/vpc_addresses.h"

#include "models/eks/node/system_pods.h"

namespace plimsoll::eks {

std::int64_t VpcAddresses::pods_with_address(const World& world, NodeId node) {
  std::int64_t count = 0;
  for (const PodId id : world.pods_on(node)) {
    const Workload& owner = world.workload(world.pod(id).workload);
    const SystemPod* known = owner.system ? find_system_pod(world.names.text(owner.name)) : nullptr;
    count += known != nullptr && known->host_network ? 0 : 1;
  }
  return count;
}

std::int64_t VpcAddresses::held(const World& world, NodeId node) const {
  const Node& n = world.node(node);
  const bool there = n.state == NodeState::ready || n.state == NodeState::draining;
  if (n.host != HostKind::ec2 || !there || n.instance_type.is_none()) return 0;
  const aws::InstanceType* type = catalogue_->find_type(world.names.text(n.instance_type));
  if (type == nullptr || type->max_enis == 0) return 0;
  return addresses_held(cni_, {type->max_enis, type->ipv4_per_eni, true}, pods_with_address(world, node));
}

}  // namespace plimsoll::eks
