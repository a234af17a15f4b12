#pragma once

#include <string_view>
#include <vector>

#include "sim/cluster/world.h"

namespace plimsoll::bench {

/// A cluster and the pods that come to it: workloads, and which of them the i-th pod belongs to.
struct Mix {
  std::string_view name;
  std::string_view about;
};

/// basic, spread, affinity, shapes.
std::vector<Mix> scheduler_mixes();

/// A world with `nodes` ready nodes of 16 vCPU, 64 GiB and 110 pods in three zones, and the mix's workloads. In the
/// mix "shapes" a tenth of the nodes is tainted, a tenth softly, and labels differ.
World scheduler_world(std::string_view mix, std::size_t nodes);

/// The workloads of `pods` pods in the order of their creation.
std::vector<WorkloadId> scheduler_arrivals(const World& world, std::string_view mix, std::size_t nodes,
                                           std::size_t pods);

}  // namespace plimsoll::bench
