#include "models/eks/node/kube_reserved.h"

#include <algorithm>
#include <array>

namespace plimsoll::eks {

namespace {

struct CpuRange {
  std::int64_t from_milli, to_milli, per_ten_thousand;
};

constexpr std::array<CpuRange, 4> kCpuRanges{{
    {0, 1000, 600},
    {1000, 2000, 100},
    {2000, 4000, 50},
    {4000, INT64_MAX, 25},
}};

constexpr std::int64_t kMillion = 1'000'000;

}  // namespace

KubeReserved kube_reserved(std::int64_t vcpu, std::int64_t eni_max_pods) {
  std::int64_t milli = 0;
  for (const CpuRange& range : kCpuRanges) {
    const std::int64_t inside = std::min(vcpu * 1000, range.to_milli) - range.from_milli;
    if (inside > 0) milli += inside * range.per_ten_thousand / 10'000;
  }
  return {cpu_millis(milli), mebibytes(11 * eni_max_pods + 255), gibibytes(1)};
}

NodeSize node_size(const NodeSizeInput& input) {
  const std::int64_t pods = input.max_pods > 0 ? input.max_pods : input.eni_max_pods;
  const KubeReserved reserved =
      kube_reserved(input.vcpu, input.image == NodeImage::bottlerocket ? pods : input.eni_max_pods);
  const Bytes disk = input.ephemeral_storage.raw() > 0 ? input.ephemeral_storage : gibibytes(20);
  NodeSize size;
  size.capacity.set_cpu(cpu_cores(input.vcpu));
  const auto lost = static_cast<std::int64_t>(
      (static_cast<__int128>(input.memory.raw()) * input.memory_overhead.raw() + kMillion - 1) / kMillion);
  size.capacity.set_memory(input.memory - Bytes{lost});
  size.capacity[Resource::ephemeral_storage] = disk.raw();
  size.capacity[Resource::pods] = pods;
  size.allocatable = size.capacity;
  size.allocatable[Resource::cpu] = std::max<std::int64_t>(0, (size.capacity.cpu() - reserved.cpu).raw());
  size.allocatable[Resource::memory] =
      std::max<std::int64_t>(0, (size.capacity.memory() - reserved.memory - kEvictionHardMemory).raw());
  size.allocatable[Resource::ephemeral_storage] =
      std::max<std::int64_t>(0, disk.raw() - reserved.ephemeral_storage.raw() - disk.raw() / 10);
  return size;
}

Bytes karpenter_memory_capacity(Bytes nominal, bool arm64, Ppm overhead) {
  const Bytes seen = arm64 ? nominal - mebibytes(64) : nominal;
  const __int128 lost = static_cast<__int128>(seen.raw()) * overhead.raw();
  const __int128 unit = static_cast<__int128>(kMillion) * kMiB;
  return seen - mebibytes(static_cast<std::int64_t>((lost + unit - 1) / unit));
}

Bytes karpenter_memory_allocatable(Bytes nominal, bool arm64, std::int64_t vcpu, std::int64_t eni_max_pods,
                                   Ppm overhead) {
  return karpenter_memory_capacity(nominal, arm64, overhead) - kube_reserved(vcpu, eni_max_pods).memory -
         kEvictionHardMemory;
}

}  // namespace plimsoll::eks
