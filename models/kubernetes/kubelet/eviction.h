#pragma once

#include <cstdint>
#include <span>

#include "models/kubernetes/api/objects.h"
#include "sim/core/id.h"
#include "sim/core/units.h"

namespace plimsoll::kubernetes {

enum class QosClass : std::uint8_t { guaranteed, burstable, best_effort };

/// Guaranteed: every container (init containers too) has CPU and memory limits above zero and requests equal to them;
/// BestEffort: none has a request or limit of either. SOURCE: pkg/apis/core/v1/helper/qos/qos.go ComputePodQOS (1.34).
QosClass qos_class(const api::PodTemplate& pod);

/// Pods from this priority on are critical: the kubelet never evicts them. SOURCE: pkg/apis/scheduling/types.go.
inline constexpr std::int32_t kSystemCriticalPriority = 2'000'000'000;

/// One pod of a node that runs out of memory.
struct EvictionCandidate {
  PodId pod;
  std::int32_t priority = 0;
  std::int64_t request = 0, usage = 0;  ///< bytes
};

/// The pod that goes first: one that uses more than it requests before others, then the lower priority, then the one
/// that is furthest above its request; of equals the older. None when all are critical. SOURCE:
/// pkg/kubelet/eviction/helpers.go rankMemoryPressure; eviction_manager.go evictPod (1.20 to 1.34).
PodId first_evicted(std::span<const EvictionCandidate> pods);

}  // namespace plimsoll::kubernetes
