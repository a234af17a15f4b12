#include "models/eks/node/vpc_cni.h"

#include <algorithm>

#include "sim/core/units.h"

namespace plimsoll::eks {

namespace {

/// kubelet's own default, for types that the image's table does not know.
constexpr std::int64_t kUnknownTypePods = 110;

}  // namespace

std::int64_t max_pods(const EniLimits& limits, IpMode mode, bool custom_networking) {
  const std::int64_t enis = custom_networking ? limits.enis - 1 : limits.enis;
  const std::int64_t each = mode == IpMode::prefix_delegation && limits.nitro ? 16 : 1;
  return enis * (limits.ipv4_per_eni - 1) * each + 2;
}

std::int64_t calculator_max_pods(const EniLimits& limits, std::int64_t vcpu, IpMode mode, bool custom_networking) {
  return std::min<std::int64_t>(max_pods(limits, mode, custom_networking), vcpu <= 30 ? 110 : 250);
}

VpcCni read_vpc_cni(document::Fields& column) {
  document::Fields f = column.child("vpcCni", "variables of the VPC CNI add-on, by their names");
  constexpr std::string_view kSource = "amazon-vpc-cni-k8s default";
  VpcCni cni;
  if (f.boolean("ENABLE_PREFIX_DELEGATION", false, kSource, "/28 prefixes instead of single addresses"))
    cni.mode = IpMode::prefix_delegation;
  cni.custom_networking =
      f.boolean("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", false, kSource, "pods in other subnets than their node");
  cni.warm_enis = f.integer("WARM_ENI_TARGET", 1, kSource, "interfaces held free", {0, 15});
  cni.warm_prefixes = f.integer("WARM_PREFIX_TARGET", 1, kSource, "prefixes held free", {0, 100});
  cni.warm_ips = f.optional_integer("WARM_IP_TARGET", "addresses held free", {0, 1000});
  cni.minimum_ips = f.optional_integer("MINIMUM_IP_TARGET", "addresses held at least", {0, 1000});
  return cni;
}

std::int64_t node_max_pods(const VpcCni& cni, const EniLimits& limits, std::int64_t vcpu) {
  if (limits.enis <= 0) return kUnknownTypePods;
  if (cni.mode == IpMode::secondary_ip && !cni.custom_networking) return max_pods(limits);
  return calculator_max_pods(limits, vcpu, cni.mode, cni.custom_networking);
}

std::int64_t addresses_held(const VpcCni& cni, const EniLimits& limits, std::int64_t pods) {
  const std::int64_t slots = limits.ipv4_per_eni - 1;
  const std::int64_t usable = cni.custom_networking ? limits.enis - 1 : limits.enis;
  const bool prefixes = cni.mode == IpMode::prefix_delegation && limits.nitro;
  const std::int64_t unit = prefixes ? 16 : 1;
  const std::int64_t most = usable * slots;
  std::int64_t units = div_ceil(pods, unit);  // addresses or prefixes that pods need
  if (cni.warm_ips || cni.minimum_ips) {
    const std::int64_t wanted = std::max(pods + cni.warm_ips.value_or(0), cni.minimum_ips.value_or(0));
    units = div_ceil(wanted, unit);
  } else if (prefixes) {
    units += cni.warm_prefixes;
  } else {
    // Whole interfaces: those in use, and the warm ones full of addresses.
    units = (div_ceil(pods, slots) + cni.warm_enis) * slots;
  }
  units = std::min(units, most);
  const std::int64_t attached = div_ceil(units, slots) + (cni.custom_networking ? 1 : 0);
  return units * unit + std::max<std::int64_t>(attached, 1);
}

}  // namespace plimsoll::eks
