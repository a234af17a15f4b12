#pragma once

#include <cstdint>

#include "sim/cluster/pod_shape.h"
#include "sim/core/id.h"
#include "sim/core/time.h"

namespace plimsoll::kubernetes {

/// A pod in one of the scheduler's queues.
struct QueuedPod {
  PodId pod;
  ShapeId shape;
  std::int32_t priority = 0;
  Time since{};                ///< first added; after a failure: when it failed
  Time backoff_until{};        ///< not before
  std::uint32_t attempts = 0;  ///< cycles begun
  std::uint32_t rejected = 0;  ///< bit 1 << PluginId: filters that failed it on some node; 0: the cycle met an error
  std::uint64_t told = 0;      ///< digest of what its condition PodScheduled says; 0: nothing yet
};

/// PrioritySort, the QueueSort plugin: higher priority first, then the longer in the queue, then the older pod.
/// Source: pkg/scheduler/framework/plugins/queuesort/priority_sort.go (1.20.2 .. 1.34); the last rule is ours, where
/// the real clock never ties.
struct PrioritySort {
  static bool before(const QueuedPod& a, const QueuedPod& b) {
    if (a.priority != b.priority) return a.priority > b.priority;
    if (a.since != b.since) return a.since < b.since;
    return a.pod < b.pod;
  }
};

/// SchedulingGates, a PreEnqueue plugin: a pod with gates is kept out of the queues until its last one is removed.
/// Where its feature gate is off (before 1.27) the API server drops the field. Source:
/// pkg/scheduler/framework/plugins/schedulinggates (1.34).
struct SchedulingGates {
  static bool admits(const PodShape& shape) { return shape.scheduling_gates == 0; }
};

}  // namespace plimsoll::kubernetes
