#include "models/eks/node/vpc_cni.h"

#include <algorithm>

namespace plimsoll::eks {

std::int64_t max_pods(const EniLimits& limits, IpMode mode, bool custom_networking) {
  const std::int64_t enis = custom_networking ? limits.enis - 1 : limits.enis;
  const std::int64_t each = mode == IpMode::prefix_delegation && limits.nitro ? 16 : 1;
  return enis * (limits.ipv4_per_eni - 1) * each + 2;
}

std::int64_t calculator_max_pods(const EniLimits& limits, std::int64_t vcpu, IpMode mode, bool custom_networking) {
  return std::min<std::int64_t>(max_pods(limits, mode, custom_networking), vcpu <= 30 ? 110 : 250);
}

}  // namespace plimsoll::eks
