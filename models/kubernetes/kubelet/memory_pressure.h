#pragma once

#include <cstdint>
#include <vector>

#include "models/kubernetes/controllers/node_updates.h"
#include "models/kubernetes/kubelet/eviction.h"
#include "sim/cluster/memory_limits.h"
#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// SOURCE: pkg/kubelet/eviction/eviction_manager.go; KubeletConfiguration defaults.
struct MemoryPressureParameters {
  Duration period = seconds(10);     ///< monitoringInterval
  Duration transition = minutes(5);  ///< evictionPressureTransitionPeriod
  const char* taint = "node.kubernetes.io/memory-pressure";
};

/// Node-pressure eviction on the EC2 nodes of a cluster: a node on which memory.available falls below the hard
/// threshold loses one pod every period, without grace, in the kubelet's order, and is tainted
/// memory-pressure:NoSchedule until five minutes after the last sign of it. An evicted pod has Failed: its owner makes
/// another. In the log it ends with the reason evicted.
///
/// Allocatable is capacity less the reservations and the threshold, and the system is taken to use what is reserved for
/// it: the threshold is crossed when the pods together use more than is allocatable. What a pod uses: MemoryUse.
///
/// Only to be attached when some pod can use more than it requests: otherwise nothing of this can happen. Left out:
/// inode and PID pressure (the disk: disk_pressure.h), soft thresholds, the kernel's own choice (oom_score_adj) when a
/// node fills up faster than the kubelet looks.
class MemoryPressure : public ComponentOf<MemoryPressure>, public UpdatesNodes {
 public:
  explicit MemoryPressure(MemoryPressureParameters parameters) : parameters_(parameters) {}

  void start(World& world) override;
  void handle(World& world, const Event& event) override;

  /// Whether pods of this workload can use more memory than they request.
  static bool can_exceed(const Workload& workload);

 private:
  void look_at(World& world, NodeId node);

  MemoryPressureParameters parameters_;
  MemoryUse use_;
  std::vector<Time> pressed_;  ///< by node: when pressure was last seen; kTimeNever: not tainted
  std::vector<EvictionCandidate> candidates_;
};

}  // namespace plimsoll::kubernetes
