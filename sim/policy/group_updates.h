#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/cluster/world.h"

namespace plimsoll {

/// Of a component that brings node groups to a new image: the nodes that it started ahead, and the updates that it gave
/// up. Each of the latter is a remark at the end of a run.
class GroupUpdates {
 public:
  struct Failure {
    Time at{};
    NodeGroupId group;
    std::string message;       ///< the platform's error code, and what was in the way
    std::vector<NodeId> left;  ///< nodes that keep the older image
  };
  /// Nodes that an update adds to its group before it takes any out, and takes back when it is done.
  struct Surge {
    NodeGroupId group;
    std::int64_t nodes = 0;
    Time from{}, to = kTimeNever;  ///< of the update as a whole; never: it has not ended
  };
  virtual ~GroupUpdates() = default;
  /// In the order of time.
  virtual const std::vector<Surge>& surges() const = 0;
  /// In the order of time.
  virtual const std::vector<Failure>& failed_updates() const = 0;
};

/// Of a component that replaces the instances of groups one after the other: what has not come to its end.
class InstanceRefreshes {
 public:
  virtual ~InstanceRefreshes() = default;
  /// One sentence for each refresh that is still under way, in the order of the groups: a remark at the end of a run.
  virtual std::vector<std::string> unfinished_refreshes(const World& world) const = 0;
};

}  // namespace plimsoll
