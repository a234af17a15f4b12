#pragma once

#include <cstdint>
#include <vector>

#include "sim/cluster/world.h"

namespace plimsoll {

/// Bytes that one pod of each workload holds: its resident set, and what each request in work takes on top, at the mean
/// over the workload's pods since the last look (Little: requests in work = the time they spent over the span).
class MemoryUse {
 public:
  /// Reads the counters of all workloads.
  void look(World& world);
  std::int64_t of(WorkloadId workload) const { return each_[workload.index()]; }

 private:
  struct Counters {
    __int128 in_flight = 0, started_time = 0;
  };
  std::vector<Counters> last_;
  std::vector<std::int64_t> each_;
};

/// Containers that outgrow their memory limit under load are killed by the kernel (exit code 137), on every platform;
/// what follows is the rule of their host's agent. Looked for every `kPeriod`; the pods of a workload are alike, so all
/// that are in traffic then go. A pod that is too large without any request is killed at its start (HostAgent).
/// SOURCE: Linux cgroup v2, memory.max. Left out: pods of one workload that differ.
class MemoryLimits : public ComponentOf<MemoryLimits> {
 public:
  static constexpr Duration kPeriod = seconds(10);

  /// `agent`: the HostAgent.
  explicit MemoryLimits(HandlerId agent) : agent_(agent) {}
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  /// Whether the pods of a workload can outgrow their limit under load; without any, the component is not needed.
  static bool concerns(const Workload& workload) {
    return workload.memory_limit.raw() > 0 && workload.memory_per_request.raw() > 0;
  }

 private:
  HandlerId agent_;
  MemoryUse use_;
  std::vector<PodId> kills_;
};

/// Attaches MemoryLimits when a workload is concerned.
void attach_memory_limits(World& world, HandlerId agent);

}  // namespace plimsoll
