#pragma once

#include <string>

#include "sim/results/run_result.h"

namespace plimsoll::results {

/// trace.perfetto.json: replication 0 of each column in the Trace Event Format, which ui.perfetto.dev and
/// chrome://tracing open. Times are simulated microseconds from the start of the warm-up.
///
/// A column is a process with its series as counters (one sample a minute), its pods that wait for a place, and the
/// facts that belong to no node. Each node is a process of its own, whose first track is the node's life (requested,
/// booting, ready, draining, shutting down) and whose others are its pods; microVMs of Fargate hold one pod each and
/// share one process. A pod is a slice of its name with its phases inside. Tracks are reused once they are free, so a
/// column has as many of them as it ever ran at once. What had not ended at the end of the window ends there.
/// SOURCE: "Trace Event Format" of the Chromium project (phases X, C, i and M).
std::string perfetto_json(const Comparison& comparison);

}  // namespace plimsoll::results
