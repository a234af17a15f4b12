#pragma once

#include <cstdint>
#include <optional>

#include "sim/document/fields.h"

namespace plimsoll::eks {

/// How the VPC CNI gives addresses to pods.
enum class IpMode : std::uint8_t {
  secondary_ip,       ///< one address a pod
  prefix_delegation,  ///< /28 prefixes: 16 addresses in each slot (Nitro, CNI 1.9 and later)
};

struct EniLimits {
  std::int64_t enis = 0;  ///< of the default network card
  std::int64_t ipv4_per_eni = 0;
  bool nitro = true;  ///< Xen instances cannot use prefixes
};

/// ENIs x (addresses - 1) + 2: the primary address of each ENI is not for pods, and the two host-network daemons
/// (aws-node, kube-proxy) need none. With custom networking the first ENI carries no pods. Prefixes multiply by 16; a
/// Xen instance falls back to single addresses. Not capped: this is the figure of the image's own table.
/// SOURCE: aws/amazon-vpc-cni-k8s v1.23.1 misc/eni-max-pods.txt (all 1,391 rows).
std::int64_t max_pods(const EniLimits& limits, IpMode mode = IpMode::secondary_ip, bool custom_networking = false);

/// max_pods capped as the calculator script does: 110 up to 30 vCPU, 250 above.
/// SOURCE: awslabs/amazon-eks-ami templates/al2/runtime/max-pods-calculator.sh.
std::int64_t calculator_max_pods(const EniLimits& limits, std::int64_t vcpu, IpMode mode = IpMode::secondary_ip,
                                 bool custom_networking = false);

/// The add-on's settings of a column. SOURCE: aws/amazon-vpc-cni-k8s v1.23.1 README (defaults of the variables).
struct VpcCni {
  IpMode mode = IpMode::secondary_ip;       ///< ENABLE_PREFIX_DELEGATION
  bool custom_networking = false;           ///< AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG
  std::int64_t warm_enis = 1;               ///< WARM_ENI_TARGET
  std::int64_t warm_prefixes = 1;           ///< WARM_PREFIX_TARGET, with prefixes
  std::optional<std::int64_t> warm_ips;     ///< WARM_IP_TARGET; takes the place of the two above
  std::optional<std::int64_t> minimum_ips;  ///< MINIMUM_IP_TARGET
};

/// Reads `vpcCni`, a mapping of the add-on's variables.
VpcCni read_vpc_cni(document::Fields& column);

/// Pods of a node: the image's table in its plain mode, the calculator's figure with prefixes or custom networking,
/// 110 where the type's interfaces are unknown.
std::int64_t node_max_pods(const VpcCni& cni, const EniLimits& limits, std::int64_t vcpu);

/// VPC addresses that a node with `pods` pods on pod addresses holds, the warm ones and the primaries included: what
/// its subnet gives up. Interfaces are attached whole, prefixes come by 16. SOURCE: aws/amazon-vpc-cni-k8s
/// docs/eni-and-ip-target.md.
std::int64_t addresses_held(const VpcCni& cni, const EniLimits& limits, std::int64_t pods);

}  // namespace plimsoll::eks
