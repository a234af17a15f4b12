#pragma once

#include <vector>

#include "sim/core/id.h"
#include "sim/core/time.h"

namespace plimsoll::eks::ca {

struct BackoffParams {
  Duration initial = minutes(5);      ///< --initial-node-group-backoff-duration
  Duration maximum = minutes(30);     ///< --max-node-group-backoff-duration
  Duration reset_timeout = hours(3);  ///< --node-group-backoff-reset-timeout
};

/// Exponential back-off of node groups whose scale-up failed. The first failure bars the group for `initial`; a failure
/// while it is barred starts the same window again; a failure after that doubles the window, up to `maximum`. Entries
/// older than `reset_timeout` are forgotten only by remove_stale, which the loop calls. Copyable.
/// SOURCE: kubernetes/autoscaler 1.28 cluster-autoscaler/utils/backoff/exponential_backoff.go.
class Backoff {
 public:
  explicit Backoff(const BackoffParams& params = {}) : params_(params) {}

  /// Returns the end of the window.
  Time fail(NodeGroupId group, Time now);
  /// Barred until the end of the window; free again at its last instant.
  bool is_backed_off(NodeGroupId group, Time now) const;
  /// A node of the group registered.
  void remove(NodeGroupId group);
  void remove_stale(Time now);

 private:
  struct Entry {
    NodeGroupId group;
    Duration window;
    Time until, last_failure;
  };
  BackoffParams params_;
  std::vector<Entry> entries_;
};

}  // namespace plimsoll::eks::ca
