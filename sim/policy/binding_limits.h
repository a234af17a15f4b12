#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "sim/cluster/world.h"

namespace plimsoll {

/// For how long of the counted window a limit held something back. By value; told at each look of who knows.
class LimitClock {
 public:
  /// From now on the limit binds, or does not.
  void set(const World& world, bool binds) {
    if (binds_) total_ += counted(world, world.now());
    binds_ = binds;
    since_ = world.now();
  }
  bool binds() const { return binds_; }
  /// Of the window, 0 to 1. @pre the run has ended.
  double share(const World& world) const {
    const Duration window = world.end - world.window_start;
    const Duration bound = total_ + (binds_ ? counted(world, world.end) : Duration{});
    return window > Duration{} ? static_cast<double>(bound.count()) / static_cast<double>(window.count()) : 0;
  }

 private:
  Duration counted(const World& world, Time until) const {
    return std::max(until - std::max(since_, world.window_start), Duration{});
  }

  bool binds_ = false;
  Time since_{};
  Duration total_{};
};

/// Of a component that works under limits other than the maxima of applications: quotas of the account, sizes of
/// groups, limits of pools. A limit binds while something waits that it alone keeps back; standing at it is not
/// enough.
class BindingLimits {
 public:
  struct Limit {
    std::string name;  ///< as the report says it: "the maximum of node group m5"
    double share = 0;  ///< of the window
  };
  virtual ~BindingLimits() = default;
  /// Those that bound at all. @pre the run has ended.
  virtual std::vector<Limit> binding_limits(const World& world) const = 0;
};

}  // namespace plimsoll
