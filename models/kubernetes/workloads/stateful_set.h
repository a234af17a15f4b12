#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/kubernetes/workloads/int_or_percent.h"
#include "sim/core/time.h"

namespace plimsoll::kubernetes {

/// spec of a StatefulSet, as far as it says how pods come, go and are replaced.
struct StatefulSetStrategy {
  bool parallel = false;       ///< podManagementPolicy Parallel
  std::int64_t partition = 0;  ///< updateStrategy.rollingUpdate.partition
  bool on_delete = false;      ///< updateStrategy.type OnDelete: no pod is deleted for its revision
  Duration min_ready{};
  /// updateStrategy.rollingUpdate.maxUnavailable, at least 1 pod; none: the gate MaxUnavailableStatefulSet is off, and
  /// an update takes one pod at a time.
  std::optional<IntOrPercent> max_unavailable{};
};

/// The pod of one ordinal.
struct StatefulPod {
  bool exists = false;
  bool terminating = false;
  bool available = false;  ///< Running and Ready for minReadySeconds
  bool updated = false;    ///< of the update revision
};

/// What to do now, by ordinal.
struct StatefulStep {
  std::vector<std::int64_t> create, stop;
};

/// One reconcile. `pods`: by ordinal; those from `replicas` on are to go. OrderedReady does one thing at a time: the
/// lowest missing ordinal once all below it are available, else the highest that is to go once all others are. Parallel
/// does all of that at once. Then, one pod at a time in both: the highest ordinal at or above the partition that is not
/// updated is deleted, while all above it are available. With maxUnavailable (a percentage of the replicas is rounded
/// down): as many from the highest ordinal on as may be unavailable beside all those that are so already, of whatever
/// revision. OrderedReady brings them back one by one all the same before it deletes the next.
/// Source: pkg/controller/statefulset/stateful_set_control.go updateStatefulSet (1.20.2; minReadySeconds since 1.22),
/// updateStatefulSetAfterInvariantEstablished and getStatefulSetMaxUnavailable (1.24, gate on by default from 1.35).
StatefulStep stateful_step(const StatefulSetStrategy& strategy, std::int64_t replicas,
                           const std::vector<StatefulPod>& pods);

}  // namespace plimsoll::kubernetes
