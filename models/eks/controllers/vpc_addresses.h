#pragma once

#include <memory>

#include "models/aws/catalogue.h"
#include "models/eks/node/vpc_cni.h"
#include "sim/cluster/world.h"

namespace plimsoll::eks {

/// What the VPC CNI's settings cost a subnet: the addresses that nodes hold, in use or warm, with their primary ones. A
/// question to a world, which changes nothing. Left out: subnets that run out of addresses.
class VpcAddresses : public ComponentOf<VpcAddresses> {
 public:
  VpcAddresses(VpcCni cni, std::shared_ptr<const aws::Catalogue> catalogue)
      : cni_(cni), catalogue_(std::move(catalogue)) {}

  void handle(World&, const Event&) override {}

  /// Pods of the node that have an address of their own: all but those on the host's network.
  static std::int64_t pods_with_address(const World& world, NodeId node);
  /// 0 for a node that has no interfaces of a VPC, and before it has joined.
  std::int64_t held(const World& world, NodeId node) const;

 private:
  VpcCni cni_;
  std::shared_ptr<const aws::Catalogue> catalogue_;
};

}  // namespace plimsoll::eks
