#include "models/eks/karpenter/node_pool.h"

#include <algorithm>
#include <numeric>

namespace plimsoll::eks::karpenter {

std::vector<aws::NodeVolume> default_volumes(const NodeClass& node_class) {
  std::vector<aws::NodeVolume> out;
  if (node_class.ami_family == "Bottlerocket") out.push_back({4});
  out.push_back({node_class.root_volume.raw() / kGiB});
  return out;
}

Bytes NodeClass::disk(const aws::InstanceType& type) const {
  constexpr std::int64_t kDecimalGB = 1'000'000'000;
  return instance_store && type.local_nvme_gb > 0 ? Bytes{type.local_nvme_gb * kDecimalGB} : root_volume;
}

std::vector<std::size_t> pools_by_weight(const std::vector<NodePool>& pools) {
  std::vector<std::size_t> order(pools.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return pools[a].weight != pools[b].weight ? pools[a].weight > pools[b].weight : pools[a].name > pools[b].name;
  });
  return order;
}

}  // namespace plimsoll::eks::karpenter
