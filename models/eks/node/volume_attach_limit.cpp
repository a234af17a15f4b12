#include "models/eks/node/volume_attach_limit.h"

#include <algorithm>

namespace plimsoll::eks {

namespace {

constexpr std::int64_t kLeastDedicated = 32;  // the largest shared limit is that of older metal, 31
constexpr std::int64_t kUnknownShared = 27;   // what the driver takes a type for that it does not know
constexpr std::int64_t kXen = 39;
constexpr std::int64_t kRootVolumes = 1;

}  // namespace

std::int64_t volume_attach_limit(const aws::InstanceType& type, const VpcCni& cni) {
  const bool xen = !type.bare_metal && type.generation < 5 && type.arch == aws::Architecture::x86_64 &&
                   (type.ebs_max_volumes >= kXen || type.family == "t2" || type.family == "m4" || type.family == "c4" ||
                    type.family == "r4");
  if (xen) return kXen - kRootVolumes;
  const std::int64_t own = type.ebs_max_volumes > 0 ? type.ebs_max_volumes : kUnknownShared;
  if (own >= kLeastDedicated) return own - kRootVolumes;
  const bool warm_interface = cni.mode == IpMode::secondary_ip && cni.warm_enis > 0 && !cni.warm_ips;
  const std::int64_t more = warm_interface && type.max_enis > 1 ? std::min(cni.warm_enis, type.max_enis - 1) : 0;
  return std::max<std::int64_t>(1, own - more - kRootVolumes);
}

}  // namespace plimsoll::eks
