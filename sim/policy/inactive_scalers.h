#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/cluster/world.h"

namespace plimsoll {

/// A workload whose autoscaler cannot do its work.
struct InactiveScaler {
  WorkloadId workload;
  std::string why;  ///< a sentence without its full stop, in the platform's words
};

/// Of a component that scales workloads: those of which it has no metric. Each is a remark at the end of a run.
class InactiveScalers {
 public:
  virtual ~InactiveScalers() = default;
  /// In the order in which they were set up.
  virtual std::vector<InactiveScaler> inactive_scalers(const World& world) const = 0;
};

/// Why autoscalers of this workload cannot do their work.
inline std::vector<std::string> inactive_scalers_of(World& world, WorkloadId workload) {
  std::vector<std::string> out;
  world.each_component<InactiveScalers>([&](const InactiveScalers& scalers) {
    for (InactiveScaler& s : scalers.inactive_scalers(world)) {
      if (s.workload == workload) out.push_back(std::move(s.why));
    }
  });
  return out;
}

}  // namespace plimsoll
