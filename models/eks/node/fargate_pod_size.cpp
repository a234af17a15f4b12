#include "models/eks/node/fargate_pod_size.h"

#include <algorithm>
#include <array>

namespace plimsoll::eks {

namespace {

/// One row of the table: memory from `least` to `most` in steps, all in MiB.
struct SizeRow {
  std::int64_t cpu_milli, least, most, step;
};

constexpr std::array<SizeRow, 7> kSizes{{
    {250, 512, 2048, 512},
    {500, 1024, 4096, 1024},
    {1000, 2048, 8192, 1024},
    {2000, 4096, 16384, 1024},
    {4000, 8192, 30720, 1024},
    {8000, 16384, 61440, 4096},
    {16000, 32768, 122880, 8192},
}};

}  // namespace

std::optional<FargatePodSize> fargate_pod_size(Cpu cpu, Bytes memory) {
  const Bytes wanted = memory + kFargateSystemMemory;
  for (const SizeRow& row : kSizes) {
    if (cpu > cpu_millis(row.cpu_milli)) continue;
    if (row.cpu_milli == 250) {
      // The smallest row has 0.5, 1 and 2 GB: not an even step.
      for (const std::int64_t mib : {512, 1024, 2048}) {
        if (wanted <= mebibytes(mib)) return FargatePodSize{cpu_millis(250), mebibytes(mib)};
      }
      continue;
    }
    if (wanted > mebibytes(row.most)) continue;
    const std::int64_t steps =
        std::max<std::int64_t>(0, div_ceil(wanted.raw() - mebibytes(row.least).raw(), mebibytes(row.step).raw()));
    return FargatePodSize{cpu_millis(row.cpu_milli), mebibytes(row.least + steps * row.step)};
  }
  return std::nullopt;
}

std::optional<FargatePodSize> fargate_pod_size(std::span<const ContainerRequest> containers,
                                               std::span<const ContainerRequest> init_containers) {
  Cpu cpu;
  Bytes memory;
  for (const ContainerRequest& c : containers) {
    cpu += c.cpu;
    memory += c.memory;
  }
  for (const ContainerRequest& c : init_containers) {
    cpu = std::max(cpu, c.cpu);
    memory = std::max(memory, c.memory);
  }
  return fargate_pod_size(cpu, memory);
}

}  // namespace plimsoll::eks
