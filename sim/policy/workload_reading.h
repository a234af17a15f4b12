#pragma once

#include <cstdint>
#include <string_view>

#include "sim/cluster/world.h"

namespace plimsoll {

/// What one look at a workload tells: the counters and the gauges that metric pipelines read.
struct WorkloadReading {
  Time at{};
  Usage usage;
  std::int64_t serving = 0, started = 0, pending = 0, desired = 0;
};
/// @pre the service model has settled.
WorkloadReading read_workload(const World& world, WorkloadId workload);

/// Mean resident bytes of all started pods over the time between two readings: what a pod holds by itself, plus what
/// each request that it works on takes (Little: requests in a pod = the time they spent there over the span). Time
/// spent waiting for other applications is not in it.
double mean_memory(const Workload& workload, const WorkloadReading& before, const WorkloadReading& now);

/// What can be measured of a workload between two readings. Counters are rates a second, gauges the later value.
enum class Measure : std::uint8_t {
  arrived,    ///< requests/s
  served,     ///< requests/s
  lost,       ///< requests/s
  backlog,    ///< requests that wait
  in_flight,  ///< mean requests that are worked on
  cpu,        ///< mean cores used by its pods, start-up included
  memory,     ///< mean bytes resident
  replicas,   ///< pods in traffic
  running,    ///< pods whose containers run
  desired,    ///< pods wanted
};
inline constexpr std::string_view kMeasureNames[] = {"arrived", "served", "lost",     "backlog", "inFlight",
                                                     "cpu",     "memory", "replicas", "running", "desired"};

/// 0 when no time lies between the readings.
double measure(Measure what, const Workload& workload, const WorkloadReading& before, const WorkloadReading& now);

}  // namespace plimsoll
