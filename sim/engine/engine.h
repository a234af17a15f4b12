#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "sim/cluster/world.h"
#include "sim/load/traffic.h"
#include "sim/results/run_result.h"
#include "sim/scenario/scenario.h"

namespace plimsoll::engine {

/// One column of one replication, built and ready to run. Copyable: the copy runs on to the same hash.
struct Run {
  World world;
  HandlerId bill, traffic, recorder;
  std::vector<std::size_t> entries;  ///< indices of entry workloads in world.workloads()
};

struct RunOptions {
  bool keep_series = false;  ///< minute series
  bool keep_events = false;  ///< the log of facts
};

/// The traffic equations of a scenario's call graph; the error names a ring that multiplies its own calls, which
/// read_scenario has refused before.
Parsed<load::CallGraph> call_graph(const scenario::Scenario& scenario);

/// Builds the world of a column. Replications differ in their seed only; columns of one replication share it.
/// @pre call_graph(scenario) succeeded.
Run build(const scenario::Scenario& scenario, std::size_t column, std::int64_t replication, const RunOptions& options);

/// A reason as events.csv writes it: "node_drain"; empty for none.
std::string_view reason_name(Reason reason);
/// A fact as events.csv has it.
results::EventRow event_row(const World& world, const FactRecord& fact);

/// What a finished run has to tell. @pre run.world.run() was called.
results::RunResult summarise(Run& run, const scenario::Scenario& scenario, std::size_t column,
                             std::int64_t replication);

/// build, run, summarise.
results::RunResult run_one(const scenario::Scenario& scenario, std::size_t column, std::int64_t replication,
                           const RunOptions& options);

struct CompareOptions {
  std::int64_t replications = 0;            ///< 0: as the scenario says
  int jobs = 1;                             ///< threads
  bool keep_full = true;                    ///< series and events of replication 0
  const std::atomic<bool>* stop = nullptr;  ///< set: no further run is begun; what is finished is kept
  std::function<void(std::size_t done, std::size_t total)> progress;
};

/// Every column and replication. The result does not depend on `jobs`.
results::Comparison compare(const scenario::Scenario& scenario, const CompareOptions& options);

}  // namespace plimsoll::engine
