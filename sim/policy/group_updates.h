#pragma once

#include <string>
#include <vector>

#include "sim/cluster/world.h"

namespace plimsoll {

/// Of a component that brings node groups to a new image: the updates that it gave up. Each is a remark at the end of
/// a run.
class GroupUpdates {
 public:
  struct Failure {
    Time at{};
    NodeGroupId group;
    std::string message;       ///< the platform's error code, and what was in the way
    std::vector<NodeId> left;  ///< nodes that keep the older image
  };
  virtual ~GroupUpdates() = default;
  /// In the order of time.
  virtual const std::vector<Failure>& failed_updates() const = 0;
};

}  // namespace plimsoll
