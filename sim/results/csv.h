#pragma once

#include <string>
#include <string_view>

#include "sim/results/run_result.h"

namespace plimsoll::results {

/// A CSV field, quoted when it must be (RFC 4180).
std::string csv_field(std::string_view text);

/// series.csv: `minute,at_us` and then one column for each series of each platform, named "platform:series (unit)";
/// row k is the instant window start + k minutes. Replication 0. Whole numbers.
std::string series_csv(const Comparison& comparison);

/// events.csv: lifecycle facts of replication 0 of each column in order of time, exact microseconds of simulated time
/// (the window starts at `window_start_us` of summary.json). CPU in 1/1,024,000 of a vCPU, memory in bytes.
std::string events_csv(const Comparison& comparison);

/// The header of events.csv.
inline constexpr char kEventsHeader[] =
    "platform,at_us,fact,reason,node,pod,workload,group,instance_type,zone,purchase,host,cpu_ticks,memory_bytes,value";

}  // namespace plimsoll::results
