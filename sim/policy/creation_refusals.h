#pragma once

#include <cstdint>
#include <string>

#include "sim/cluster/world.h"

namespace plimsoll {

/// Of the component that stands between controllers and the creation of pods: what it refused last.
class CreationRefusals {
 public:
  struct Refusal {
    std::int64_t count = 0;  ///< creations refused since the last one that was taken
    Time first{};            ///< of these
    std::string message;     ///< of the last, as the real system says it
  };
  virtual ~CreationRefusals() = default;
  /// Null when the last creation of the workload was taken.
  virtual const Refusal* refused(WorkloadId workload) const = 0;
};

}  // namespace plimsoll
