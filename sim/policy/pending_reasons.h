#pragma once

#include <string>

#include "sim/cluster/world.h"

namespace plimsoll {

/// Of the component that places pods: what keeps one from being placed.
class PendingReasons {
 public:
  virtual ~PendingReasons() = default;
  /// The sentence that the real system's user would be shown; empty when the pod is not this component's. Changes
  /// nothing of the world. @pre the pod is pending.
  virtual std::string why_pending(World& world, PodId pod) = 0;
};

}  // namespace plimsoll
